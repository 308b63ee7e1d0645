"""A day's free times by part of day, one of them chosen."""

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

import flet as ft

from app.api.models import FreeSlot
from app.components.design.card import Heading
from app.components.design.theme import QUIET_INK, RADIUS_MEDIUM, SPACE_8, SPACE_12, SPACE_16, Type, rounded
from app.state.bookings.microsite import PartOfDay
from app.state.core.wall_time import duration_words, time_words, until_words

ICONS = {
    "Morning": ft.Icons.WB_TWILIGHT_OUTLINED,
    "Afternoon": ft.Icons.LIGHT_MODE_OUTLINED,
    "Evening": ft.Icons.NIGHTLIGHT_OUTLINED,
}


def slot_label(slot: FreeSlot, zone: ZoneInfo, chosen: bool) -> str:
    """ "14:30 to 15:15, $45.00, selected" for a screen reader."""
    span = f"{time_words(slot.starts_at, zone)} to {until_words(slot.starts_at, slot.ends_at, zone)}"
    return f"{span}, {slot.price_words}{', selected' if chosen else ''}"


def SlotPicker(
    parts: Sequence[PartOfDay], chosen_id: str | None, zone: ZoneInfo, on_choose: Callable[[FreeSlot], object]
) -> ft.Control:
    """`zone` is the viewer's. Price and length stand on every time, as they may differ."""
    return ft.Column([_part(each, chosen_id, zone, on_choose) for each in parts], spacing=SPACE_16, tight=True)


def _part(
    part: PartOfDay, chosen_id: str | None, zone: ZoneInfo, on_choose: Callable[[FreeSlot], object]
) -> ft.Control:
    heading = ft.Row(
        [
            ft.Icon(ICONS[part.name], size=18, color=QUIET_INK),
            Heading(part.name, Type.LABEL, color=QUIET_INK),
        ],
        spacing=SPACE_8,
        tight=True,
    )
    times = [_time(each, each.id == chosen_id, zone, on_choose) for each in part.slots]
    return ft.Column(
        [heading, ft.Row(times, wrap=True, spacing=SPACE_8, run_spacing=SPACE_8)], spacing=SPACE_8, tight=True
    )


def _time(slot: FreeSlot, chosen: bool, zone: ZoneInfo, on_choose: Callable[[FreeSlot], object]) -> ft.Control:
    ink = ft.Colors.ON_PRIMARY if chosen else ft.Colors.ON_SURFACE
    quiet = ft.Colors.ON_PRIMARY if chosen else QUIET_INK
    length = duration_words(slot.ends_at - slot.starts_at)
    column = ft.Column(
        [
            ft.Text(time_words(slot.starts_at, zone), theme_style=Type.TITLE, color=ink, no_wrap=True),
            ft.Text(f"{length} · {slot.price_words}", theme_style=Type.SMALL, color=quiet, no_wrap=True),
        ],
        spacing=0,
        tight=True,
    )
    button = ft.TextButton(
        on_click=lambda: on_choose(slot),
        style=ft.ButtonStyle(
            bgcolor=ft.Colors.PRIMARY if chosen else ft.Colors.SURFACE_CONTAINER,
            shape=rounded(RADIUS_MEDIUM),
            padding=ft.Padding.symmetric(horizontal=SPACE_16, vertical=SPACE_12),
        ),
        content=ft.Semantics(label=slot_label(slot, zone, chosen), exclude_semantics=True, content=column),
    )
    return ft.MergeSemantics(button, key=slot.id)
