"""Time that passes on a screen: a countdown asks for the instant again and again, the smallest component around it."""

import asyncio
import inspect
from collections.abc import Callable
from datetime import datetime

import flet as ft

from app.components.frame.tasks import use_task
from app.state.core.hooks import use_ref


def use_now(now: Callable[[], datetime], every_s: float = 1.0) -> datetime:
    """The instant by `now`, again every `every_s` seconds while the component is shown.

    Keep the component that calls this small: it is drawn again at every tick.
    """
    instant, set_instant = ft.use_state(now())

    def move_on() -> None:
        set_instant(now())

    use_every(every_s, move_on)
    return instant


def use_every(every_s: float, act: Callable[[], object]) -> None:
    """Calls `act` (a function or a coroutine function) every `every_s` seconds while the component is shown."""
    latest = use_ref(act)
    latest.current = act

    async def tick() -> None:
        while True:
            await asyncio.sleep(every_s)
            result = latest.current()
            if inspect.isawaitable(result):
                await result

    use_task(tick, [every_s])
