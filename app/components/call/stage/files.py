"""Files in the chat: how far each is, what can be done about it, and choosing one."""

import flet as ft

from app.call.contract.files import FileState, FileTransfer
from app.components.call.call_theme import ACCENT, QUIET, RAISED, TEXT, WARNING, stage_text
from app.components.call.stage.bar import round_button
from app.components.design.buttons import OnClick, QuietButton
from app.components.design.feedback import toast
from app.components.design.theme import Type
from app.errors import AppError
from app.state.call.call_session import CallSession
from app.state.call.chat import YOU
from app.state.call.words import file_words
from app.state.core.picked_files import NOT_SAVED, FileChoice, save_somewhere
from app.state.core.sizes import size_words
from app.state.core.wall_time import time_words


def file_row(file: FileTransfer, call: CallSession) -> ft.Control:
    """One file between the messages."""
    who = f"{YOU if file.mine else call.other_name}, {time_words(file.at, call.services.zone)}"
    failed = file.state is FileState.FAILED
    said: list[ft.Control] = [
        stage_text(f"{who} · {size_words(file.size)}", role=Type.SMALL, color=QUIET),
        ft.Row([ft.Icon(ft.Icons.INSERT_DRIVE_FILE_OUTLINED, size=20, color=QUIET), _name(file)], spacing=8),
        stage_text(file_words.state_words(file, call.other_name), role=Type.SMALL, color=WARNING if failed else QUIET),
    ]
    if file.state is FileState.UNDERWAY:
        said.append(ft.ProgressBar(value=file.share, color=ACCENT, bgcolor=RAISED, semantics_label=file.name))
    buttons: list[ft.Control] = [
        ft.Container(QuietButton(label, press), key=label) for label, press in _actions(file, call)
    ]
    if buttons:
        said.append(ft.Row(buttons, wrap=True, spacing=4, run_spacing=0))
    bubble = ft.Container(
        ft.Column(said, spacing=4, tight=True),
        bgcolor=RAISED if file.mine else None,
        border=None if file.mine else ft.Border.all(1, RAISED),
        border_radius=12,
        padding=ft.Padding.symmetric(horizontal=12, vertical=8),
        width=280,
    )
    side = ft.MainAxisAlignment.END if file.mine else ft.MainAxisAlignment.START
    return ft.Row([bubble], alignment=side, key=f"file {file.id}")


def _name(file: FileTransfer) -> ft.Control:
    name = stage_text(file.name, color=TEXT)
    name.expand = True
    return name


def _actions(file: FileTransfer, call: CallSession) -> list[tuple[str, OnClick]]:
    async def cancel() -> None:
        await call.cancel_file(file.id)

    async def again() -> None:
        await call.send_file_again(file.id)

    async def save() -> None:
        await save_received(file, call)

    if file.state is FileState.UNDERWAY:
        return [(file_words.CANCEL, cancel)]
    if file.mine:
        return [(file_words.AGAIN, again)] if file.may_send_again else []
    whole = file.state is FileState.DELIVERED
    return [*([(file_words.SAVE, save)] if whole else []), (file_words.REMOVE, cancel)]


async def save_received(file: FileTransfer, call: CallSession) -> None:
    """Where the person says; in the Downloads folder where no dialog can be had. Nothing opens it."""
    content = call.received_file(file.id)
    if content is None:
        call.file_problem = NOT_SAVED
        return
    call.file_problem = ""
    try:
        if words := await save_somewhere(file_words.SAVING_TITLE, file.name, content):
            toast(words)
    except AppError as error:
        call.file_problem = error.detail


def attach_button(call: CallSession) -> ft.Control:
    """Chooses a file and sends it."""

    async def attach() -> None:
        choice = FileChoice(call.services.upload_dir)
        try:
            file = await choice.pick(file_words.ATTACH, None)
            if file is not None and call.may_send(file.size):
                await call.send_file(file.name, await choice.read(file))
        except AppError as error:
            call.file_problem = error.detail

    button = round_button(ft.Icons.ATTACH_FILE, file_words.ATTACH, attach, size=44)
    button.tooltip = ft.Tooltip(f"{file_words.ATTACH}. {file_words.LIMITS}", exclude_from_semantics=True)
    return button


def received_list(call: CallSession) -> list[ft.Control]:
    """After the call: what has arrived, to be saved."""
    files = call.received_files
    if not files:
        return []

    def row(file: FileTransfer) -> ft.Control:
        async def save() -> None:
            await save_received(file, call)

        name = ft.Text(file.name, expand=True)
        return ft.Row([name, QuietButton(f"{file_words.SAVE} ({size_words(file.size)})", save)], key=file.id)

    problem: list[ft.Control] = [ft.Text(call.file_problem, color=ft.Colors.ERROR)] if call.file_problem else []
    return [ft.Text(file_words.AFTER), *(row(each) for each in files), *problem]
