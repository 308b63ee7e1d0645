"""A hook that asks again and again, as long as somebody can see what it fetches."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

import flet as ft

from app.components.frame.tasks import use_task

RECONNECT_POLL_S = 2.0


def use_polling(poll: Callable[[], Awaitable[float]], dependencies: Sequence[object]) -> None:
    """Awaits `poll` at once and again after the seconds that it answers, from mount to unmount.

    Rests while the app is hidden or its connection is gone, and ends with the browser session: a closed tab unmounts
    nothing, so its lists would ask for ever.
    """
    page = ft.context.page

    async def keep_polling() -> None:
        while True:
            await page.wait_until_visible()
            gone_until = page.session.expires_at  # None while the tab or window is connected
            if gone_until is None:
                await asyncio.sleep(await poll())
            elif gone_until > datetime.now(UTC):
                await asyncio.sleep(RECONNECT_POLL_S)
            else:
                return

    use_task(keep_polling, dependencies)
