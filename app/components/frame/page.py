"""The frame around every screen: its headline, its actions, and its content in a readable column."""

from collections.abc import Callable, Sequence

import flet as ft

from app.components.design.card import Heading
from app.components.design.theme import (
    QUIET_INK,
    READABLE,
    SPACE_4,
    SPACE_8,
    SPACE_12,
    SPACE_16,
    SPACE_24,
    SPACE_32,
    Type,
)
from app.components.frame.page_events import use_title, use_wide


@ft.component
def Page(
    title: str,
    controls: Sequence[ft.Control],
    actions: Sequence[ft.Control] = (),
    lead: str = "",
    scroll: bool = True,
    max_width: float = READABLE,
    on_back: Callable[..., object] | None = None,
) -> ft.Control:
    """A screen's frame: its one headline, `actions` beside it, a `lead` sentence, and the content in a readable column.

    With `scroll` False the content fills the height, so that a list in it can scroll by itself (`expand=True`).
    `on_back` puts a back arrow before the headline.
    """
    use_title(title)
    wide = use_wide()
    pad = SPACE_32 if wide else SPACE_16
    head: list[ft.Control] = [_headline(title, lead), *actions]
    if on_back:
        back = ft.Icon(ft.Icons.ARROW_BACK, semantics_label="Back")
        head.insert(0, ft.IconButton(icon=back, on_click=on_back))
    column = ft.Column(
        [ft.Row(head, spacing=SPACE_8, vertical_alignment=ft.CrossAxisAlignment.CENTER), *controls],
        spacing=SPACE_16 if wide else SPACE_12,
        expand=not scroll,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
    held = ft.Container(column, width=max_width, padding=ft.Padding.only(bottom=SPACE_24 if scroll else 0))
    framed = ft.Container(
        held,
        padding=ft.Padding.only(left=pad, right=pad, top=SPACE_24 if wide else SPACE_12),
        alignment=ft.Alignment.TOP_CENTER if not wide else ft.Alignment.TOP_LEFT,
        expand=not scroll,
    )
    if not scroll:
        return framed
    return ft.Column([framed], scroll=ft.ScrollMode.AUTO, expand=True, spacing=0)


def _headline(title: str, lead: str) -> ft.Control:
    words: list[ft.Control] = [Heading(title, Type.HEADLINE, level=1)]
    if lead:
        words.append(ft.Text(lead, theme_style=Type.BODY, color=QUIET_INK))
    return ft.Column(words, spacing=SPACE_4, tight=True, expand=True)
