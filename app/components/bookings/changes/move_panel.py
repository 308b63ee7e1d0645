"""Moving a session: the free times of the same price, and the old and the new time side by side before it is done."""

import datetime as dt
from collections.abc import Awaitable, Callable

import flet as ft

from app.components.bookings.microsite.day_times import DayTimes
from app.components.design.buttons import OnClick, PrimaryButton, QuietButton
from app.components.design.card import Heading
from app.components.design.error_note import ErrorNote, NextStepButton
from app.components.design.month_calendar import MonthCalendar
from app.components.design.states import ErrorState, LoadingRows
from app.components.design.theme import (
    BAR_TEXT_MOST,
    GOOD,
    QUIET,
    QUIET_INK,
    RADIUS_MEDIUM,
    SPACE_4,
    SPACE_8,
    SPACE_12,
    SPACE_16,
    Tone,
    Type,
)
from app.components.frame.page_events import use_low
from app.components.frame.polling import use_polling
from app.state.bookings.rescheduling import Rescheduling
from app.state.core.fetching import Phase
from app.state.core.hooks import use_observed


@ft.component
def MovePanel(moving: Rescheduling, on_move: Callable[[], Awaitable[None]], on_keep: OnClick) -> ft.Control:
    """Takes the height that it gets: the times scroll, what is decided stays in reach below them. Where large letters
    or a low window leave no room for both, all of it scrolls.
    """
    use_observed(moving)
    times = use_observed(moving.times)
    use_polling(moving.poll, [moving.booking.id])
    head = ft.Column(
        [
            Heading("Move to another time", Type.SECTION),
            ft.Text(moving.kept_words, theme_style=Type.BODY, color=QUIET_INK),
            ft.Text(moving.until_words, theme_style=Type.BODY, color=QUIET_INK),
        ],
        spacing=SPACE_4,
        tight=True,
    )
    body: list[ft.Control]
    if times.phase is Phase.LOADING:
        body = [LoadingRows(2, "Looking for free times")]
    elif times.phase is Phase.READY:
        body = [_calendar(moving), DayTimes(times, elsewhere=False)]
    else:
        retry = None if times.phase is Phase.MISSING else times.load
        body = [ErrorState(times.error, retry, offline=times.phase is Phase.OFFLINE)]
    large = moving.services.preferences.text_scale > BAR_TEXT_MOST
    low = use_low()
    decision = _decision(moving, on_move, on_keep, stacked=large)
    scrolled = ft.Column(
        [head, *body, *([decision] if large or low else []), ft.Container(height=SPACE_8)],
        scroll=ft.ScrollMode.AUTO,
        expand=True,
        spacing=SPACE_16,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
    return ft.Column(
        [scrolled, *([] if large or low else [decision])],
        expand=True,
        spacing=SPACE_12,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _calendar(moving: Rescheduling) -> ft.Control:
    run, times = ft.context.page.run_task, moving.times

    def pick(day: dt.date) -> None:
        run(times.choose_day, day)

    return MonthCalendar(times.marks, pick, times.day, times.today, lambda month: run(times.show_month, month))


def _decision(
    moving: Rescheduling, on_move: Callable[[], Awaitable[None]], on_keep: OnClick, stacked: bool
) -> ft.Control:
    controls: list[ft.Control] = []
    if moving.error:
        ways = [NextStepButton(moving.offer_words(each), _take(moving, each)) for each in moving.error.next_free]
        controls.append(ErrorNote(moving.error.text, ways))
    if moving.new_words:
        controls.append(ft.Divider())
        controls.append(_old_and_new(moving.old_words, moving.new_words, stacked))
    reason = moving.why_not
    controls += [
        PrimaryButton(moving.button_words, None if reason else on_move, reason, busy=moving.moving, expand=True),
        ft.Row(
            [QuietButton("Keep the old time", None if moving.moving else on_keep)],
            alignment=ft.MainAxisAlignment.CENTER,
        ),
    ]
    return ft.Column(controls, spacing=SPACE_8, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


def _take(moving: Rescheduling, slot: object) -> Callable[[], Awaitable[None]]:
    async def take() -> None:
        for each in moving.error.next_free if moving.error else ():
            if each is slot:
                await moving.take(each)
                return

    return take


def _old_and_new(old: str, new: str, stacked: bool) -> ft.Control:
    times = _time("Now", old, QUIET), _time("New", new, GOOD)
    words: ft.Control
    if stacked:
        words = ft.Column([ft.Row([each]) for each in times], spacing=SPACE_8, tight=True)
    else:
        arrow = ft.Icon(ft.Icons.ARROW_FORWARD, size=20, color=QUIET_INK)
        words = ft.Row([times[0], arrow, times[1]], spacing=SPACE_8, vertical_alignment=ft.CrossAxisAlignment.CENTER)
    return ft.Semantics(label=f"From {old} to {new}", live_region=True, exclude_semantics=True, content=words)


def _time(title: str, words: str, tone: Tone) -> ft.Control:
    return ft.Container(
        ft.Column(
            [
                ft.Text(title, theme_style=Type.LABEL, color=tone.ink),
                *(ft.Text(each, theme_style=Type.TITLE, color=tone.ink) for each in _day_and_times(words)),
            ],
            spacing=0,
            tight=True,
        ),
        bgcolor=tone.ground,
        border_radius=RADIUS_MEDIUM,
        padding=SPACE_12,
        expand=True,
    )


def _day_and_times(words: str) -> tuple[str, str]:
    """ "Thu 26 Nov 10:00–10:45" on two lines, so that the times are never broken."""
    day, _, times = words.rpartition(" ")
    return day, times
