"""The hold on the page where it was made: what is held, for how long, Pay, and Back out."""

import math
from collections.abc import Callable
from datetime import datetime

import flet as ft

from app.api.models import Booking
from app.components.bookings.microsite.hold_card import HoldCountdown
from app.components.design.buttons import OnClick, QuietButton
from app.components.design.card import Card, Heading, Stacked
from app.components.design.links import ExternalLink
from app.components.design.note_line import NoteLine, PolicyLine, RuleLine
from app.components.design.theme import (
    BAD,
    QUIET_INK,
    RADIUS_LARGE,
    SPACE_8,
    SPACE_12,
    SPACE_16,
    WAITING,
    Type,
)
from app.components.frame.clock import use_now
from app.state.bookings.start_window import hold_left_s
from app.state.bookings.words.attendance_words import rule_words

BAR_HEIGHT = 6


@ft.component
def HoldPanel(
    booking: Booking,
    hold_s: float,
    when: str,
    now: Callable[[], datetime],
    on_checkout: Callable[[], object],
    on_back_out: OnClick,
    on_over: Callable[[], object],
    checkout_opened: bool = False,
    declined: bool = False,
    out_of_reach: bool = False,
    releasing: bool = False,
    error: str = "",
    policy: str = "",
) -> ft.Control:
    """`when` is the session's span in the viewer's zone; `hold_s` the whole length of the hold;
    `on_checkout` is called when the payment page opens, `on_over` once when the hold has run out; `policy` says what
    cancelling would give back.
    """
    summary = ft.Column(
        [
            Heading(when, Type.SECTION),
            ft.Text(
                f"with {booking.professional.name} · {booking.price_words}", theme_style=Type.BODY, color=QUIET_INK
            ),
        ],
        spacing=0,
        tight=True,
    )
    back_out = QuietButton("Back out", None if releasing else on_back_out, busy=releasing)
    controls = [
        _countdown(booking, hold_s, now, on_over),
        summary,
        *([PolicyLine(policy)] if policy else []),
        RuleLine(rule_words(booking.professional.name)),
        *_notes(checkout_opened, declined, out_of_reach, error),
        _pay_button(booking, on_checkout, checkout_opened, releasing),
        ft.Row([back_out], alignment=ft.MainAxisAlignment.CENTER),
    ]
    return Card(Stacked(controls))


def _countdown(
    booking: Booking, hold_s: float, now: Callable[[], datetime], on_over: Callable[[], object]
) -> ft.Control:
    return Card(
        ft.Column(
            [
                ft.Row(
                    [
                        ft.Icon(ft.Icons.HOURGLASS_BOTTOM, size=20, color=WAITING.ink),
                        ft.Container(HoldCountdown(booking, now, on_over), expand=True),
                    ],
                    spacing=SPACE_8,
                ),
                HoldBar(booking, hold_s, now),
            ],
            spacing=SPACE_12,
            tight=True,
        ),
        SPACE_16,
        ground=WAITING.ground,
        radius=RADIUS_LARGE - SPACE_8,
    )


@ft.component
def HoldBar(booking: Booking, hold_s: float, now: Callable[[], datetime]) -> ft.Control:
    """What is left, as a bar; the words beside it say it to a screen reader."""
    left_s = hold_left_s(booking, use_now(now)) or 0.0
    share = min(left_s / hold_s, 1.0) if hold_s > 0 else 0.0
    bar = ft.ProgressBar(
        value=math.floor(share * 100) / 100,
        bar_height=BAR_HEIGHT,
        border_radius=BAR_HEIGHT / 2,
        color=WAITING.ink,
        bgcolor=ft.Colors.with_opacity(0.2, WAITING.ink),
        stop_indicator_radius=0,
    )
    return ft.Semantics(exclude_semantics=True, content=bar)


def _notes(checkout_opened: bool, declined: bool, out_of_reach: bool, error: str) -> list[ft.Control]:
    if error:
        return [NoteLine(error, ft.Icons.ERROR_OUTLINE, BAD)]
    if out_of_reach:
        return [NoteLine("Rendezvous cannot be reached right now. Your hold is safe; we keep trying.")]
    if declined:
        return [NoteLine("The card was declined. The time is still yours: try again or use another card.", tone=BAD)]
    if checkout_opened:
        return [NoteLine("Waiting for your payment. This page updates once you have paid.", ft.Icons.OPEN_IN_NEW)]
    return [
        ft.Text(
            "Payment opens in your browser. You are not charged until you pay there.",
            theme_style=Type.SMALL,
            color=QUIET_INK,
        )
    ]


def _pay_button(
    booking: Booking, on_checkout: Callable[[], object], checkout_opened: bool, releasing: bool
) -> ft.Control:
    words = "Open the payment page again" if checkout_opened else f"Pay {booking.price_words}"
    url = None if releasing else booking.checkout_url
    return ExternalLink(words, url, on_open=on_checkout, filled=True, icon=ft.Icons.CREDIT_CARD)
