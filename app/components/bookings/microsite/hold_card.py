"""A time held for the user and not paid yet: how long it stays theirs, Pay, and Back out."""

import math
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import flet as ft

from app.api.models import Booking
from app.components.design.avatar import Avatar
from app.components.design.buttons import OnClick, SecondaryButton
from app.components.design.card import Card
from app.components.design.links import ExternalLink
from app.components.design.note_line import PolicyLine, RuleLine
from app.components.design.theme import SPACE_12, SPACE_16, WAITING, Type
from app.components.frame.clock import use_now
from app.state.bookings.start_window import hold_left_s
from app.state.bookings.words.attendance_words import rule_words
from app.state.bookings.words.cancellation_words import free_until_words
from app.state.core.hooks import use_ref
from app.state.core.wall_time import clock_words, span_words


@ft.component
def HoldCountdown(booking: Booking, now: Callable[[], datetime], on_over: Callable[[], object]) -> ft.Control:
    """ "Held for you for 9:12": alone drawn again every second. `on_over` is called once when nothing is left."""
    left_s = hold_left_s(booking, use_now(now)) or 0.0
    called = use_ref(False)

    def call_once() -> None:
        if left_s <= 0 and not called.current:
            called.current = True
            on_over()

    ft.use_effect(call_once, [left_s <= 0])
    words = f"Held for you for {clock_words(math.ceil(left_s))}" if left_s > 0 else "The hold has run out"
    return ft.Text(words, theme_style=Type.TITLE, color=WAITING.ink)


@ft.component
def HoldCard(
    booking: Booking,
    now: Callable[[], datetime],
    zone: ZoneInfo,
    on_checkout: OnClick,
    on_back_out: OnClick,
    on_over: Callable[[], object],
    paying: bool = False,
    releasing: bool = False,
    photo_url: str | None = None,
) -> ft.Control:
    """`on_checkout` is called when the payment page opens. `paying`: it was opened; `releasing`: the time is being
    given back and nothing can be pressed.
    """
    name = booking.professional.name
    span = span_words(booking.starts_at, booking.ends_at, zone, now())
    words = ft.Column(
        [
            HoldCountdown(booking, now, on_over),
            ft.Text(name, theme_style=Type.BODY, color=WAITING.ink),
            ft.Text(f"{span} · {booking.price_words}", theme_style=Type.BODY, color=WAITING.ink),
        ],
        spacing=0,
        tight=True,
        expand=True,
    )
    pay = "Open the payment page again" if paying else f"Pay {booking.price_words}"
    actions = ft.Row(
        [
            ExternalLink(
                pay,
                None if releasing else booking.checkout_url,
                on_open=on_checkout,
                filled=True,
                icon=ft.Icons.CREDIT_CARD,
            ),
            SecondaryButton("Back out", None if releasing else on_back_out, busy=releasing),
        ],
        spacing=SPACE_12,
        run_spacing=SPACE_12,
        wrap=True,
    )
    waits = ft.Text(
        "Finish paying on the page that opened. This list updates once it is paid.",
        theme_style=Type.SMALL,
        color=WAITING.ink,
    )
    policy = free_until_words(booking, now(), zone)
    top = ft.Row([Avatar(name, photo_url), words], spacing=SPACE_12, vertical_alignment=ft.CrossAxisAlignment.START)
    return Card(
        ft.Column(
            [
                top,
                *([PolicyLine(policy, WAITING.ink)] if policy else []),
                RuleLine(rule_words(booking.professional.name), WAITING.ink),
                *([waits] if paying else []),
                actions,
            ],
            spacing=SPACE_16,
            tight=True,
        ),
        SPACE_16,
        ground=WAITING.ground,
    )
