"""Which parts of a call ended by an error: their supervisor starts them again, and most tests would not notice."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SUPERVISOR = "app.call.runtime.task_scope"


class _Told(logging.Handler):
    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(logging.ERROR)
        self._tell = tell
        self._text = logging.Formatter()

    def emit(self, record: logging.LogRecord) -> None:
        self._tell(self._text.format(record))


@contextmanager
def told_of_failures(tell: Callable[[str], None]) -> Iterator[None]:
    """`tell` gets each one with its trace, in whichever thread it happens."""
    handler = _Told(tell)
    logging.getLogger(SUPERVISOR).addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger(SUPERVISOR).removeHandler(handler)
