"""The whole screen for the call: the window's own in the desktop app, a hint at the browser's key in a tab."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import flet as ft

from app.components.call.call_theme import TEXT, pill, stage_text

DESKTOPS = (ft.PagePlatform.LINUX, ft.PagePlatform.WINDOWS, ft.PagePlatform.MACOS)
HINT = "Press F11 for your browser's full screen"
HINT_SHOWN_S = 4.0


@dataclass(frozen=True)
class FullScreen:
    """`on` is None where the app cannot make its window full screen; `hint` is what to say of it then."""

    on: bool | None
    toggle: Callable[[], None]
    hint: list[ft.Control]


def use_full_screen() -> FullScreen:
    """The window goes back to what it was when the call's screen is left."""
    page = ft.context.page
    possible = not page.web and page.platform in DESKTOPS
    full, set_full = ft.use_state(False)
    hinting, set_hinting = ft.use_state(False)

    def show(on: bool) -> None:
        page.window.full_screen = on
        page.window.update()

    async def hint() -> None:
        set_hinting(True)
        await asyncio.sleep(HINT_SHOWN_S)
        set_hinting(False)

    def toggle() -> None:
        if possible:
            set_full(lambda now: not now)
        else:
            page.run_task(hint)

    def restore() -> None:
        if possible and full:
            show(False)

    ft.use_effect(lambda: show(full) if possible else None, [full], restore)
    said = pill([ft.Icon(ft.Icons.FULLSCREEN, size=16, color=TEXT), stage_text(HINT)], wrap=True)
    shown = [ft.Container(ft.Semantics(live_region=True, content=said), key="browser-hint")] if hinting else []
    return FullScreen(full if possible else None, toggle, list(shown))
