"""What endpoints share: the database, the clock, and how errors become answers. Nothing here logs a body or a query."""

import logging
from collections.abc import Sequence
from datetime import datetime
from http import HTTPMethod, HTTPStatus
from typing import Annotated, Any, cast

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.kit.clock import Clock, iso_instant
from backend.kit.database import Database
from backend.kit.errors import (
    BusinessError,
    InternalError,
    InvalidPayload,
    NotFound,
    PayloadTooLarge,
    ServiceUnavailable,
    render,
)
from backend.kit.request_head import refused_head
from backend.kit.telemetry.requests import RequestLogMiddleware

logger = logging.getLogger(__name__)


async def _database(request: Request) -> Database:
    return cast(Database, request.app.state.database)


async def _now(request: Request) -> datetime:
    return cast(Clock, request.app.state.now)()


DatabaseDep = Annotated[Database, Depends(_database)]
"""Endpoints open and end their transaction on it within themselves: `with database.write() as session`.

A session as a dependency would be held while FastAPI waits for a thread to write the answer with, and those threads
may all be waiting for the one writer that SQLite has: nothing would move until a time-out.
"""

NowDep = Annotated[datetime, Depends(_now)]
"""The instant at which the request is handled."""


def json_answer(body: BaseModel) -> Response:
    """A list as it goes out, for endpoints that name its model as `response_model`.

    Written in the endpoint's own thread: FastAPI takes another one for it, after looking at every row once more.
    """
    return Response(body.model_dump_json().encode(), media_type="application/json")


def error_response(error: BusinessError) -> JSONResponse:
    """The answer to a business error."""
    wait_s = error.extra.get("retry_after_s")
    headers = None if wait_s is None else {"Retry-After": str(wait_s)}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers = {"WWW-Authenticate": "Bearer"}
    return JSONResponse(render(error), error.status, headers=headers)


class Backend(FastAPI):
    """FastAPI, with one layer around all of its own: it too answers, and not in our shape."""

    def build_middleware_stack(self) -> ASGIApp:
        state = self.state
        answering = ResponseHeadersMiddleware(
            super().build_middleware_stack(),
            lambda: cast(Clock, state.now)(),
            state.settings.public_path,
            state.settings.oldest_app,
        )
        return RequestLogMiddleware(answering)


class ResponseHeadersMiddleware:
    """What holds for every answer: the server's time, how it may be kept and read, and the one shape of refusals.

    Refuses addresses and headers of a size that would take long to read, before anything reads them. Everything is
    below `public_path`, whether the proxy takes that off or not.
    """

    def __init__(
        self,
        app: ASGIApp,
        now: Clock,
        public_path: str = "",
        oldest_app: str = "",
    ) -> None:
        self._app = app
        self._now = now
        self._public_path = public_path
        self._oldest_app = oldest_app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["root_path"] = self._public_path
        answering = _Answering(scope, receive, send, self._now)
        if (refusal := refused_head(scope, self._oldest_app)) is not None:
            await error_response(refusal)(scope, receive, answering.send)
            return
        await self._app(scope, receive, answering.send)


class _Answering:
    """One answer on its way."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, now: Clock) -> None:
        self._scope, self._receive, self._send, self._now = scope, receive, send, now
        self._replaced = False

    async def send(self, message: Message) -> None:
        if self._replaced:
            return  # the rest of what was replaced
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if message["status"] == PayloadTooLarge.status and not _is_json(headers):
                # FastAPI's own answer to an announced length, which is plain text.
                refusal = error_response(PayloadTooLarge())
                await refusal(self._scope, self._receive, self._another())
                self._replaced = True
                return
            headers["X-Server-Time"] = iso_instant(self._now())
            headers["X-Content-Type-Options"] = "nosniff"
            if _is_json(headers):
                headers.setdefault("Cache-Control", "no-store")
        await self._send(message)

    def _another(self) -> Send:
        """A second answer's way out, in place of this one's."""
        return _Answering(self._scope, self._receive, self._send, self._now).send


def _is_json(headers: MutableHeaders) -> bool:
    return headers.get("Content-Type", "").startswith("application/json")


class UnexpectedErrorMiddleware:
    """Answers what nobody foresaw without telling its details."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False
        around: Exception | None = None

        async def noted(message: Message) -> None:
            nonlocal started, around
            started = True
            try:
                await send(message)
            except Exception as error:
                around = error
                raise

        try:
            await self._app(scope, receive, noted)
        except HTTPException:
            raise  # a body that is too large: the framework around this counts it, and answers
        except Exception as error:  # the last line of defence: whatever it was, the person gets an answer
            if error is around:
                raise  # nothing of ours: the framework around this has answered in our place
            _log_unforeseen(scope, error)
            if started:
                raise
            await error_response(InternalError())(scope, receive, noted)


def _log_unforeseen(scope: Scope, error: Exception) -> None:
    logger.error("%s %s failed", scope["method"], scope["path"], exc_info=error)  # scrubbed in telemetry/logs.py


def install_error_handlers(app: FastAPI) -> None:
    """Every error of `app`, its framework's included, is answered in the one shape."""
    app.add_exception_handler(BusinessError, _on_business_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(OperationalError, _on_database_trouble)
    app.add_exception_handler(PoolTimeoutError, _on_database_trouble)


async def _on_business_error(_request: Request, error: Exception) -> JSONResponse:
    return error_response(cast(BusinessError, error))


async def _on_database_trouble(request: Request, error: Exception) -> JSONResponse:
    _log_unforeseen(request.scope, error)
    return error_response(ServiceUnavailable())


async def _on_http_error(request: Request, error: Exception) -> JSONResponse:
    status = HTTPStatus(cast(HTTPException, error).status_code)
    if status == HTTPStatus.NOT_FOUND:
        return error_response(NotFound())
    if status == PayloadTooLarge.status:
        return error_response(PayloadTooLarge())
    if status == HTTPStatus.BAD_REQUEST:
        return error_response(InvalidPayload(detail="The request's body could not be read."))
    name = status.phrase.title().replace(" ", "").replace("-", "")
    headers = dict(cast(HTTPException, error).headers or {})
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods_at(request))
    return JSONResponse({"error": name, "detail": f"{status.phrase.capitalize()}."}, status, headers=headers)


def _methods_at(request: Request) -> list[str]:
    """What may be asked of a path (RFC 9110, 15.5.6): several routes share one, and the framework names the first's."""
    routes = cast(FastAPI, request.app).routes
    scopes = ({**request.scope, "method": method.value} for method in HTTPMethod)
    return [scope["method"] for scope in scopes if any(route.matches(scope)[0] is Match.FULL for route in routes)]


MAX_FIELD_ERRORS = 20
MAX_FIELD_NAME = 80


async def _on_invalid_request(_request: Request, error: Exception) -> JSONResponse:
    problems: Sequence[Any] = cast(RequestValidationError, error).errors()
    if any(problem["loc"][:1] == ("path",) for problem in problems):
        return error_response(NotFound())
    if any(problem["type"] == "json_invalid" for problem in problems):
        return error_response(InvalidPayload(detail="The request's body is not valid JSON."))
    fields: dict[str, str] = {}
    for problem in problems:
        if len(fields) == MAX_FIELD_ERRORS:
            break
        fields.setdefault(_field_name(problem["loc"]), _sentence(problem))
    detail = "Please check what you entered." if len(fields) > 1 else None
    return error_response(InvalidPayload(fields, detail))


def _field_name(location: Sequence[str | int]) -> str:
    name = ".".join(str(part)[:MAX_FIELD_NAME] for part in location[1:4])[:MAX_FIELD_NAME] or "body"
    return name.encode("utf-8", "replace").decode()  # half a surrogate pair in a key cannot be sent back


_SENTENCES = {
    "missing": "This is needed.",
    "extra_forbidden": "This is not known here.",
    "string_too_short": "Please use at least {min_length} characters.",
    "string_too_long": "Please use at most {max_length} characters.",
    "too_short": "Please use at least {min_length} characters.",
    "too_long": "Please use at most {max_length} characters.",
    "model_attributes_type": "This has to be a JSON object.",
    "dict_type": "This has to be a JSON object.",
    "string_type": "This has to be text.",
    "greater_than_equal": "Please use {ge} or more.",
    "less_than_equal": "Please use {le} or less.",
    "enum": "Please use one of {expected}.",
    "literal_error": "Please use one of {expected}.",
    "date_from_datetime_parsing": "Please use a date such as 2027-01-31.",
    "date_parsing": "Please use a date such as 2027-01-31.",
    "uuid_parsing": "This is not a valid id.",
}


def _sentence(problem: dict[str, Any]) -> str:
    context = problem.get("ctx", {})
    if problem["type"] == "value_error":
        return str(context.get("error", "This is not valid."))
    template = _SENTENCES.get(problem["type"])
    if template is None:
        return f"{problem['msg']}."
    if template.endswith("at least {min_length} characters.") and context.get("min_length") == 1:
        return "This is needed."
    return template.format(**context)
