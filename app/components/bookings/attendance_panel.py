"""Who kept the appointment, with its figures and what follows for the money; and saying that something went wrong."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import flet as ft

from app.api.models import Attendance, Booking, Role
from app.components.design.buttons import OnClick, PrimaryButton, QuietButton, SecondaryButton
from app.components.design.card import Heading
from app.components.design.error_note import ErrorNote
from app.components.design.fields import Field
from app.components.design.theme import QUIET_INK, RADIUS_MEDIUM, SPACE_4, SPACE_8, SPACE_12, SPACE_16, Type
from app.state.bookings.problem_report import LONGEST, ProblemReport
from app.state.bookings.words.attendance_words import (
    decision_words,
    figure_lines,
    may_object,
    money_line,
    objection_lines,
)
from app.state.core.hooks import use_observed

OBJECT = "Something went wrong"


def attendance_panel(
    decision: Attendance, booking: Booking, role: Role, now: datetime, zone: ZoneInfo, on_object: OnClick
) -> ft.Control:
    """`on_object` opens the form in which one says what went wrong."""
    rows: list[ft.Control] = [
        Heading("How it was decided", level=2),
        ft.Text(decision_words(decision, booking, role), theme_style=Type.BODY),
        ft.Column(
            [ft.Text(line, theme_style=Type.SMALL, color=QUIET_INK) for line in figure_lines(decision, booking, role)],
            spacing=SPACE_4,
            tight=True,
        ),
        ft.Text(money_line(decision, booking, role, now, zone), theme_style=Type.BODY),
        *(ft.Text(line, theme_style=Type.SMALL, color=QUIET_INK) for line in objection_lines(decision, booking, role)),
    ]
    if may_object(decision, now):
        words = "Edit what you wrote" if role in decision.objected else OBJECT
        rows.append(SecondaryButton(words, on_object, icon=ft.Icons.REPORT_PROBLEM_OUTLINED, expand=True))
    return ft.Container(
        ft.Column(rows, spacing=SPACE_12, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH),
        bgcolor=ft.Colors.SURFACE_CONTAINER,
        border_radius=RADIUS_MEDIUM,
        padding=SPACE_16,
        key="attendance",
    )


@ft.component
def ProblemForm(report: ProblemReport, on_send: Callable[[], Awaitable[None]], on_back: OnClick) -> ft.Control:
    """What went wrong, in the person's own words."""
    use_observed(report)

    def typed(text: str) -> None:
        report.reason, report.field_error = text, ""

    return ft.Column(
        [
            Heading(OBJECT, Type.SECTION),
            ft.Text(
                "Tell us what happened. We will look into it, and no money moves until then. "
                "The other person will see that you wrote, but not what.",
                theme_style=Type.BODY,
                color=QUIET_INK,
            ),
            *([ErrorNote(report.error)] if report.error else []),
            Field(
                "What went wrong",
                report.reason,
                typed,
                error=report.field_error,
                multiline=True,
                autofocus=True,
                max_length=LONGEST,
            ),
            PrimaryButton("Send", on_send, busy=report.sending, expand=True),
            ft.Row([QuietButton("Back", on_back)], alignment=ft.MainAxisAlignment.CENTER, spacing=SPACE_8),
        ],
        spacing=SPACE_16,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
