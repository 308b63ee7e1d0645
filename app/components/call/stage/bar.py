"""The call's own buttons: microphone, camera, more, end."""

from collections.abc import Callable

import flet as ft

from app.components.call.call_theme import ACCENT, HANG_UP, PANEL, RAISED, TEXT, stage_text
from app.components.call.stage.fading import use_focus_inside
from app.components.design.buttons import call
from app.components.design.theme import Type
from app.components.frame.page_events import use_width
from app.state.call.chat import CLOSE, open_words
from app.state.call.words import recording_words, screen_words, stage_words
from app.state.core import private_notes

SIZE = 56
ON_ACCENT = "#00382F"
BAR_GAP, NARROW_GAP = 16, 10
ROOMY = 390
"""Logical pixels in which five buttons have room with the wider gap."""
WITH_NOTES = 480
"""And six; in a narrower window the notes are a tab beside the chat alone."""
WITH_SCREEN = 560
"""And seven; a screen is shared from a wide window."""
WITH_RECORD = 632
"""And eight; in a narrower window recording is a tab beside the chat alone."""


def round_button(
    icon: ft.IconData,
    label: str,
    on_click: Callable[[], object],
    *,
    off: bool = False,
    danger: bool = False,
    shortcut: str = "",
    on_focus: Callable[[bool], None] | None = None,
    size: float = SIZE,
) -> ft.IconButton:
    """`label` says what pressing it does now. `off` marks a switched-off device: light on dark turned round."""

    async def press(e: object) -> None:
        await call(on_click, e)

    back, front = (HANG_UP, "#FFFFFF") if danger else (TEXT, PANEL) if off else (RAISED, TEXT)
    return ft.IconButton(
        icon=ft.Icon(icon, semantics_label=label, color=front, size=size * 0.43),
        tooltip=ft.Tooltip(f"{label} ({shortcut})" if shortcut else label, exclude_from_semantics=True),
        width=size,
        height=size,
        bgcolor=back,
        style=ft.ButtonStyle(shape=ft.CircleBorder(), side={ft.ControlState.FOCUSED: ft.BorderSide(3, "#7FD8C3")}),
        on_click=press,
        on_focus=(lambda e: on_focus(True)) if on_focus else None,
        on_blur=(lambda e: on_focus(False)) if on_focus else None,
    )


def microphone_button(on: bool, press: Callable[[], object], **style: object) -> ft.IconButton:
    label = stage_words.MUTE if on else stage_words.UNMUTE
    icon = ft.Icons.MIC if on else ft.Icons.MIC_OFF
    return round_button(icon, label, press, off=not on, shortcut="M", **style)  # type: ignore[arg-type]  # passed on


def screen_button(sharing: bool, press: Callable[[], object], **style: object) -> ft.IconButton:
    label = screen_words.STOP if sharing else screen_words.SHARE
    icon = ft.Icons.STOP_SCREEN_SHARE if sharing else ft.Icons.SCREEN_SHARE
    return round_button(icon, label, press, off=sharing, shortcut="S", **style)  # type: ignore[arg-type]  # passed on


def camera_button(on: bool, press: Callable[[], object], **style: object) -> ft.IconButton:
    label = stage_words.CAMERA_OFF if on else stage_words.CAMERA_ON
    icon = ft.Icons.VIDEOCAM if on else ft.Icons.VIDEOCAM_OFF
    return round_button(icon, label, press, off=not on, shortcut="V", **style)  # type: ignore[arg-type]  # passed on


def record_button(is_open: bool, press: Callable[[], object], **style: object) -> ft.IconButton:
    label = recording_words.CLOSE if is_open else recording_words.RECORD
    return round_button(ft.Icons.FIBER_MANUAL_RECORD, label, press, off=is_open, shortcut="R", **style)  # type: ignore[arg-type]  # passed on


@ft.component
def ChatButton(unread: int, is_open: bool, press: Callable[[], object]) -> ft.Control:
    """Says how many messages are new, in a number too."""
    label = CLOSE if is_open else open_words(unread)
    button = round_button(ft.Icons.CHAT_BUBBLE_OUTLINE, label, press, off=is_open, shortcut="C")
    number = ft.Container(
        stage_text(str(min(unread, 99)), role=Type.SMALL, color=ON_ACCENT, weight=ft.FontWeight.W_600),
        bgcolor=ACCENT,
        border_radius=10,
        padding=ft.Padding.symmetric(horizontal=6, vertical=1),
    )
    # what is placed has to stand in the stack itself: Flutter draws an error in place of it otherwise
    said = ft.Container(ft.Semantics(content=number, exclude_semantics=True), right=0, top=0, key="unread")
    return ft.Stack([button, *([said] if unread else [])], width=SIZE, height=SIZE)


@ft.component
def CallBar(
    microphone_on: bool,
    camera_on: bool,
    more_open: bool,
    on_microphone: Callable[[], object],
    on_camera: Callable[[], object],
    sharing: bool,
    on_screen: Callable[[], object],
    on_more: Callable[[], object],
    chat: ft.Control,
    notes_open: bool,
    on_notes: Callable[[], object],
    record_open: bool,
    on_record: Callable[[], object] | None,
    on_end: Callable[[], object],
    on_focus: Callable[[bool], None],
) -> ft.Control:
    """`chat` opens the chat; `on_record` is None where nothing can be recorded. `on_focus` is called when the focus
    of the keyboard comes into the bar and when it leaves.
    """
    focus = use_focus_inside(on_focus)
    notes = round_button(
        ft.Icons.EDIT_NOTE,
        private_notes.CLOSE if notes_open else private_notes.OPEN,
        on_notes,
        off=notes_open,
        shortcut="N",
        on_focus=focus,
    )
    record: list[ft.Control] = []
    if on_record is not None and use_width() >= WITH_RECORD:
        record = [record_button(record_open, on_record, on_focus=focus)]
    return ft.Row(
        alignment=ft.MainAxisAlignment.CENTER,
        spacing=BAR_GAP if use_width() >= ROOMY else NARROW_GAP,
        controls=[
            microphone_button(microphone_on, on_microphone, on_focus=focus),
            camera_button(camera_on, on_camera, on_focus=focus),
            *([screen_button(sharing, on_screen, on_focus=focus)] if use_width() >= WITH_SCREEN else []),
            *record,
            chat,
            *([notes] if use_width() >= WITH_NOTES else []),
            round_button(
                ft.Icons.TUNE,
                stage_words.CLOSE_DEVICES if more_open else stage_words.DEVICES,
                on_more,
                off=more_open,
                on_focus=focus,
            ),
            round_button(ft.Icons.CALL_END, stage_words.END, on_end, danger=True, on_focus=focus),
        ],
    )
