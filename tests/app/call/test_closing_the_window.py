"""Closing the window in a call asks once; outside a call it just closes. The display stays on meanwhile."""

from unittest.mock import Mock

import flet as ft

from app.call.contract.call_state import EndReason
from app.components.frame.window_events import window_events
from tests.app.stage.call_stage import Call, joined, together

QUESTION = "Leave the call?"


async def close_window(call: Call) -> None:
    await call.app.begin_event(call.app.page.window, "event", {"type": "close"})


def end_of(call: Call) -> Mock:
    """What ends the app, seen from outside."""
    ended = Mock()
    window_events(call.app.page).end = ended
    return ended


async def test_the_window_asks_before_it_closes_on_a_call() -> None:
    async with together() as call:
        ended = end_of(call)
        assert call.app.page.window.prevent_close
        await close_window(call)
        await call.app.until(lambda: call.app.all(ft.AlertDialog, title=QUESTION))
        assert not ended.called
        await call.app.click("Leave")
        await call.app.until(lambda: ended.called)


async def test_staying_is_staying() -> None:
    async with together() as call:
        ended = end_of(call)
        await close_window(call)
        await call.app.until(lambda: call.app.all(ft.AlertDialog, title=QUESTION))
        await call.app.click("Stay")
        assert not ended.called
        await close_window(call)
        await call.app.until(lambda: call.app.all(ft.AlertDialog, title=QUESTION))
        await call.app.click("Stay")


async def test_closing_it_once_more_is_an_answer() -> None:
    async with together() as call:
        ended = end_of(call)
        await close_window(call)
        await close_window(call)
        await call.app.until(lambda: ended.called)
        await call.app.click("Stay")


async def test_nothing_is_asked_after_the_call() -> None:
    async with together() as call:
        call.engine.let_end(EndReason.LEFT)
        await call.app.shows("You were together for")
        await call.app.until(lambda: not call.app.page.window.prevent_close)


async def test_a_browser_is_not_asked() -> None:
    async with joined(web=True) as call:
        assert not call.app.page.window.prevent_close


async def test_the_display_stays_awake_in_the_call_and_only_there() -> None:
    async with together() as call:
        assert awake(call) == ["enable"]
        call.engine.let_end(EndReason.LEFT)
        await call.app.until(lambda: awake(call) == ["enable", "disable"])


def awake(call: Call) -> list[str]:
    """What the client was asked about the display."""
    return [name for name, _ in call.app.connection.calls if name in ("enable", "disable")]
