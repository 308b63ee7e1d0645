"""A professional's own month and the slots of its chosen day: what SessionSettings shows beside the form."""

import asyncio
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from zoneinfo import ZoneInfo

import flet as ft

from app.api.models import Slot
from app.errors import AppError, Problem
from app.state.availability.slot_rules import TakenSpan
from app.state.core.fetching import Fetching, Phase
from app.state.core.paging import all_pages
from app.state.core.region import current_region
from app.state.core.services import Services
from app.state.core.wall_time import months_in_view, zone_or

UTC = ZoneInfo("UTC")
NOT_DELETABLE = {"booked": "booked, so it cannot be deleted", "held": "being booked, so it cannot be deleted"}


def why_kept(slot: Slot) -> str:
    """Why this slot cannot be deleted; empty when it can."""
    return NOT_DELETABLE.get(slot.status, "")


def span_of(slot: Slot) -> TakenSpan:
    """When the slot is, in exact time."""
    return TakenSpan(slot.starts_at, slot.ends_at)


def slot_words(slot: Slot) -> str:
    """ "09:00–10:00", "23:00–01:00 (next day)": wall times in the professional's own zone."""
    return span_of(slot).words(zone_or(slot.time_zone, UTC))


@ft.observable
@dataclass(eq=False)
class OwnSlots(Fetching):
    """Calendar marks and slots by day, in the professional's own zone. A day once seen is shown at once, and checked.

    `phase` is the chosen day's. `error` says why the shown list may be old.
    """

    zone: ZoneInfo
    day: dt.date
    month: dt.date
    marks: Mapping[dt.date, int] = field(default_factory=lambda: MappingProxyType({}))
    days: Mapping[dt.date, tuple[Slot, ...]] = field(default_factory=lambda: MappingProxyType({}))
    deleting: frozenset[str] = frozenset()

    @classmethod
    def of(cls, services: Services) -> "OwnSlots":
        account = services.account.account
        zone = zone_or(account.time_zone, services.zone) if account else services.zone
        today = services.now().astimezone(zone).date()
        return cls(services, zone, today, today.replace(day=1))

    @property
    def today(self) -> dt.date:
        return self.services.now().astimezone(self.zone).date()

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The chosen day's slots, by start."""
        return self.days.get(self.day, ())

    @property
    def taken(self) -> tuple[TakenSpan, ...]:
        """What a new slot of the chosen day must not overlap: also what goes over midnight, as far as it was seen."""
        days = (self.day + dt.timedelta(days=each) for each in (-1, 0, 1))
        return tuple(span_of(slot) for day in days for slot in self.days.get(day, ()))

    async def refresh(self) -> None:
        """Fetches the shown month and day again; what is on the screen stays until the answer is there."""
        await self._load_day(self.day)
        await self._load_months()

    async def choose(self, day: dt.date) -> None:
        """Shows another day: at once when it was seen before."""
        self.day = day
        self.error = ""
        self.phase = Phase.READY if day in self.days else Phase.LOADING
        await self._load_day(day)

    async def show_month(self, month: dt.date) -> None:
        self.month = month.replace(day=1)
        await self._load_months()

    async def _load_months(self) -> None:
        shown = months_in_view(self.month, self.today, current_region().week_starts_on)
        await asyncio.gather(*(self._load_month(each) for each in shown))

    def put(self, slots: tuple[Slot, ...]) -> None:
        """Shows slots that the backend just made or restored, without asking it again."""
        days, marks = dict(self.days), dict(self.marks)
        for slot in slots:
            self._outdate(slot.date)
            marks[slot.date] = marks.get(slot.date, 0) + 1
            if slot.date in days:  # a day that was never fetched stays unknown: it may hold more than this slot
                days[slot.date] = tuple(sorted((*days[slot.date], slot), key=lambda each: each.starts_at))
        self.days, self.marks = MappingProxyType(days), MappingProxyType(marks)

    async def delete(self, slot: Slot) -> str:
        """Deletes a free slot; it leaves the list when the backend agrees. Returns what went wrong, or nothing."""
        if slot.id in self.deleting:
            return ""
        self.deleting |= {slot.id}
        try:
            await self.services.api.delete_slot(slot.id)
        except Problem as problem:
            if problem.status == 404:
                self._take_out(slot)  # gone already, which is what was wanted
                return ""
            await self._load_day(slot.date)
            return problem.detail
        except AppError as error:
            return error.detail
        finally:
            self.deleting -= {slot.id}
        self._take_out(slot)
        return ""

    async def restore(self, slot: Slot) -> str:
        """Takes a delete back. Returns what went wrong, or nothing."""
        try:
            self.put((await self.services.api.restore_slot(slot.id),))
        except AppError as error:
            return error.detail
        return ""

    def _outdate(self, day: dt.date) -> None:
        """An answer that is under way may be from before what just happened on that day."""
        self.requests.outdate(day)
        self.requests.outdate((day.year, day.month))

    def _take_out(self, slot: Slot) -> None:
        self._outdate(slot.date)
        left = tuple(each for each in self.days.get(slot.date, ()) if each.id != slot.id)
        self.days = MappingProxyType({**self.days, slot.date: left})
        marks = {**self.marks, slot.date: max(self.marks.get(slot.date, 1) - 1, 0)}
        self.marks = MappingProxyType({day: count for day, count in marks.items() if count})

    async def _load_day(self, day: dt.date) -> None:
        def take(slots: tuple[Slot, ...]) -> None:
            self.days = MappingProxyType({**self.days, day: slots})

        await self.fetch(
            lambda: all_pages(partial(self.services.api.own_slots, day, day)),
            take,
            what=day,
            is_wanted=lambda: day == self.day,
            is_shown=lambda: day in self.days,
        )

    async def _load_month(self, month: dt.date) -> None:
        key = (month.year, month.month)
        try:
            answer = await self.requests.newest(lambda: self.services.api.own_slot_days(month), key)
        except AppError:
            return  # the marks are a help, not the content: the day's own list says what went wrong
        if answer is None:
            return
        others = {day: count for day, count in self.marks.items() if (day.year, day.month) != key}
        self.marks = MappingProxyType(others | {each.date: each.slots for each in answer.days if each.slots})
