"""Waiting for a condition, never for time."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, TypeVar

Found = TypeVar("Found")


def _said(what: str | Callable[[], str]) -> str:
    return what if isinstance(what, str) else what()


def eventually(
    look: Callable[[], Found | None], what: str | Callable[[], str], limit_s: float = 30.0, every_s: float = 0.05
) -> Found:
    """The first truthy answer of `look`. Raises `AssertionError` naming `what` did not happen within the limit; as a
    function it is asked then: it may say what there is instead.
    """
    until = time.monotonic() + limit_s
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > until:
            raise AssertionError(f"not within {limit_s:.0f} s: {_said(what)}")
        time.sleep(every_s)


async def until(look: Callable[[], Any], what: str | Callable[[], str], limit_s: float = 30.0) -> Any:
    """The first truthy answer of `look`; the interface's loop goes on meanwhile. `what` as a function is asked when the
    time is over: it may say what there is instead.
    """
    end = time.monotonic() + limit_s
    while not (found := look()):
        if time.monotonic() >= end:
            raise AssertionError(f"not within {limit_s:.0f} s: {_said(what)}")
        await asyncio.sleep(0.02)
    return found
