"""One of a professional's own slots: when, for how much, whether it is taken, and Delete while it is not."""

from collections.abc import Awaitable, Callable

import flet as ft

from app.api.models import Slot
from app.components.bookings.session_chips import StatusChip
from app.components.design.buttons import IconAction
from app.components.design.theme import CARD, QUIET_INK, RADIUS_MEDIUM, SPACE_8, SPACE_12, SPACE_16, Type
from app.state.availability.own_slots import slot_words, why_kept
from app.state.bookings.session_words import StatusWord
from app.state.core.wall_time import duration_words

TAKEN = {
    "booked": StatusWord("Booked", "good", "check"),
    "held": StatusWord("Being booked", "wait", "hourglass"),
}


def SlotRow(slot: Slot, on_delete: Callable[[Slot], Awaitable[None]], deleting: bool = False) -> ft.Control:
    """Times are wall times in the professional's own zone. A slot that is taken says why it stays."""
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
