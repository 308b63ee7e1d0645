"""A text field that a person and the form both write into, without either undoing the other."""

from collections.abc import Callable

import flet as ft

from app.components.design.fields import BORDER
from app.components.design.theme import FIELD, SPACE_16
from app.state.availability.slot_entry import FieldText
from app.state.core.hooks import use_ref

NOTHING_WRITTEN = -1


def _use_form_text(
    entry: FieldText, field: ft.Ref[ft.TextField]
) -> tuple[str, ft.TextSelection | None, Callable[[], None], Callable[[], None]]:
    """What stands in the field and what of it is selected, and what to call when the focus comes and with a click."""
    written = use_ref(NOTHING_WRITTEN)
    comes_in = use_ref(False)
    selected, select = ft.use_state(0)
    drawn = use_ref(selected)
    _, draw_again = ft.use_state((entry.revision, selected))
    control = field.current
    is_new = control is None or written.current != entry.revision
    is_selected = (is_new and entry.revision > 0) or drawn.current != selected
    written.current, drawn.current = entry.revision, selected
    value = entry.text if control is None or is_new else control.value
    selection = ft.TextSelection(base_offset=0, extent_offset=len(value)) if is_selected else None
    # one render only: the client selects again whenever the field changes while a selection stands in it
    ft.use_effect(lambda: draw_again((entry.revision, selected)), [entry.revision, selected])

    def focused() -> None:
        comes_in.current = True

    def clicked() -> None:
        came, comes_in.current = comes_in.current, False
        if came and entry.is_forms:
            select(lambda times: times + 1)

    return value or "", selection, focused, clicked


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
    typing replaces it; once more with the click that comes into the field, which only sets the caret (Tab selects).
    """
    value, selection, focused, clicked = _use_form_text(entry, field)
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
        on_focus=focused,
        on_click=clicked,
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
