"""The files of a follow-up: added by the professional before it is sent, saved by both once it is."""

from functools import partial

import flet as ft

from app.api.models import FollowUpFile
from app.call.contract.files import clean_file_name
from app.components.design.buttons import IconAction, QuietButton, SecondaryButton
from app.components.design.feedback import toast
from app.components.design.note_line import NoteLine
from app.components.design.theme import BAD, FIELD, QUIET_INK, RADIUS_MEDIUM, SPACE_4, SPACE_8, SPACE_12, Type
from app.errors import AppError
from app.state.bookings.follow_up_files import (
    ADD,
    ADD_TITLE,
    AGAIN,
    LIMITS,
    SAVE,
    SAVE_TITLE,
    Attached,
    Chosen,
    FileState,
    FollowUpFiles,
    SavingFiles,
    saving_words,
)
from app.state.core.hooks import use_observed
from app.state.core.picked_files import FileChoice, save_somewhere
from app.state.core.sizes import size_words


@ft.component
def FilesField(files: FollowUpFiles) -> ft.Control:
    """What is attached so far, and adding more."""
    shown = use_observed(files)

    page = ft.context.page

    async def add() -> None:
        choice = FileChoice(shown.services.upload_dir)
        try:
            picked = await choice.pick_several(ADD_TITLE)
        except AppError as error:
            shown.refuse(error.detail)
            return
        chosen = [Chosen(each.name, each.size, partial(choice.read, each)) for each in picked]
        page.run_task(shown.add, chosen)  # so that more can be added meanwhile

    reason = shown.why_not_add
    return ft.Column(
        [
            *(_attached(each, shown, page) for each in shown.attached),
            *(NoteLine(each, ft.Icons.ERROR_OUTLINE, BAD) for each in shown.refused),
            SecondaryButton(ADD, None if reason else add, reason, icon=ft.Icons.ATTACH_FILE, expand=True),
            *([] if reason else [ft.Text(LIMITS, theme_style=Type.SMALL, color=QUIET_INK)]),
        ],
        spacing=SPACE_8,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _attached(file: Attached, files: FollowUpFiles, page: ft.Page) -> ft.Control:
    async def remove() -> None:
        await files.remove(file.id)

    buttons: list[ft.Control] = [IconAction(ft.Icons.CLOSE, f"Remove {file.name}", remove)]
    below: list[ft.Control] = []
    if file.state is FileState.UPLOADING:
        below.append(ft.ProgressBar(value=file.percent / 100, semantics_label=file.name))
    if file.problem:
        below.append(_problem(file.problem))
    if file.may_try_again:
        again = QuietButton(AGAIN, lambda: page.run_task(files.try_again, file.id), spoken=f"{AGAIN}: {file.name}")
        below.append(ft.Row([again]))
    return _file_box(file.name, file.words, buttons, below, f"file {file.id}")


@ft.component
def SentFiles(sent: tuple[FollowUpFile, ...], saving: SavingFiles) -> ft.Control:
    """Those of a follow-up that was sent, for both."""
    shown = use_observed(saving)
    return ft.Column(
        [_sent(each, shown) for each in sent],
        spacing=SPACE_8,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _sent(file: FollowUpFile, saving: SavingFiles) -> ft.Control:
    name = clean_file_name(file.name)

    async def save() -> None:
        content = await saving.content(file)
        if content is None:
            return
        try:
            if words := await save_somewhere(SAVE_TITLE, name, content):
                toast(words)
        except AppError as error:
            saving.note(file, error.detail)

    percent, problem = saving.percents.get(file.id), saving.problems.get(file.id)
    words, below = size_words(file.size), list[ft.Control]()
    if percent is not None:
        words = saving_words(percent)
        below.append(ft.ProgressBar(value=percent / 100, semantics_label=name))
    if problem:
        below.append(_problem(problem))
    return _file_box(name, words, [QuietButton(SAVE, save, spoken=f"{SAVE} {name}")], below, f"file {file.id}")


def _problem(words: str) -> ft.Control:
    return ft.Semantics(live_region=True, content=ft.Text(words, theme_style=Type.SMALL, color=ft.Colors.ERROR))


def _file_box(name: str, words: str, buttons: list[ft.Control], below: list[ft.Control], key: str) -> ft.Control:
    said = ft.Column(
        [ft.Text(name, theme_style=Type.BODY), ft.Text(words, theme_style=Type.SMALL, color=QUIET_INK)],
        spacing=0,
        tight=True,
        expand=True,
    )
    icon = ft.Icon(ft.Icons.INSERT_DRIVE_FILE_OUTLINED, size=20, color=QUIET_INK)
    lines: list[ft.Control] = [ft.Row([icon, said, *buttons], spacing=SPACE_8)]
    if below:
        lines.append(
            ft.Container(ft.Column(below, spacing=SPACE_4, tight=True), padding=ft.Padding.only(right=SPACE_8))
        )
    return ft.Container(
        ft.Column(lines, spacing=SPACE_4, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH),
        bgcolor=FIELD,
        border_radius=RADIUS_MEDIUM,
        padding=ft.Padding.only(left=SPACE_12, right=SPACE_4, top=SPACE_8, bottom=SPACE_8),
        key=key,
    )
