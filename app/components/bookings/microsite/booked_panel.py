"""After paying: what was booked, when, and what happens next."""

import flet as ft

from app.api.models import Booking
from app.components.design.buttons import OnClick, PrimaryButton, QuietButton, SecondaryButton
from app.components.design.card import Card, Heading, Stacked
from app.components.design.note_line import NoteLine
from app.components.design.theme import (
    BAD,
    GOOD,
    QUIET_INK,
    RADIUS_LARGE,
    SPACE_4,
    SPACE_12,
    SPACE_16,
    Type,
)

CHECK_SIZE = 64


@ft.component
def BookedPanel(
    booking: Booking,
    when: str,
    start_from: str,
    on_calendar: OnClick,
    on_my_sessions: OnClick,
    on_again: OnClick,
    error: str = "",
    policy: str = "",
) -> ft.Control:
    """`when` is the session's span and `start_from` the instant from which it can be started, both in the viewer's
    zone and words; `policy` says what cancelling would give back.
    """
    name = booking.professional.name
    check = ft.Container(
        ft.Icon(ft.Icons.CHECK, size=32, color=GOOD.ink),
        width=CHECK_SIZE,
        height=CHECK_SIZE,
        border_radius=CHECK_SIZE / 2,
        bgcolor=GOOD.ground,
        alignment=ft.Alignment.CENTER,
    )
    what = ft.Semantics(
        live_region=True,
        content=ft.Column(
            [
                Heading("Booked and paid", Type.SECTION),
                ft.Text(when, theme_style=Type.TITLE, text_align=ft.TextAlign.CENTER),
                ft.Text(f"with {name} · {booking.price_words}", theme_style=Type.BODY, color=QUIET_INK),
            ],
            spacing=SPACE_4,
            tight=True,
            horizontal_alignment=ft.CrossAxisAlignment.CENTER,
        ),
    )
    controls = [
        ft.Row([check], alignment=ft.MainAxisAlignment.CENTER),
        ft.Row([ft.Container(what, expand=True, alignment=ft.Alignment.CENTER)]),
        _next_steps(name, start_from, policy),
        *([NoteLine(error, ft.Icons.ERROR_OUTLINE, BAD)] if error else []),
        PrimaryButton("Go to my sessions", on_my_sessions, expand=True),
        SecondaryButton("Add to calendar", on_calendar, icon=ft.Icons.CALENDAR_MONTH_OUTLINED, expand=True),
        ft.Row([QuietButton("Book another time", on_again)], alignment=ft.MainAxisAlignment.CENTER),
    ]
    return Card(Stacked(controls))


def _next_steps(name: str, start_from: str, policy: str) -> ft.Control:
    steps = [
        (ft.Icons.EVENT_AVAILABLE_OUTLINED, "You can find the session in My sessions, with a countdown."),
        (ft.Icons.VIDEOCAM_OUTLINED, f"Press Start there from {start_from}. You will meet {name} in a video call."),
        *([(ft.Icons.EVENT_REPEAT_OUTLINED, policy)] if policy else []),
    ]
    return Card(
        ft.Column(
            [
                ft.Text("What happens next", theme_style=Type.LABEL, color=QUIET_INK),
                *(
                    ft.Row(
                        [ft.Icon(icon, size=20, color=QUIET_INK), ft.Text(words, theme_style=Type.BODY, expand=True)],
                        spacing=SPACE_12,
                        vertical_alignment=ft.CrossAxisAlignment.START,
                    )
                    for icon, words in steps
                ),
            ],
            spacing=SPACE_12,
            tight=True,
        ),
        SPACE_16,
        ground=ft.Colors.SURFACE_CONTAINER,
        radius=RADIUS_LARGE - SPACE_4,
    )
