"""A price field: whole or with two decimals, written out in full when it is left."""

from collections.abc import Callable

import flet as ft

from app.components.availability.entry_field import EntryField
from app.state.availability.slot_entry import Entry


def PriceField(
    label: str,
    entry: Entry,
    on_text: Callable[[str], object],
    on_leave: Callable[[], object],
    on_enter: Callable[[], object],
    field: ft.Ref[ft.TextField],
    error: str = "",
) -> ft.Control:
    """`45`, `45.5`, `45,50` all do; the view model reads them (`slot_form.parse_price`)."""
    keyboard = ft.KeyboardType.NUMBER
    return EntryField(label, entry, on_text, on_leave, on_enter, field, error, "45.00", "$ ", keyboard)
