"""A recording on the stage: that one runs, the question before it, what became of it, and where it is begun."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import flet as ft

from app.call.contract.recording import OwnRecording, PeerRecording, RecordingState
from app.components.call.call_theme import ACCENT, QUIET, TEXT, WARNING, pill, stage_text
from app.components.call.status import NOTICE_WIDTH, ON_STAGE
from app.components.design.buttons import OnClick, PrimaryButton, QuietButton, SecondaryButton
from app.components.design.buttons import call as pressed
from app.components.design.theme import WIDE, Type
from app.components.frame.page_events import use_width
from app.state.call.call_context import use_call
from app.state.call.call_session import CallSession
from app.state.call.words import recording_words
from app.state.core.hooks import use_observed
from app.state.core.recorded.files import OPEN, SHOW, AllRecordedFiles
from app.state.core.wall_time import clock_words

RED = "#FF8A80"
LONGEST_NAME = 40
ABOVE_BAR = 92
"""Logical pixels: as high as the bar and what is below it."""
RUNS = (RecordingState.RECORDING, RecordingState.PAUSED, RecordingState.FINISHING)


def recording_signs(call: CallSession, on_show: Callable[[], object]) -> list[ft.Control]:
    """What both see all the time, also when the controls have faded. `on_show` opens more about one's own."""
    own, theirs = call.snapshot.recording, call.snapshot.peer_recording
    signs: list[ft.Control] = []
    if theirs is not None and theirs.agreed:
        signs.append(ft.Container(_their_sign(theirs, call), key="their-recording"))
    if recording_words.own_words(own, call.other_name):
        signs.append(ft.Container(_own_sign(own, call, on_show), key="own-recording"))
    return signs


def recording_notices(call: CallSession) -> list[ft.Control]:
    """The other's question, or what became of one's own recording: one of them at most."""
    if call.is_asked_to_record:
        return [ft.Container(RecordingQuestion(), key="recording-question")]
    return [ft.Container(RecordingNotice(), key="recording-notice")] if call.snapshot.recording.end is not None else []


def above_bar(notice: ft.Control) -> ft.Control:
    """In a narrow window: never over the way out, however large the letters and long the name."""
    return ft.Container(notice, left=8, right=8, top=8, bottom=ABOVE_BAR, alignment=ft.Alignment.BOTTOM_CENTER)


def _own_sign(own: OwnRecording, call: CallSession, on_show: Callable[[], object]) -> ft.Control:
    name = _short(call.other_name)
    words = recording_words.own_words(own, name)
    if own.state is RecordingState.ASKING:
        cancel = _press(recording_words.CANCEL, call.stop_recording, ACCENT)
        return pill([_dot(own.state), stage_text(words), cancel], wrap=True)
    if own.state is RecordingState.PAUSED:
        words = recording_words.paused_words(call.snapshot.state, name)
    size = stage_text(recording_words.size_of(own), role=Type.SMALL, color=QUIET)
    said = ft.Semantics(
        label=f"{words}. {recording_words.SHOW}",
        button=True,
        exclude_semantics=True,
        content=pill([_dot(own.state), stage_text(words), *([size] if own.size_bytes else [])], wrap=True),
    )
    return ft.MergeSemantics(ft.Container(said, on_click=lambda e: on_show(), ink=True, border_radius=20))


def _their_sign(theirs: PeerRecording, call: CallSession) -> ft.Control:
    """One press takes the yes back."""
    words = stage_text(recording_words.theirs_words(_short(call.other_name), theirs.writing))
    state = RecordingState.RECORDING if theirs.writing else RecordingState.PAUSED
    spoken = recording_words.stop_theirs_words(call.other_name)
    stop = _press(recording_words.STOP_THEIRS, partial(call.answer_recording, False), ACCENT, spoken)
    return pill([_dot(state), words, stop], wrap=True)


def _short(name: str) -> str:
    """For a sign, in which what it says of them has to have room."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"


def _dot(state: RecordingState) -> ft.Control:
    if state is RecordingState.RECORDING:
        return ft.Icon(ft.Icons.FIBER_MANUAL_RECORD, size=16, color=RED)
    icon = ft.Icons.PAUSE_CIRCLE_OUTLINE if state is RecordingState.PAUSED else ft.Icons.RADIO_BUTTON_CHECKED
    return ft.Icon(icon, size=16, color=WARNING)


@ft.component
def RecordingQuestion() -> ft.Control:
    """What the other asks. Neither answer has the focus: no key answers by chance."""
    call = use_call()
    said: list[ft.Control] = [
        ft.Semantics(
            live_region=True,
            content=stage_text(recording_words.asks_words(call.other_name), color=ON_STAGE.headline),
        ),
        stage_text(recording_words.EXPLAINED, color=ON_STAGE.words),
    ]
    answers: list[ft.Control] = [
        _press(recording_words.DO_NOT_ALLOW, partial(call.answer_recording, False), ON_STAGE.accent),
        _press(recording_words.ALLOW, partial(call.answer_recording, True), ON_STAGE.accent),
    ]
    return _notice(said, answers)


@ft.component
def RecordingNotice() -> ft.Control:
    """What became of the last one, what can be done now, and its file."""
    call = use_call()
    own = call.snapshot.recording
    files = use_observed(AllRecordedFiles.kept_by(call.services).of(call.session_id))
    if own.end is None:
        return ft.Container()
    cross = ft.Icon(ft.Icons.CLOSE, semantics_label=recording_words.CLOSE_NOTICE, color=ON_STAGE.words, size=18)
    title = stage_text(recording_words.end_words(own.end, call.other_name), color=ON_STAGE.headline)
    head = ft.Row(
        [
            ft.Semantics(live_region=True, expand=True, content=title),
            ft.IconButton(icon=cross, on_click=_handler(call.stop_recording)),
        ]
    )
    said = [recording_words.next_words(own, call.other_name), files.problems.get(own.ask_id, "")]
    if own.file:
        said.insert(0, recording_words.saved_words(recording_words.name_of(own.file)))
    lines: list[ft.Control] = [stage_text(each, role=Type.SMALL, color=ON_STAGE.words) for each in said if each]
    buttons: list[ft.Control] = [
        _press(SHOW, partial(files.show, own.ask_id), ON_STAGE.accent),
        _press(OPEN, partial(files.open, own.ask_id), ON_STAGE.accent),
    ]
    return _notice([head, *lines], buttons if own.file else [])


@ft.component
def RecordingSetting() -> ft.Control:
    """What would be recorded and where it is saved, and asking for it; or how the one that runs is doing."""
    call = use_call()
    own = call.snapshot.recording
    ft.use_effect(call.look_at_place, [])
    if own.state is RecordingState.ASKING:
        asking = stage_text(recording_words.asking_words(call.other_name))
        return _column([asking, SecondaryButton(recording_words.CANCEL, call.stop_recording)])
    return _column(_running(own, call) if own.state in RUNS else _asking_for(call))


def _asking_for(call: CallSession) -> list[ft.Control]:
    place, reason = call.recording_place, call.why_not_record
    folder = recording_words.NO_PLACE_YET if place is None else str(place.folder)
    free = "" if place is None else recording_words.free_words(place.free_bytes)
    problem = [stage_text(call.recording_problem, color=WARNING)] if call.recording_problem else []
    saved: list[ft.Control] = [
        stage_text(recording_words.SAVED_IN, role=Type.SMALL, color=QUIET),
        stage_text(folder),
        *([stage_text(free, role=Type.SMALL, color=QUIET)] if free else []),
        QuietButton(recording_words.CHANGE_FOLDER, call.change_folder, icon=ft.Icons.FOLDER_OPEN),
        *problem,
    ]
    ask: OnClick | None = None if reason else call.ask_to_record
    return [
        stage_text(recording_words.WHAT),
        stage_text(recording_words.asked_first_words(call.other_name), color=QUIET),
        ft.Column(saved, spacing=2, tight=True),
        PrimaryButton(recording_words.ask_words(call.other_name), ask, reason),
    ]


def _running(own: OwnRecording, call: CallSession) -> list[ft.Control]:
    clock = ft.Semantics(
        label=f"{recording_words.RECORDING} {clock_words(own.written_s)}",
        exclude_semantics=True,
        content=ft.Text(clock_words(own.written_s), theme_style=Type.HEADLINE, color=TEXT),
    )
    facts = [recording_words.size_of(own), recording_words.free_words(own.free_bytes)]
    lines: list[ft.Control] = [
        clock,
        stage_text(" · ".join(each for each in facts if each), color=QUIET),
        stage_text(recording_words.name_of(own.file), role=Type.SMALL, color=QUIET),
    ]
    if own.state is RecordingState.FINISHING:
        return [*lines, stage_text(recording_words.FINISHING)]
    if own.state is RecordingState.PAUSED:
        words = recording_words.paused_words(call.snapshot.state, call.other_name)
        lines.insert(0, stage_text(words, color=WARNING))
    stop = SecondaryButton(recording_words.STOP, call.stop_recording, icon=ft.Icons.STOP_CIRCLE_OUTLINED)
    return [*lines, stop]


def _notice(said: list[ft.Control], buttons: list[ft.Control]) -> ft.Control:
    """What is too long for the window is scrolled; the buttons stay in sight."""
    wide = use_width() >= WIDE
    words = ft.Column(said, spacing=4, tight=True, scroll=None if wide else ft.ScrollMode.AUTO)
    below = [ft.Row(buttons, alignment=ft.MainAxisAlignment.END, wrap=True, spacing=8)] if buttons else []
    held = words if wide else ft.Container(words, expand=True, expand_loose=True)
    return ft.Container(
        bgcolor=ON_STAGE.ground,
        border_radius=12,
        padding=ft.Padding.only(left=16, right=8, top=12, bottom=8),
        width=NOTICE_WIDTH if wide else None,
        content=ft.Column([held, *below], spacing=4, tight=True),
    )


def _column(controls: list[ft.Control]) -> ft.Control:
    return ft.Container(
        ft.Column(controls, spacing=16, scroll=ft.ScrollMode.AUTO, horizontal_alignment=ft.CrossAxisAlignment.START),
        padding=ft.Padding.only(right=8, top=8),
    )


def _press(label: str, does: OnClick, color: str, spoken: str = "") -> ft.Control:
    words = ft.Text(label, color=color, semantics_label=spoken or None)
    return ft.TextButton(content=words, on_click=_handler(does))


def _handler(does: OnClick) -> Callable[[object], Coroutine[Any, Any, None]]:
    async def press(e: object) -> None:
        await pressed(does, e)

    return press
