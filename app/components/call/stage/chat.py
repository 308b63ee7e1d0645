"""The chat, in the panel at the side of the call."""

import flet as ft

from app.call.contract.chat import LONGEST_MESSAGE, ChatMessage
from app.components.call.call_theme import ACCENT, QUIET, RAISED, TEXT, WARNING, stage_text
from app.components.call.stage.bar import round_button
from app.components.call.stage.files import attach_button, file_row
from app.components.design.fields import TypedText, focus
from app.components.design.links import LinkedText
from app.components.design.theme import Type
from app.state.call.call_context import use_call
from app.state.call.call_session import CallSession
from app.state.call.chat import EMPTY, FIELD, SEND, head_words, mark_words
from app.state.core.hooks import use_ref


@ft.component
def Chat() -> ft.Control:
    """Enter sends, Shift+Enter begins a line."""
    call = use_call()
    messages = call.snapshot.chat
    ft.use_effect(lambda: call.read_chat(), [len(messages)])
    ft.use_effect(lambda: _forget_problem(call), [])
    rows = _rows(call)
    shown: ft.Control = (
        ft.ListView(rows, expand=True, spacing=10, auto_scroll=True, key="messages")
        if rows
        else ft.Container(stage_text(EMPTY, color=QUIET), expand=True, key="none")
    )
    problem = ft.Semantics(
        live_region=True,
        content=stage_text(call.file_problem, role=Type.SMALL, color=WARNING) if call.file_problem else ft.Container(),
    )
    return ft.Column([shown, problem, Composer()], spacing=8)


def _forget_problem(call: CallSession) -> None:
    """Opened again, the chat starts without it."""
    if call.file_problem:
        call.file_problem = ""


def _rows(call: CallSession) -> list[ft.Control]:
    """Messages and files in their order. The message that says of a file that it was sent stands where the file is
    gone.
    """
    files = call.snapshot.files
    shown = {(each.id, each.mine) for each in files}
    messages = [each for each in call.snapshot.chat if (each.id, each.mine) not in shown]
    rows = [(each.sent_at, _row(each, call.other_name, call)) for each in messages]
    rows += [(each.at, file_row(each, call)) for each in files]
    return [row for _, row in sorted(rows, key=lambda each: each[0])]


def _row(message: ChatMessage, name: str, call: CallSession) -> ft.Control:
    mark = mark_words(message, call.kept_messages, call.refused_messages)
    head = head_words(message, name, call.services.zone)
    said: list[ft.Control] = [
        stage_text(f"{head} · {mark}" if mark else head, role=Type.SMALL, color=QUIET),
        LinkedText(message.text, TEXT, ACCENT),
    ]
    bubble = ft.Container(
        ft.Column(said, spacing=2, tight=True),
        bgcolor=RAISED if message.mine else None,
        border=None if message.mine else ft.Border.all(1, RAISED),
        border_radius=12,
        padding=ft.Padding.symmetric(horizontal=12, vertical=8),
        expand=True,
        expand_loose=True,
    )
    side = ft.MainAxisAlignment.END if message.mine else ft.MainAxisAlignment.START
    return ft.Row([bubble], alignment=side, key=message.id)


@ft.component
def Composer() -> ft.Control:
    """What is being written; it stays while the panel is closed and opened again."""
    call = use_call()
    page = ft.context.page
    field = use_ref(ft.Ref[ft.TextField]()).current
    memory = ft.use_memo(TypedText, [])

    async def send() -> None:
        text, call.chat_draft = call.chat_draft, ""
        await call.send_message(text)
        await focus(field)

    def typed(text: str) -> None:
        memory.typed(text)
        call.chat_draft = text

    writing = ft.TextField(
        ref=field,
        value=memory.shown(call.chat_draft, field.current.value if field.current else None),
        label=FIELD,
        autofocus=True,
        multiline=True,
        shift_enter=True,
        min_lines=1,
        max_lines=4,
        max_length=LONGEST_MESSAGE,
        counter=ft.Container(),
        expand=True,
        filled=True,
        color=TEXT,
        on_change=lambda e: typed(e.control.value or ""),
        on_submit=lambda e: page.run_task(send),
    )
    button = round_button(ft.Icons.SEND, SEND, send, size=44)
    return ft.Row([attach_button(call), writing, button], spacing=8, vertical_alignment=ft.CrossAxisAlignment.END)
