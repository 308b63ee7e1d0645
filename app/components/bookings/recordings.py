"""What was recorded of a session: who asked and who agreed, for both; and the files on the device that wrote them."""

import datetime as dt
from collections.abc import Sequence

import flet as ft

from app.api.models import Booking, RecordingConsentRecord, Role
from app.components.design.card import Heading
from app.components.design.theme import QUIET_INK, SPACE_4, Type
from app.components.frame.recorded_files import RecordedFilesList
from app.state.bookings.words.recording_words import TITLE, record_words
from app.state.core.services import use_services


@ft.component
def SessionRecordings(
    records: Sequence[RecordingConsentRecord], booking: Booking, role: Role, now: dt.datetime
) -> ft.Control:
    """Takes no room where nobody asked to record."""
    services = use_services()
    said: list[ft.Control] = [
        ft.Text(
            record_words(each, booking, role, services.zone, now),
            theme_style=Type.BODY,
            color=QUIET_INK,
            key=each.ask_id,
        )
        for each in records
    ]
    told = ft.Column([Heading(TITLE), *said], spacing=SPACE_4, tight=True) if said else None
    files = [RecordedFilesList(booking.id, len(records))] if services.can_record else []
    return ft.Column(
        [*([told] if told else []), *files],
        spacing=SPACE_4,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
