"""A switch with words that wrap: a switch's own label stays on one line, and runs out of a narrow card."""

from collections.abc import Awaitable, Callable

import flet as ft

from app.components.design.theme import SPACE_8


def SwitchRow(words: str, on: bool, on_change: Callable[[bool], object]) -> ft.Control:
    """`words` are also its name for screen readers, which otherwise find two things: words, and a nameless switch."""

    async def changed(event: ft.Event[ft.Switch]) -> None:
        result = on_change(event.control.value is True)
        if isinstance(result, Awaitable):
            await result

    switch = ft.Switch(value=on, on_change=changed)
    return ft.MergeSemantics(ft.Row([switch, ft.Text(words, expand=True)], spacing=SPACE_8))
