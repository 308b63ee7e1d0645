"""What opens at the side of the call: the chat, one's own notes, the timer for whoever sets it, and recording. At the
side where there is room, else a sheet from the bottom. It hides neither the bar nor the way out.
"""

from collections.abc import Callable

import flet as ft

from app.components.call.call_theme import ACCENT, PANEL, QUIET, TEXT, stage_text
from app.components.call.stage.chat import Chat
from app.components.call.stage.keyboard.keys import CHAT, NOTES, RECORD, TIMER
from app.components.call.stage.recording import RecordingSetting
from app.components.call.stage.timer import TimerSetting
from app.components.design.theme import Type
from app.components.frame.page_events import use_width
from app.components.frame.private_notes import NotesField
from app.state.call import chat
from app.state.call.call_context import use_call
from app.state.call.call_session import CallSession
from app.state.call.words import recording_words, timer_words
from app.state.core import private_notes

WIDTH = 360
SHEET_SHARE = 0.62
"""Of a narrow window's height: the other's face stays in sight."""
LINE_HEIGHT, AROUND_NOTES, FEWEST_LINES = 24.0, 200.0, 3
"""Of the notes' field, in logical pixels: a line, and what stands above and below them."""
CLOSE = {CHAT: chat.CLOSE, NOTES: private_notes.CLOSE, TIMER: timer_words.CLOSE, RECORD: recording_words.CLOSE}


@ft.component
def SidePanel(which: str, wide: bool, on_close: Callable[[], object], on_show: Callable[[str], object]) -> ft.Control:
    """`which` is what is shown; `on_show` shows another. Escape closes it too."""
    call = use_call()
    page_width = use_width()
    tabs = {CHAT: chat.TITLE, NOTES: private_notes.TITLE}
    tabs |= {TIMER: timer_words.TITLE} if call.is_professional else {}
    tabs |= {RECORD: recording_words.TITLE} if call.can_record else {}
    cross = ft.Icon(ft.Icons.CLOSE, semantics_label=CLOSE[which], color=TEXT, size=20)
    head = ft.Row(
        [
            ft.Row(
                [_tab(title, name, name == which, on_show) for name, title in tabs.items()],
                spacing=0,
                expand=True,
                wrap=True,
            ),
            ft.IconButton(icon=cross, on_click=lambda e: on_close()),
        ],
        vertical_alignment=ft.CrossAxisAlignment.START,
    )
    page_height = ft.context.page.height or 720.0
    height = page_height - 64 - 108 if wide else page_height * SHEET_SHARE
    lines = int((height - AROUND_NOTES) / (LINE_HEIGHT * call.services.preferences.text_scale))
    return ft.Container(
        right=16 if wide else 8,
        left=None if wide else 8,
        top=64 if wide else None,
        bottom=108 if wide else 92,
        width=WIDTH if wide else page_width - 16,
        height=None if wide else height,
        bgcolor=PANEL,
        border_radius=16,
        padding=ft.Padding.only(left=16, right=8, top=8, bottom=8),
        content=ft.Column([head, ft.Container(_content(which, call, lines), expand=True, key=which)], spacing=8),
    )


def _content(which: str, call: CallSession, lines: int) -> ft.Control:
    if which == NOTES:
        field = NotesField(call.session_id, max(lines, FEWEST_LINES), autofocus=True)
        held = ft.Container(field, padding=ft.Padding.only(right=8, top=8))
        return ft.Column([held], scroll=ft.ScrollMode.AUTO)
    if which == RECORD:
        return RecordingSetting()
    return TimerSetting() if which == TIMER else Chat()


def _tab(title: str, name: str, chosen: bool, on_show: Callable[[str], object]) -> ft.Control:
    text = stage_text(title, role=Type.TITLE, color=TEXT if chosen else QUIET)
    line = ft.Container(height=2, width=24, bgcolor=ACCENT if chosen else None, border_radius=1)
    held = ft.Container(
        ft.Column([text, line], spacing=2, tight=True, horizontal_alignment=ft.CrossAxisAlignment.CENTER),
        padding=ft.Padding.symmetric(horizontal=10, vertical=8),
        on_click=None if chosen else lambda e: on_show(name),
        ink=not chosen,
        border_radius=8,
    )
    return ft.Semantics(label=title, button=True, selected=chosen, exclude_semantics=True, content=held, key=name)
