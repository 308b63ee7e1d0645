"""SessionSettings: a professional's month, the hours offered on a day of it, and the form that offers another."""

import datetime as dt

import flet as ft

from app.api.models import Slot
from app.components.availability.slot_entry_form import SlotEntryForm
from app.components.availability.slot_list import SlotList
from app.components.design.buttons import IconAction
from app.components.design.card import Card
from app.components.design.feedback import toast
from app.components.design.month_calendar import MonthCalendar
from app.components.design.note_line import NoteLine
from app.components.design.theme import GOOD, SPACE_16, SPACE_24
from app.components.frame.page import Page
from app.components.frame.page_events import use_key, use_wide
from app.components.frame.polling import use_polling
from app.components.payouts.payouts_card import PayoutsCard
from app.state.availability.own_slots import OwnSlots, slot_words
from app.state.availability.slot_entry import SlotEntry
from app.state.core.hooks import use_model, use_observed
from app.state.core.services import use_services
from app.state.core.wall_time import same_clock, zone_words
from app.state.payouts.payout_setup import PayoutSetup

POLL_S = 20.0
MAX_WIDTH = 1080


class Models:
    """The screen's two view models, and whether hours can be offered at all."""

    def __init__(self, own: OwnSlots, payouts: PayoutSetup) -> None:
        self.own = own
        self.entry = SlotEntry(own, payouts)


@ft.component
def SessionSettings() -> ft.Control:
    """Adding, seeing and deleting own slots. All times are wall times in the professional's own zone."""
    services = use_services()
    models = use_model(lambda: Models(OwnSlots.of(services), PayoutSetup.of(services)))  # observed by who shows them
    own, entry = models.own, models.entry
    wide = use_wide()

    async def poll() -> float:
        await own.refresh()
        entry.follow_day()
        return POLL_S

    async def refresh() -> None:
        await poll()

    async def on_key(event: ft.KeyboardEvent) -> None:
        if event.key == "F5":
            await poll()

    async def delete(slot: Slot) -> None:
        async def undo() -> None:
            toast(await own.restore(slot) or f"{slot_words(slot)} is back.")

        went_wrong = await own.delete(slot)
        toast(went_wrong) if went_wrong else toast(f"{slot_words(slot)} deleted.", undo)

    payouts = use_observed(PayoutSetup.of(services))
    use_polling(poll, [])
    use_polling(payouts.poll, [payouts.opened])  # who comes back from the provider's page is not kept waiting
    use_key(on_key)
    elsewhere = not same_clock(services.now(), services.zone, own.zone)
    month, slots = OwnMonth(own, entry), SlotList(own, delete)
    form = SlotEntryForm(entry, own, wide)
    return Page(
        "Availability",
        [_first(payouts, wide), *([_beside([month, form], [slots])] if wide else [month, form, slots])],
        actions=[IconAction(ft.Icons.REFRESH, "Refresh", refresh)],
        lead=f"All times are in your time zone ({zone_words(own.zone)})." if elsewhere else "",
        max_width=MAX_WIDTH,
    )


def _first(payouts: PayoutSetup, wide: bool) -> ft.Control:
    """What comes before offering hours: being paid for them. Always there, so that what is typed below never moves in
    the tree, which would rebuild its fields.
    """
    shown: ft.Control | None = None
    if payouts.is_wanted:
        shown = PayoutsCard(payouts, wide)
    elif payouts.just_ready:
        shown = NoteLine("All set: you can be paid. Now add the hours you offer.", ft.Icons.CHECK, GOOD)
    return ft.Container(shown, visible=shown is not None)


def _beside(left: list[ft.Control], right: list[ft.Control]) -> ft.Control:
    columns: list[ft.Control] = [
        ft.Column(controls, spacing=SPACE_16, expand=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
        for controls in (left, right)
    ]
    return ft.Row(columns, spacing=SPACE_24, vertical_alignment=ft.CrossAxisAlignment.START)


@ft.component
def OwnMonth(own: OwnSlots, entry: SlotEntry) -> ft.Control:
    """The calendar; picking a day shows its slots and lets the form follow."""
    use_observed(own)
    page = ft.context.page

    async def choose(day: dt.date) -> None:
        await own.choose(day)
        if own.day == day:
            entry.follow_day()

    def pick(day: dt.date) -> None:
        page.run_task(choose, day)

    def show(month: dt.date) -> None:
        page.run_task(own.show_month, month)

    calendar = MonthCalendar(own.marks, pick, own.day, own.today, on_month=show, mark_word="slot")
    return Card(calendar, SPACE_16, alignment=ft.Alignment.TOP_CENTER)
