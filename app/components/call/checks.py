"""What can be tried before a call: the connection, said in one line with what helps, and the speaker."""

from collections.abc import Callable

import flet as ft

from app.components.design.buttons import QuietButton
from app.components.design.theme import QUIET_INK, SPACE_8, Type
from app.state.call.words.check_words import CheckWords

_ICONS = {
    "good": (ft.Icons.WIFI, ft.Colors.PRIMARY),
    "wait": (ft.Icons.WIFI_FIND_OUTLINED, ft.Colors.ON_SURFACE_VARIANT),
    "bad": (ft.Icons.WIFI_OFF, ft.Colors.ERROR),
}


@ft.component
def ConnectionLine(words: CheckWords | None, trying: bool, on_try: Callable[[], object]) -> ft.Control:
    """How the connection is; where it is not good also what helps, and another try."""
    if words is None:
        return ft.Container()
    icon, colour = _ICONS[words.tone]
    shown_icon: ft.Control = ft.Icon(icon, size=18, color=colour)
    if trying:
        shown_icon = ft.Container(ft.ProgressRing(width=14, height=14, stroke_width=2), padding=2)
    said: list[ft.Control] = [ft.Text(words.what, theme_style=Type.BODY)]
    if words.remedy:
        said.append(ft.Text(words.remedy, theme_style=Type.SMALL, color=QUIET_INK))
    again = [] if trying or words.tone == "good" else [QuietButton("Try again", on_try)]
    return ft.Semantics(
        live_region=True,
        identifier="connection-check",
        content=ft.Row(
            [shown_icon, ft.Column(said, spacing=0, tight=True, expand=True), *again],
            spacing=SPACE_8,
            vertical_alignment=ft.CrossAxisAlignment.START if words.remedy else ft.CrossAxisAlignment.CENTER,
        ),
    )


@ft.component
def SpeakerTest(on_play: Callable[[], object] | None, sounding: bool, failed: bool) -> ft.Control:
    """A chime on request. `on_play` is None where the speaker takes no sound; the fault is shown elsewhere."""
    label = "Playing…" if sounding else "Play a test sound"
    button = QuietButton(label, on_play, icon=ft.Icons.MUSIC_NOTE_OUTLINED, busy=sounding)
    words = "No sound came out. Choose another speaker." if failed else ""
    return ft.Row(
        [button, *([ft.Text(words, theme_style=Type.SMALL, color=ft.Colors.ERROR, expand=True)] if words else [])],
        spacing=SPACE_8,
        wrap=not words,
    )
