"""A hook that asks again and again, as long as somebody can see what it fetches."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

import flet as ft

from app.components.frame.page_events import page_events
from app.components.frame.tasks import use_task
from app.state.core.hooks import use_observed

RECONNECT_POLL_S = 2.0
FAILED_POLL_S = 20.0
"""After an error that nobody foresaw: as often as a list is asked for anyway."""

log = logging.getLogger(__name__)


def use_polling(poll: Callable[[], Awaitable[float]], dependencies: Sequence[object]) -> None:
    """Awaits `poll` at once and again after the seconds that it answers, from mount to unmount.

    Rests while the app is hidden or its connection is gone, polls at once when the connection is back (what changed
    meanwhile was never drawn), and ends with the browser session: a closed tab unmounts nothing, so its lists would ask
    for ever. No error ends it: a list that has stopped asking looks like one in which nothing happens.
    """
    page = ft.context.page
    connects = use_observed(page_events(page)).connects

    async def keep_polling() -> None:
        while (gone_until := _gone_until(page)) is None or gone_until > datetime.now(UTC):
            if gone_until is not None:
                await asyncio.sleep(RECONNECT_POLL_S)
                continue
            await page.wait_until_visible()
            await asyncio.sleep(await next_poll_s(poll))

    use_task(keep_polling, [*dependencies, connects])


async def next_poll_s(poll: Callable[[], Awaitable[float]]) -> float:
    """What `poll` answers; after an error that nobody foresaw, which is logged, a pause of our own."""
    try:
        return await poll()
    except Exception:
        log.exception("a poll failed")
        return FAILED_POLL_S


def _gone_until(page: ft.Page) -> datetime | None:
    """None while the tab or window is connected, else until when Flet keeps its session; the past once it is over."""
    try:
        return page.session.expires_at
    except RuntimeError:  # the session is destroyed
        return datetime.min.replace(tzinfo=UTC)
