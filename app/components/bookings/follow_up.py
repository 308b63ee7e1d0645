"""A session's follow-up: what was sent, or for the professional the field to send it with."""

import datetime as dt

import flet as ft

from app.api.models import Booking, FollowUp, Role
from app.components.bookings.follow_up_files import FilesField, SentFiles
from app.components.design.buttons import OnClick, SecondaryButton
from app.components.design.card import Heading
from app.components.design.fields import Field
from app.components.design.links import LinkedText
from app.components.design.note_line import NoteLine
from app.components.design.theme import BAD, QUIET_INK, SPACE_8, Type
from app.state.bookings.follow_up import (
    EXPLAINED,
    FIELD,
    LONGEST,
    SEND,
    TITLE,
    FollowUpForm,
    head_words,
)
from app.state.bookings.follow_up_files import SavingFiles
from app.state.core.hooks import use_observed
from app.state.core.services import use_services


@ft.component
def SentFollowUp(sent: FollowUp, booking: Booking, role: Role, now: dt.datetime, saving: SavingFiles) -> ft.Control:
    """For both; its links open in the person's own browser, and its files are saved."""
    services = use_services()
    return _section(
        [
            ft.Text(
                head_words(sent, role, booking.professional.name, services.zone, now),
                theme_style=Type.SMALL,
                color=QUIET_INK,
            ),
            LinkedText(sent.text, ft.Colors.ON_SURFACE, ft.Colors.PRIMARY),
            *([SentFiles(sent.files, saving)] if sent.files else []),
        ]
    )


@ft.component
def FollowUpField(form: FollowUpForm, on_send: OnClick) -> ft.Control:
    """`on_send` asks first: it is sent once."""
    shown, files = use_observed(form), use_observed(form.files)
    error = [NoteLine(shown.error, ft.Icons.ERROR_OUTLINE, BAD)] if shown.error else []
    reason = shown.why_not
    return _section(
        [
            ft.Text(EXPLAINED, theme_style=Type.SMALL, color=QUIET_INK),
            Field(FIELD, shown.text, shown.write, multiline=True, max_length=LONGEST),
            FilesField(files),
            *error,
            SecondaryButton(SEND, None if reason else on_send, reason, icon=ft.Icons.SEND, expand=True),
        ]
    )


def _section(controls: list[ft.Control]) -> ft.Control:
    return ft.Column(
        [Heading(TITLE), *controls],
        spacing=SPACE_8,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
