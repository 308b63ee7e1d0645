"""The question before a session is cancelled: what goes back, why, until when, and the amount on the button."""

from collections.abc import Awaitable, Callable

import flet as ft

from app.api.models import USER
from app.components.design.buttons import OnClick, PrimaryButton, SecondaryButton
from app.components.design.card import Heading, Stacked
from app.components.design.error_note import ErrorNote
from app.components.design.theme import QUIET_INK, RADIUS_MEDIUM, SPACE_4, SPACE_8, SPACE_12, SPACE_16, WAITING, Type
from app.components.frame.polling import use_polling
from app.state.bookings.cancelling import Cancelling, CancelStage
from app.state.bookings.words.cancellation_words import CancelQuestion
from app.state.core.hooks import use_observed

CHANGED = "The refund has changed. Please check it again: nothing has been cancelled yet."


@ft.component
def CancelPanel(cancelling: Cancelling, on_cancel: Callable[[], Awaitable[None]], on_keep: OnClick) -> ft.Control:
    """`on_cancel` is awaited when the person has agreed to the amount that is shown."""
    use_observed(cancelling)
    use_polling(cancelling.poll, [cancelling.booking.id])
    question = cancelling.question
    stage = cancelling.stage
    if stage is CancelStage.REFUSED:
        return _column(cancelling, [ErrorNote(cancelling.error), SecondaryButton("Back", on_keep, expand=True)])
    if stage is CancelStage.OUT_OF_REACH:
        return _column(
            cancelling,
            [
                ErrorNote(cancelling.error),
                PrimaryButton("Try again", cancelling.poll, icon=ft.Icons.REFRESH, expand=True),
                SecondaryButton("Keep the session", on_keep, expand=True),
            ],
        )
    if question is None:
        return _column(cancelling, [_checking(cancelling), SecondaryButton("Keep the session", on_keep, expand=True)])
    busy = stage is CancelStage.CANCELLING
    notes: list[ft.Control] = [ErrorNote(CHANGED)] if cancelling.changed else []
    notes += [ErrorNote(cancelling.error)] if cancelling.error else []
    return _column(
        cancelling,
        [
            *notes,
            _what_comes_back(question),
            PrimaryButton(question.button, on_cancel, busy=busy, danger=True, expand=True),
            SecondaryButton("Keep the session", None if busy else on_keep, expand=True),
        ],
    )


def _column(cancelling: Cancelling, controls: list[ft.Control]) -> ft.Control:
    title = Heading("Cancel this session?", Type.SECTION)
    which = ft.Text(cancelling.which_words, theme_style=Type.BODY, color=QUIET_INK)
    head = ft.Column([title, which], spacing=SPACE_4, tight=True)
    return Stacked([head, *controls])


def _checking(cancelling: Cancelling) -> ft.Control:
    ring = ft.ProgressRing(width=20, height=20, stroke_width=2, semantics_label="Checking")
    whose = "your" if cancelling.role == USER else "the"
    words = ft.Text(f"Checking {whose} refund", theme_style=Type.BODY, color=QUIET_INK)
    return ft.Row([ring, words], spacing=SPACE_12)


def _what_comes_back(question: CancelQuestion) -> ft.Control:
    return ft.Semantics(
        live_region=True,
        content=ft.Container(
            ft.Column(
                [
                    ft.Text(question.headline, theme_style=Type.TITLE, color=WAITING.ink),
                    *(ft.Text(each, theme_style=Type.BODY, color=WAITING.ink) for each in question.reasons),
                ],
                spacing=SPACE_8,
                tight=True,
            ),
            bgcolor=WAITING.ground,
            border_radius=RADIUS_MEDIUM,
            padding=SPACE_16,
        ),
    )
