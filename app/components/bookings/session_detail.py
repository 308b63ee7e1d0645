"""One session in detail: with whom, when, for what, how it stands, and what can be done with it."""

from collections.abc import Callable
from dataclasses import dataclass

import flet as ft

from app.api.models import Booking
from app.components.bookings.attendance_panel import attendance_panel
from app.components.bookings.follow_up import FollowUpField, SentFollowUp
from app.components.bookings.messages import SessionMessages
from app.components.bookings.recordings import SessionRecordings
from app.components.bookings.session_chips import NoteBox, SessionChips
from app.components.bookings.start_button import start_control, use_start_window
from app.components.call.quality.report import quality_report
from app.components.design.avatar import Avatar
from app.components.design.buttons import OnClick, PrimaryButton, QuietButton, SecondaryButton
from app.components.design.card import Heading
from app.components.design.note_line import NoteLine
from app.components.design.states import ErrorState, LoadingRows
from app.components.design.theme import BAD, QUIET_INK, SPACE_4, SPACE_8, SPACE_12, SPACE_16, Type
from app.components.frame.private_notes import NotesField
from app.state.bookings.session_detail import TOOK_PLACE, SessionDetail
from app.state.bookings.session_notes import session_notes
from app.state.bookings.words.cancellation_words import policy_lines
from app.state.core.fetching import Phase
from app.state.core.private_notes import TITLE as NOTES_TITLE
from app.state.core.recorded.files import AllRecordedFiles
from app.state.core.wall_time import duration_words, same_clock, span_words, time_words, zone_or, zone_words

FACE = 56


@dataclass(frozen=True)
class DetailActions:
    """What the buttons do."""

    on_start: Callable[[Booking], object]
    on_calendar: OnClick
    on_check: OnClick
    on_move: OnClick
    on_cancel: OnClick
    on_again: OnClick
    on_object: OnClick
    on_delete_messages: OnClick
    on_follow_up: OnClick


@ft.component
def SessionDetails(detail: SessionDetail, actions: DetailActions, photo_url: str | None = None) -> ft.Control:
    """Part of a component that observes `detail`; `photo_url` (absolute) is the other person's."""
    booking = detail.booking
    if booking is None:
        if detail.phase is Phase.LOADING:
            return LoadingRows(2)
        retry = None if detail.phase is Phase.MISSING else detail.poll
        return ErrorState(detail.error, retry, offline=detail.phase is Phase.OFFLINE)
    return LoadedDetails(booking, detail, actions, photo_url)


@ft.component
def LoadedDetails(booking: Booking, detail: SessionDetail, actions: DetailActions, photo_url: str | None) -> ft.Control:
    """The same once the session is known."""
    services = detail.services
    window = use_start_window(booking, services.now, services.zone)
    stale = [NoteLine(detail.error)] if detail.error else []
    notes = session_notes(booking, detail.role, detail.now, services.zone)
    start = [start_control(booking, window, actions.on_start, expand=True)] if detail.may_lead_to_a_call else []
    return ft.Column(
        [
            *stale,
            _who(booking.other(detail.role).name, booking, detail, photo_url),
            _when(booking, detail),
            ft.Row(
                SessionChips(booking.status, booking.payment_status), spacing=SPACE_8, run_spacing=SPACE_8, wrap=True
            ),
            *(NoteBox(each) for each in notes),
            *start,
            *_policy(booking, detail),
            *_decision(booking, detail, actions),
            *quality_report(None, detail.quality, detail.role, booking.other(detail.role).name),
            *_follow_up(booking, detail, actions),
            *_recordings(booking, detail),
            *_notes(booking),
            *_messages(booking, detail, actions),
            *_actions(booking, detail, actions),
        ],
        spacing=SPACE_16,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _who(name: str, booking: Booking, detail: SessionDetail, photo_url: str | None) -> ft.Control:
    line = "" if detail.is_professional else booking.professional.headline
    words: list[ft.Control] = [Heading(name, Type.SECTION)]
    if line:
        words.append(ft.Text(line, theme_style=Type.BODY, color=QUIET_INK))
    return ft.Row(
        [Avatar(name, photo_url, FACE), ft.Column(words, spacing=0, tight=True, expand=True)], spacing=SPACE_16
    )


def _when(booking: Booking, detail: SessionDetail) -> ft.Control:
    zone = detail.services.zone
    span = span_words(booking.starts_at, booking.ends_at, zone, detail.now)
    length = duration_words(booking.ends_at - booking.starts_at)
    theirs = zone_or(booking.time_zone, zone)
    words: list[ft.Control] = [
        ft.Text(span, theme_style=Type.TITLE),
        ft.Text(f"{length} · {booking.price_words}", theme_style=Type.BODY, color=QUIET_INK),
    ]
    if not detail.is_professional and not same_clock(booking.starts_at, zone, theirs):
        first_name = booking.professional.name.split(" ")[0]
        note = f"{time_words(booking.starts_at, theirs)} for {first_name} ({zone_words(theirs)})"
        words.append(ft.Text(note, theme_style=Type.SMALL, color=QUIET_INK))
    return ft.Column(words, spacing=0, tight=True)


def _policy(booking: Booking, detail: SessionDetail) -> list[ft.Control]:
    if not detail.is_to_come:
        return []
    lines = policy_lines(booking, detail.role, detail.now, detail.services.zone)
    if not lines:
        return []
    return [
        ft.Column(
            [
                Heading("If it is cancelled"),
                *(ft.Text(each, theme_style=Type.BODY, color=QUIET_INK) for each in lines),
            ],
            spacing=SPACE_4,
            tight=True,
        )
    ]


def _decision(booking: Booking, detail: SessionDetail, actions: DetailActions) -> list[ft.Control]:
    if detail.decision is None:
        return []
    zone = detail.services.zone
    return [attendance_panel(detail.decision, booking, detail.role, detail.now, zone, actions.on_object)]


def _messages(booking: Booking, detail: SessionDetail, actions: DetailActions) -> list[ft.Control]:
    if not detail.messages:
        return []
    name = booking.other(detail.role).name
    return [SessionMessages(detail.messages, detail.role, name, actions.on_delete_messages)]


def _recordings(booking: Booking, detail: SessionDetail) -> list[ft.Control]:
    """Of what took place."""
    if booking.status not in TOOK_PLACE or detail.now < booking.join_opens_at:
        return []
    here = detail.services.can_record and AllRecordedFiles.kept_by(detail.services).of(booking.id).has_any
    if not detail.recordings and not here:
        return []
    return [SessionRecordings(detail.recordings, booking, detail.role, detail.now)]


def _follow_up(booking: Booking, detail: SessionDetail, actions: DetailActions) -> list[ft.Control]:
    if detail.follow_up is not None:
        return [SentFollowUp(detail.follow_up, booking, detail.role, detail.now, detail.saving_files)]
    return [FollowUpField(detail.follow_up_form, actions.on_follow_up)] if detail.may_send_follow_up else []


def _notes(booking: Booking) -> list[ft.Control]:
    """One's own, of what is or was a session: not of a hold."""
    if booking.status in ("held", "expired") or (booking.status == "cancelled" and booking.payment_status == "pending"):
        return []
    held: list[ft.Control] = [Heading(NOTES_TITLE), NotesField(booking.id)]
    return [
        ft.Column(held, spacing=SPACE_8, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH, key="notes")
    ]


def _actions(booking: Booking, detail: SessionDetail, actions: DetailActions) -> list[ft.Control]:
    action_error = [NoteLine(detail.action_error, ft.Icons.ERROR_OUTLINE, BAD)] if detail.action_error else []
    if not detail.is_to_come:
        return [*action_error, *_calendar(detail, actions), *_again(booking, detail, actions)]
    calendar, check = _calendar(detail, actions), _check(booking, detail, actions)
    return [
        ft.Column(
            [*action_error, *_move(detail, actions), *calendar, *check, _cancel(detail, actions)],
            spacing=SPACE_12,
            tight=True,
            horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        )
    ]


def _calendar(detail: SessionDetail, actions: DetailActions) -> list[ft.Control]:
    """A cancelled session has to leave the calendar as easily as it came in."""
    words = detail.calendar_words
    if not words:
        return []
    icon = ft.Icons.EVENT_BUSY_OUTLINED if detail.is_cancelled else ft.Icons.CALENDAR_MONTH_OUTLINED
    return [SecondaryButton(words, actions.on_calendar, icon=icon, expand=True)]


def _check(booking: Booking, detail: SessionDetail, actions: DetailActions) -> list[ft.Control]:
    """Days before the call as well as right before it: own picture, sound, connection."""
    if booking.status != "confirmed" or detail.services.new_engine is None:
        return []
    return [SecondaryButton("Check camera and sound", actions.on_check, icon=ft.Icons.VIDEOCAM_OUTLINED, expand=True)]


def _again(booking: Booking, detail: SessionDetail, actions: DetailActions) -> list[ft.Control]:
    if detail.is_professional or booking.status == "held" or detail.may_lead_to_a_call:
        return []
    return [PrimaryButton(f"Book again with {booking.professional.name}", actions.on_again, expand=True)]


def _move(detail: SessionDetail, actions: DetailActions) -> list[ft.Control]:
    if detail.is_professional:
        return []
    reason = detail.why_not_move
    button = SecondaryButton(
        "Move to another time", None if reason else actions.on_move, reason, icon=ft.Icons.UPDATE, expand=True
    )
    until = detail.move_until_words
    note = [ft.Text(until, theme_style=Type.SMALL, color=QUIET_INK)] if until else []
    return [ft.Column([button, *note], spacing=SPACE_4, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)]


def _cancel(detail: SessionDetail, actions: DetailActions) -> ft.Control:
    reason = detail.why_not_cancel
    if reason:
        return ft.Text(reason, theme_style=Type.SMALL, color=QUIET_INK)
    button = QuietButton("Cancel session", actions.on_cancel, icon=ft.Icons.EVENT_BUSY_OUTLINED)
    return ft.Row([button], alignment=ft.MainAxisAlignment.CENTER)
