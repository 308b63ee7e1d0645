"""The call's keys, over the call: what each does."""

from collections.abc import Callable

import flet as ft

from app.components.call.call_theme import PANEL, QUIET, RAISED, TEXT, stage_text
from app.components.design.theme import Type
from app.state.call.call_context import use_call

SHORTCUTS = (
    ("M", "Microphone on or off"),
    ("Space", "Hold to speak while muted"),
    ("V", "Camera on or off"),
    ("S", "Share your screen, or stop"),
    ("F", "Full screen"),
    ("L", "Side by side, or one large"),
    ("Arrows", "Move your own picture, or a screen that is zoomed"),
    ("+ −", "Zoom a shared screen; 0 shows all of it"),
    ("C", "Chat"),
    ("N", "Your private notes"),
    ("T", "Timer"),
    ("R", "Record the session"),
    ("Q", "Connection details"),
    ("Tab", "Next button"),
    ("Esc", "Close what is open"),
    ("?", "Show or hide this list"),
)
OF_PROFESSIONALS, OF_RECORDING = "T", "R"
WIDTH = 360


def _key(name: str, scale: float) -> ft.Control:
    return ft.Container(
        stage_text(name, weight=ft.FontWeight.W_600),
        bgcolor=RAISED,
        border_radius=6,
        padding=ft.Padding.symmetric(horizontal=10, vertical=4),
        alignment=ft.Alignment.CENTER,
        width=88 * scale,
    )


@ft.component
def ShortcutHelp(on_close: Callable[[], object]) -> ft.Control:
    """In the middle of the stage. Read out as one list; the cross has the focus, Escape closes it too."""
    call = use_call()
    scale = call.services.preferences.text_scale
    left_out = ({OF_PROFESSIONALS} if not call.is_professional else set()) | (
        {OF_RECORDING} if not call.can_record else set()
    )
    rows: list[ft.Control] = [
        ft.Semantics(
            label=f"{key}: {words}",
            exclude_semantics=True,
            content=ft.Row([_key(key, scale), ft.Container(stage_text(words, color=QUIET), expand=True)], spacing=12),
        )
        for key, words in SHORTCUTS
        if key not in left_out
    ]
    cross = ft.Icon(ft.Icons.CLOSE, semantics_label="Close the list of shortcuts", color=TEXT, size=20)
    head = ft.Row(
        [
            ft.Container(stage_text("Keyboard shortcuts", role=Type.TITLE), expand=True),
            ft.IconButton(icon=cross, autofocus=True, on_click=lambda e: on_close()),
        ]
    )
    return ft.Container(
        ft.Column([head, *rows], spacing=10, tight=True, scroll=ft.ScrollMode.AUTO),
        bgcolor=PANEL,
        border_radius=16,
        padding=16,
        width=WIDTH * scale,
    )
