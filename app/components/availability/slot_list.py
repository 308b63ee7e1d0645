"""The chosen day's slots, in all the states that a list has."""

from collections.abc import Awaitable, Callable

import flet as ft

from app.api.models import Slot
from app.components.availability.slot_row import SlotRow
from app.components.design.note_line import NoteLine
from app.components.design.states import EmptyState, ErrorState, LoadingRows
from app.components.design.theme import QUIET_INK, SPACE_8, SPACE_12, Type
from app.state.availability.own_slots import OwnSlots
from app.state.availability.slot_rules import date_words
from app.state.core.hooks import use_observed
from app.state.core.wall_time import time_words


@ft.component
def SlotList(own: OwnSlots, on_delete: Callable[[Slot], Awaitable[None]]) -> ft.Control:
    """A heading with the day and the number of slots, then the slots by start."""
    use_observed(own)
    counted = f"{len(own.slots)} time{'' if len(own.slots) == 1 else 's'}" if own.slots else ""
    heading = ft.Row(
        [
            ft.Semantics(header=True, content=ft.Text(date_words(own.day), theme_style=Type.SECTION)),
            ft.Text(counted, theme_style=Type.SMALL, color=QUIET_INK),
        ],
        spacing=SPACE_12,
        vertical_alignment=ft.CrossAxisAlignment.END,
        wrap=True,
    )
    return ft.Column([heading, *_body(own, on_delete)], spacing=SPACE_12, tight=True)


def _body(own: OwnSlots, on_delete: Callable[[Slot], Awaitable[None]]) -> list[ft.Control]:
    if own.phase == "loading":
        return [LoadingRows(3)]
    if own.phase != "ready":
        return [ErrorState(own.error, own.refresh, offline=own.phase == "offline")]
    notes: list[ft.Control] = []
    if own.error and own.refreshed_at:
        notes = [NoteLine(f"{own.error} Shown as of {time_words(own.refreshed_at, own.zone)}.")]
    if not own.slots:
        return [*notes, EmptyState(ft.Icons.EVENT_OUTLINED, "No times on this day yet. Add the first one in the form.")]
    rows = [SlotRow(slot, on_delete, slot.id in own.deleting) for slot in own.slots]
    return [*notes, ft.Column(rows, spacing=SPACE_8, tight=True)]
