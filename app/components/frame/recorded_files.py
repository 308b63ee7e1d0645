"""The files that this device recorded of a session: after the call, and in the session's details."""

from functools import partial

import flet as ft

from app.components.design.buttons import QuietButton
from app.components.design.card import Heading
from app.components.design.theme import FIELD, QUIET_INK, RADIUS_MEDIUM, SPACE_4, SPACE_8, SPACE_12, Type
from app.state.core.hooks import use_observed
from app.state.core.recorded.files import (
    LEFT_BEHIND,
    OPEN,
    OPENING,
    REMOVE,
    SHOW,
    TITLE,
    AllRecordedFiles,
    RecordedFile,
    RecordedFiles,
)
from app.state.core.services import use_services


@ft.component
def RecordedFilesList(session_id: str, times_changed: int = 0) -> ft.Control:
    """Takes no room where there are none. Looks again when `times_changed` is another."""
    services = use_services()
    files = use_observed(AllRecordedFiles.kept_by(services).of(session_id))
    ft.use_effect(files.look, [session_id, times_changed])
    if not files.shown:
        return ft.Container()
    return ft.Column(
        [Heading(TITLE), *(_box(each, files) for each in files.shown)],
        spacing=SPACE_8,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _box(file: RecordedFile, files: RecordedFiles) -> ft.Control:
    problem = files.problems.get(file.ask_id, "")
    said: list[ft.Control] = [
        ft.Text(file.name, theme_style=Type.BODY),
        ft.Text(file.words, theme_style=Type.SMALL, color=QUIET_INK),
        *([ft.Text(LEFT_BEHIND, theme_style=Type.SMALL, color=QUIET_INK)] if file.left_behind else []),
    ]
    icon = ft.Icon(ft.Icons.VIDEO_FILE_OUTLINED, size=20, color=QUIET_INK)
    head = ft.Row([icon, ft.Column(said, spacing=0, tight=True, expand=True)], spacing=SPACE_8)
    below: list[ft.Control] = [head, ft.Row(_buttons(file, files), wrap=True, spacing=SPACE_4, run_spacing=0)]
    if problem:
        words = ft.Text(problem, theme_style=Type.SMALL, color=ft.Colors.ERROR)
        below.append(ft.Semantics(live_region=True, content=words))
    return ft.Container(
        ft.Column(below, spacing=SPACE_4, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH),
        bgcolor=FIELD,
        border_radius=RADIUS_MEDIUM,
        padding=ft.Padding.symmetric(horizontal=SPACE_12, vertical=SPACE_8),
        key=f"recording {file.ask_id}",
    )


def _buttons(file: RecordedFile, files: RecordedFiles) -> list[ft.Control]:
    if file.file is None:
        forget = partial(files.forget, file.ask_id)
        return [QuietButton(REMOVE, forget, spoken=f"{REMOVE}: {file.name}")]
    busy = files.opening == file.ask_id
    return [
        QuietButton(OPENING if busy else OPEN, partial(files.open, file.ask_id), spoken=f"{OPEN} {file.name}"),
        QuietButton(SHOW, partial(files.show, file.ask_id), spoken=f"{SHOW}: {file.name}"),
    ]
