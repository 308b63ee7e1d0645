"""A button that cannot be pressed yet, and says for how long."""

from collections.abc import Callable
from datetime import datetime

import flet as ft

from app.components.design.buttons import PrimaryButton
from app.components.frame.clock import use_now
from app.state.core.hooks import use_ref


@ft.component
def WaitingButton(
    words: str, why_not: Callable[[], str], now: Callable[[], datetime], until: datetime, on_over: Callable[[], object]
) -> ft.Control:
    """Alone drawn again every second, with its reason as it is then. `on_over` is called once when `until` has come."""
    over = use_now(now) >= until
    called = use_ref(False)

    def call_once() -> None:
        if over and not called.current:
            called.current = True
            on_over()

    ft.use_effect(call_once, [over])
    return PrimaryButton(words, None, why_not(), expand=True)
