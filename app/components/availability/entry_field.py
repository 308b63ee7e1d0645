"""A text field that a person and the form both write into, without either undoing the other."""

from collections.abc import Callable

import flet as ft

from app.components.design.fields import BORDER
from app.components.design.theme import FIELD, SPACE_16
from app.state.availability.slot_entry import FieldText
from app.state.core.hooks import use_ref

NOTHING_WRITTEN = -1


@ft.component
def EntryField(
    label: str,
    entry: FieldText,
    on_text: Callable[[str], object],
    on_leave: Callable[[], object],
    on_enter: Callable[[str], object],
    field: ft.Ref[ft.TextField],
    error: str = "",
    hint: str = "",
    prefix: str = "",
    keyboard: ft.KeyboardType = ft.KeyboardType.TEXT,
) -> ft.Control:
    """`on_leave` comes when the focus goes, `on_enter` with Enter and the text that stands in the field then; `field`
    lets the form move the focus.

    The entry's text is sent only when its revision rises. Otherwise the field keeps what the client last reported:
    a render that lags a keystroke behind would take that keystroke back. What the form wrote is selected, so that
    typing replaces it.
    """
    written = use_ref(NOTHING_WRITTEN)
    _, draw_again = ft.use_state(entry.revision)
    control = field.current
    is_new = control is None or written.current != entry.revision
    written.current = entry.revision
    value = entry.text if control is None or is_new else control.value
    selection = ft.TextSelection(base_offset=0, extent_offset=len(value)) if is_new and entry.revision else None
    # one render only: the client selects again whenever the field changes while a selection stands in it
    ft.use_effect(lambda: draw_again(entry.revision), [entry.revision])
    return ft.TextField(
        ref=field,
        label=label,
        value=value,
        selection=selection,
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
        on_submit=lambda event: on_enter(event.control.value or ""),
    )


def PriceField(
    label: str,
    entry: FieldText,
    on_text: Callable[[str], object],
    on_leave: Callable[[], object],
    on_enter: Callable[[str], object],
    field: ft.Ref[ft.TextField],
    error: str = "",
) -> ft.Control:
    """`45`, `45.5`, `45,50` all do; the view model reads them (`slot_rules.parse_price`)."""
    keyboard = ft.KeyboardType.NUMBER
    return EntryField(label, entry, on_text, on_leave, on_enter, field, error, "45.00", "$ ", keyboard)


def TimeField(
    label: str,
    entry: FieldText,
    on_text: Callable[[str], object],
    on_leave: Callable[[], object],
    on_enter: Callable[[str], object],
    field: ft.Ref[ft.TextField],
    error: str = "",
) -> ft.Control:
    """`9`, `930`, `0930`, `9:30`, `2pm` all do; the view model reads them (`slot_rules.parse_time`)."""
    keyboard = ft.KeyboardType.DATETIME
    return EntryField(label, entry, on_text, on_leave, on_enter, field, error, "HH:mm", keyboard=keyboard)
