"""The chosen day's slots, in all the states that a list has."""

from collections.abc import Awaitable, Callable

import flet as ft

from app.api.models import Slot
from app.components.design.buttons import IconAction
from app.components.design.card import Heading
from app.components.design.note_line import NoteLine
from app.components.design.states import EmptyState, ErrorState, LoadingRows
from app.components.design.status_chip import StatusChip
from app.components.design.theme import CARD, QUIET_INK, RADIUS_MEDIUM, SPACE_8, SPACE_12, SPACE_16, Type
from app.state.availability.own_slots import OwnSlots, slot_words, why_kept
from app.state.availability.slot_rules import date_words
from app.state.core.fetching import Phase
from app.state.core.hooks import use_observed
from app.state.core.status_word import StatusWord
from app.state.core.wall_time import duration_words, time_words

TAKEN = {
    "booked": StatusWord("Booked", "good", "check"),
    "held": StatusWord("Being booked", "wait", "hourglass"),
}


@ft.component
def SlotList(own: OwnSlots, on_delete: Callable[[Slot], Awaitable[None]]) -> ft.Control:
    """A heading with the day and the number of slots, then the slots by start."""
    use_observed(own)
    counted = f"{len(own.slots)} time{'' if len(own.slots) == 1 else 's'}" if own.slots else ""
    heading = ft.Row(
        [
            Heading(date_words(own.day), Type.SECTION),
            ft.Text(counted, theme_style=Type.SMALL, color=QUIET_INK),
        ],
        spacing=SPACE_12,
        vertical_alignment=ft.CrossAxisAlignment.END,
        wrap=True,
    )
    return ft.Column([heading, *_body(own, on_delete)], spacing=SPACE_12, tight=True)


def _body(own: OwnSlots, on_delete: Callable[[Slot], Awaitable[None]]) -> list[ft.Control]:
    if own.phase is Phase.LOADING:
        return [LoadingRows(3)]
    if own.phase is not Phase.READY:
        return [ErrorState(own.error, own.refresh, offline=own.phase is Phase.OFFLINE)]
    notes: list[ft.Control] = []
    if own.error and own.refreshed_at:
        notes = [NoteLine(f"{own.error} Shown as of {time_words(own.refreshed_at, own.zone)}.")]
    if not own.slots:
        return [*notes, EmptyState(ft.Icons.EVENT_OUTLINED, "No times on this day yet. Add the first one in the form.")]
    rows = [SlotRow(slot, on_delete, slot.id in own.deleting) for slot in own.slots]
    return [*notes, ft.Column(rows, spacing=SPACE_8, tight=True)]


def SlotRow(slot: Slot, on_delete: Callable[[Slot], Awaitable[None]], deleting: bool = False) -> ft.Control:
    """One slot: when, for how much, whether it is taken, and Delete while it is not. Times are wall times in the
    professional's own zone; a slot that is taken says why it stays.
    """
    reason = why_kept(slot)
    length = duration_words(slot.ends_at - slot.starts_at)
    facts = [length, slot.price_words, *([reason] if reason else [])]
    words: list[ft.Control] = [
        ft.Text(slot_words(slot), theme_style=Type.TITLE),
        ft.Text(" · ".join(facts), theme_style=Type.SMALL, color=QUIET_INK),
    ]
    chip = [StatusChip(TAKEN[slot.status])] if slot.status in TAKEN else []

    async def delete() -> None:
        await on_delete(slot)

    button = IconAction(
        ft.Icons.DELETE_OUTLINE, f"Delete {slot_words(slot)}", None if reason else delete, busy=deleting
    )
    return ft.Container(
        ft.Row([ft.Column(words, spacing=0, tight=True, expand=True), *chip, button], spacing=SPACE_12),
        key=slot.id,
        bgcolor=CARD,
        border_radius=RADIUS_MEDIUM,
        padding=ft.Padding.only(left=SPACE_16, right=SPACE_8, top=SPACE_8, bottom=SPACE_8),
    )
