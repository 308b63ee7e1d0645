"""The shared timer on the stage: what both see of it, how it is set, and that five minutes are left."""

from collections.abc import Callable
from datetime import timedelta

import flet as ft

from app.components.call.call_theme import ACCENT, QUIET, WARNING, pill, stage_text
from app.components.design.buttons import PrimaryButton, SecondaryButton
from app.components.design.theme import Type
from app.components.frame.clock import use_every, use_now
from app.state.call.call_context import use_call
from app.state.call.call_session import CallSession
from app.state.call.words.timer_words import (
    EXPLAINED,
    LENGTHS_MINUTES,
    OPEN,
    STOP,
    UNTIL_THE_END,
    left_s,
    length_label,
    rest_of_session,
    time_notice,
    timer_label,
    timer_words,
)
from app.state.core.wall_time import time_words


@ft.component
def TimerPill(on_show: Callable[[], object] | None) -> ft.Control:
    """Counts down for both; takes no room without a timer. `on_show` opens where it is set. Redraws itself alone."""
    call = use_call()
    use_now(call.services.now)
    timer = call.snapshot.timer
    if timer is None:
        return ft.Container()
    left = left_s(timer, call.services.now())
    icon = ft.Icon(ft.Icons.TIMER_OUTLINED, size=16, color=ACCENT if left else WARNING)
    said = ft.Semantics(
        label=f"{timer_label(left)}. {OPEN}" if on_show else timer_label(left),
        button=on_show is not None,
        exclude_semantics=True,
        content=pill([icon, stage_text(timer_words(left))]),
    )
    if on_show is None:
        return said
    return ft.MergeSemantics(ft.Container(said, on_click=lambda e: on_show(), ink=True, border_radius=20))


@ft.component
def TimeNotice() -> ft.Control:
    """Calmly, for half a minute, that five minutes are left; otherwise takes no room."""
    call = use_call()
    words, set_words = ft.use_state(_notice(call))
    use_every(1.0, lambda: set_words(_notice(call)))
    return ft.Semantics(
        identifier="time-notice",
        live_region=True,
        content=pill([ft.Icon(ft.Icons.SCHEDULE, color=ACCENT, size=18), stage_text(words)], wrap=True)
        if words
        else ft.Container(),
    )


def _notice(call: CallSession) -> str:
    ends_at = call.booking.ends_at if call.booking else None
    return time_notice(call.snapshot.timer, ends_at, call.services.now())


@ft.component
def TimerSetting() -> ft.Control:
    """For the professional: a length, the rest of the session first; or stopping the one that runs."""
    call = use_call()
    use_now(call.services.now)
    timer = call.snapshot.timer
    head: list[ft.Control] = [stage_text(EXPLAINED, color=QUIET)]

    async def stop() -> None:
        await call.set_timer(None)

    if timer is not None:
        left = left_s(timer, call.services.now())
        clock = ft.Semantics(
            label=timer_label(left),
            exclude_semantics=True,
            content=ft.Text(timer_words(left), theme_style=Type.HEADLINE, color=ACCENT if left else WARNING),
        )
        return _column([*head, clock, SecondaryButton(STOP, stop, icon=ft.Icons.STOP_CIRCLE_OUTLINED)])
    lengths: list[ft.Control] = [
        SecondaryButton(length_label(minutes), _start(call, timedelta(minutes=minutes))) for minutes in LENGTHS_MINUTES
    ]
    return _column([*head, *_until_the_end(call), ft.Row(lengths, wrap=True, spacing=8, run_spacing=8)])


def _until_the_end(call: CallSession) -> list[ft.Control]:
    if call.booking is None or rest_of_session(call.booking, call.services.now()) is None:
        return []
    until = f"{UNTIL_THE_END}, {time_words(call.booking.ends_at, call.services.zone)}"

    async def start() -> None:
        if (rest := rest_of_session(call.booking, call.services.now())) is not None:
            await call.set_timer(rest)

    return [PrimaryButton(until, start, icon=ft.Icons.TIMER_OUTLINED)]


def _start(call: CallSession, length: timedelta) -> Callable[[], object]:
    async def start() -> None:
        await call.set_timer(length)

    return start


def _column(controls: list[ft.Control]) -> ft.Control:
    return ft.Container(
        ft.Column(
            controls,
            spacing=16,
            scroll=ft.ScrollMode.AUTO,
            horizontal_alignment=ft.CrossAxisAlignment.START,
        ),
        padding=ft.Padding.only(right=8, top=8),
    )
