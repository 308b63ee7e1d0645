"""The log: one event a line with its time in UTC, JSON for machines or text for people. Everything passes `scrubbed`.

structlog renders what Python's own `logging` collects, so that libraries' lines have the same fields as ours.
https://www.structlog.org/en/stable/standard-library.html#rendering-using-structlog-based-formatters-within-logging
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from backend.kit.telemetry.context import request_fields
from backend.kit.telemetry.scrubbing import scrubbed, words_of

PLACES = 12
"""Of a stack, the innermost ones: where it happened, and how it came there."""
FIELDS = ("route", "took_ms")
"""What a line may have besides its words: `logger.info(..., extra={"route": ...})`."""
_OWN = ("time", "level", "logger", "request_id", "account_id")


def configure_logs(style: str, stream: TextIO | None = None) -> None:
    """From now on everything that is logged in this process, from INFO on, goes to `stream` (stderr) in that form:
    `json` or `text`.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter(style))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name in ("alembic", "httpx", "stripe"):  # at INFO they tell of each request, with its address
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers, logging.getLogger(name).propagate = [], True


def formatter(style: str) -> logging.Formatter:
    """How a record becomes a line."""
    common: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(allow=FIELDS),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        _add_request,
        _add_error,
        _scrub,
    ]
    render: Processor = structlog.processors.JSONRenderer(ensure_ascii=False) if style == "json" else _as_text
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=common,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
    )


def _add_request(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    for name, value in request_fields().items():
        event.setdefault(name, value)
    return event


def _add_error(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """What was raised: its type and message, and its places. Not the source lines, which may quote what was typed."""
    raised = event.pop("exc_info", None)
    if raised is True:
        raised = sys.exc_info()
    error = raised[1] if isinstance(raised, tuple) else raised
    if isinstance(error, BaseException):
        event["error"] = words_of(error)
        event["places"] = places_of(error)
    return event


def places_of(error: BaseException) -> list[str]:
    """Where it came up, innermost last: `file:line function`."""
    frames = traceback.extract_tb(error.__traceback__)[-PLACES:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


def _scrub(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    for name, value in event.items():
        if isinstance(value, str) and not name.startswith("_") and name not in _OWN:
            event[name] = scrubbed(value)
    return event


def _as_text(_logger: WrappedLogger, _method: str, event: MutableMapping[str, Any]) -> str:
    """`18:03:07 INFO backend.worker: send refunds lags [request_id=...]`, and the places below."""
    fields = dict(event)
    time, level, logger = (str(fields.pop(name, "")) for name in ("time", "level", "logger"))
    words, places = str(fields.pop("event", "")), fields.pop("places", [])
    more = " ".join(f"{name}={value}" for name, value in fields.items())
    line = f"{time[11:19]} {level.upper()} {logger}: {words}" + (f" [{more}]" if more else "")
    return "\n  ".join([line, *places])
