"""A text field that a person and the form both write into, without either undoing the other."""

from collections.abc import Callable

import flet as ft

from app.components.fields import BORDER
from app.components.theme import FIELD, SPACE_16
from app.state.hooks import use_box
from app.state.slot_entry import Entry

NOTHING_WRITTEN = -1


@ft.component
def EntryField(
    label: str,
    entry: Entry,
    on_text: Callable[[str], object],
    on_leave: Callable[[], object],
    on_enter: Callable[[], object],
    field: ft.Ref[ft.TextField],
    error: str = "",
    hint: str = "",
    prefix: str = "",
    keyboard: ft.KeyboardType = ft.KeyboardType.TEXT,
) -> ft.Control:
    """`on_leave` comes when the focus goes, `on_enter` with Enter; `field` lets the form move the focus.

    The entry's text is sent only when its revision rises. Otherwise the field keeps what the client last reported:
    a render that lags a keystroke behind would take that keystroke back.
    """
    written = use_box(NOTHING_WRITTEN)
    control = field.current
    value = entry.text if control is None or written.current != entry.revision else control.value
    written.current = entry.revision
    return ft.TextField(
        ref=field,
        label=label,
        value=value,
        error=error or None,
        error_max_lines=3,
        hint_text=hint or None,
        prefix=prefix or None,
        keyboard_type=keyboard,
        autocorrect=False,
        enable_suggestions=False,
        filled=True,
        fill_color=FIELD,
        border=BORDER,
        content_padding=ft.Padding.symmetric(horizontal=SPACE_16, vertical=18),
        on_change=lambda event: on_text(event.control.value or ""),
        on_blur=lambda: on_leave(),
        on_submit=lambda: on_enter(),
    )
