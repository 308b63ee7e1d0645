"""The page after a call: how long it was, why it ended, and what comes next."""

from collections.abc import Callable

import flet as ft

from app.call.contract.call_state import EndReason
from app.components.call.pages import centred_page, headline, sentence
from app.components.call.quality.report import quality_report
from app.components.call.stage.files import received_list
from app.components.design.avatar import Avatar
from app.components.design.buttons import PrimaryButton, SecondaryButton
from app.components.frame.clock import use_now
from app.components.frame.page_events import use_title
from app.components.frame.private_notes import NotesField
from app.components.frame.recorded_files import RecordedFilesList
from app.state.call.call_context import use_call
from app.state.call.call_session import CallSession
from app.state.call.recording.call_recording import ACTIVE
from app.state.call.words import recording_words, stage_words
from app.state.call.words.call_words import ended_words, length_words
from app.state.core.recorded.files import AllRecordedFiles
from app.state.core.wall_time import span_words

CHECK_EVERY_S = 5.0


@ft.component
def AfterCall(on_back: Callable[[], object]) -> ft.Control:
    """One step back to the list. Rejoin stays until the room closes, and is never done by itself."""
    call = use_call()
    page = ft.context.page
    use_title("After the call")
    now = use_now(call.services.now, CHECK_EVERY_S)
    booking = call.booking
    title, text = ended_words(
        call.snapshot.end_reason,
        call.other_name,
        cancelled=booking is not None and booking.status == "cancelled",
        over=booking is not None and now >= booking.join_closes_at,
        away=call.away,
    )
    face = Avatar(call.other_name, call.other_photo, 72)
    return centred_page(
        [
            ft.Row([face], alignment=ft.MainAxisAlignment.CENTER),
            headline(title),
            sentence(text),
            sentence(_how_long(call)),
            *quality_report(call.own_report, call.kept_quality, call.role, call.other_name),
            *received_list(call),
            *_recorded(call),
            *_rejoin(call),
            *_next(call, page, on_back),
            *_notes(call),
        ]
    )


def _recorded(call: CallSession) -> list[ft.Control]:
    """The file of a recording that ran until the end is still being made ready; others are there."""
    saving = call.snapshot.recording.state in ACTIVE
    said = [sentence(recording_words.FINISHING)] if saving else []
    has_any = call.can_record and AllRecordedFiles.kept_by(call.services).of(call.session_id).has_any
    return [*said, RecordedFilesList(call.session_id, call.times_recorded)] if has_any else []


def _notes(call: CallSession) -> list[ft.Control]:
    """While it is fresh; in a browser of its own the call had them on its page, and they are with the session."""
    return [] if call.booking is None else [NotesField(call.session_id)]


def _how_long(call: CallSession) -> str:
    return stage_words.together_words(call.other_name, "" if call.length is None else length_words(call.length))


def _rejoin(call: CallSession) -> list[ft.Control]:
    if not call.may_rejoin:
        return []
    elsewhere = call.snapshot.end_reason is EndReason.JOINED_ELSEWHERE
    label = stage_words.JOIN_HERE if elsewhere else stage_words.REJOIN
    join_problem = call.join_problem
    return [
        PrimaryButton(
            stage_words.JOINING if call.entering else label,
            call.enter,
            busy=call.entering,
            icon=ft.Icons.VIDEO_CALL,
        ),
        *([ft.Text(f"{join_problem.title}. {join_problem.text}", color=ft.Colors.ERROR)] if join_problem else []),
    ]


def _next(call: CallSession, page: ft.Page, on_back: Callable[[], object]) -> list[ft.Control]:
    booking = call.booking
    back = SecondaryButton if call.may_rejoin or not call.is_professional else PrimaryButton
    if call.is_professional:
        following = call.next_session
        words = []
        if following is not None:
            when = span_words(following.starts_at, following.ends_at, call.services.zone, call.services.now())
            words = [sentence(f"Next: {following.user.name}, {when}")]
        return [*words, back("Back to Upcoming", on_back)]
    again: list[ft.Control] = []
    if booking is not None:
        path = f"/professional/{booking.professional.id}"
        button = SecondaryButton if call.may_rejoin else PrimaryButton
        again = [button(f"Book again with {call.other_name}", lambda: page.navigate(path))]
    return [*again, back("Back to My sessions", on_back)]
