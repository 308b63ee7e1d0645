"""An HH:mm field: takes what people type, writes it out in full when they leave it."""

from collections.abc import Callable

import flet as ft

from app.components.availability.entry_field import EntryField
from app.state.availability.slot_entry import Entry


def TimeField(
    label: str,
    entry: Entry,
    on_text: Callable[[str], object],
    on_leave: Callable[[], object],
    on_enter: Callable[[], object],
    field: ft.Ref[ft.TextField],
    error: str = "",
) -> ft.Control:
    """`9`, `930`, `0930`, `9:30`, `2pm` all do; the view model reads them (`slot_form.parse_time`)."""
    keyboard = ft.KeyboardType.DATETIME
    return EntryField(label, entry, on_text, on_leave, on_enter, field, error, "HH:mm", keyboard=keyboard)
