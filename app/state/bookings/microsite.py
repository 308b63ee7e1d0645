"""One professional's public page: who they are, the free days of a month, the free times of a day."""

import asyncio
import contextlib
import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from zoneinfo import ZoneInfo

import flet as ft

from app.api.models import FreeSlot, Professional
from app.errors import AppError
from app.state.core.fetching import Fetching, Phase, phase_after
from app.state.core.region import current_region
from app.state.core.wall_time import month_from, months_in_view, same_clock, time_words, zone_or, zone_words

MISSING = "This professional is no longer on Rendezvous."
DAYS_AHEAD = 3  # free days after the chosen one that are fetched before anybody asks
MONTH_IS_OLD = dt.timedelta(seconds=20)
"""As often as the month in view is asked for: one that comes into view later is no older than that."""
AFTERNOON, EVENING = 12, 17  # hours at which the parts of a day begin


@dataclass(frozen=True)
class PartOfDay:
    """`name`: Morning, Afternoon or Evening; never empty."""

    name: str
    slots: tuple[FreeSlot, ...]


def parts_of_day(slots: Iterable[FreeSlot], zone: ZoneInfo) -> tuple[PartOfDay, ...]:
    """The slots by the hour that the viewer's clock shows at their start, in order."""
    parts: dict[str, list[FreeSlot]] = {"Morning": [], "Afternoon": [], "Evening": []}
    for slot in sorted(slots, key=lambda each: each.starts_at):
        hour = slot.starts_at.astimezone(zone).hour
        parts["Morning" if hour < AFTERNOON else "Afternoon" if hour < EVENING else "Evening"].append(slot)
    return tuple(PartOfDay(name, tuple(found)) for name, found in parts.items() if found)


@ft.observable
@dataclass(eq=False)
class Microsite(Fetching):
    """`phase` is the page's, `day_phase` the chosen day's.

    All days are days of the viewer's zone. `marks` counts free times by day, of every month seen so far. With a
    `price_minor` only times of that price count; a day's mark is corrected once the day has been fetched.
    """

    professional_id: str
    price_minor: int | None = None
    wanted_at: dt.datetime | None = None  # of a link: the time that starts then is chosen once it is known
    missed: str = ""  # why that time is not chosen
    came_for_time: bool = False  # the day of that time is there
    professional: Professional | None = None
    marks: Mapping[dt.date, int] = field(default_factory=lambda: MappingProxyType({}))
    days: Mapping[dt.date, tuple[FreeSlot, ...]] = field(default_factory=lambda: MappingProxyType({}))
    months: frozenset[dt.date] = frozenset()
    month: dt.date | None = None
    day: dt.date | None = None
    day_phase: Phase = Phase.LOADING
    day_error: str = ""
    chosen: FreeSlot | None = None
    _under_way: set[object] = field(default_factory=set)
    _months_at: dict[dt.date, dt.datetime] = field(default_factory=dict)

    # what is known

    @property
    def zone(self) -> ZoneInfo:
        return self.services.zone

    @property
    def today(self) -> dt.date:
        return self.services.now().astimezone(self.zone).date()

    @property
    def slots(self) -> tuple[FreeSlot, ...]:
        """The chosen day's free times that have not begun."""
        now = self.services.now()
        return tuple(each for each in self._fitting(self.day or self.today) if each.starts_at > now)

    @property
    def has_other_prices(self) -> bool:
        """The chosen day has free times, and all of them have another price than the one that is looked for."""
        day = self.day or self.today
        return bool(self.days.get(day)) and not self._fitting(day)

    def _fitting(self, day: dt.date) -> tuple[FreeSlot, ...]:
        return tuple(each for each in self.days.get(day, ()) if self.price_minor in (None, each.price_minor))

    @property
    def parts(self) -> tuple[PartOfDay, ...]:
        return parts_of_day(self.slots, self.zone)

    @property
    def photo(self) -> str | None:
        path = self.professional.photo_url if self.professional else None
        return self.services.api.photo_url(path) if path else None

    @property
    def zone_note(self) -> str:
        """Names the professional's zone where its clock differs from the viewer's; empty where it does not."""
        if self.professional is None:
            return ""
        theirs = zone_or(self.professional.time_zone, self.zone)
        instant = self.chosen.starts_at if self.chosen else self.services.now()
        if same_clock(instant, self.zone, theirs):
            return ""
        first_name = self.professional.name.split(" ")[0]
        if self.chosen:
            return f"{time_words(instant, theirs)} for {first_name} ({zone_words(theirs)})"
        return f"Times are in your time zone ({zone_words(self.zone)}). {first_name} is in {zone_words(theirs)}."

    @property
    def next_free_day(self) -> dt.date | None:
        """The first marked day after the chosen one, or else the first there is."""
        free = sorted(day for day, count in self.marks.items() if count and day >= self.today and day != self.day)
        return next((day for day in free if day > (self.day or self.today)), free[0] if free else None)

    @property
    def has_no_times(self) -> bool:
        """Nothing is free in any month seen, and the backend names no later time."""
        none_marked = bool(self.months) and not any(self.marks.values())
        return none_marked and self.professional is not None and self.professional.next_free_at is None

    # what happens

    async def load(self) -> None:
        """Who it is and, beside it, this month; then the first free day opens by itself."""
        if not await self.fetch(self._ask_page, self._take_person, is_shown=lambda: False, missing=MISSING):
            return
        person = self.professional
        if person is None:
            return
        wanted = self._take_wanted()
        first = wanted or person.next_free_at or self.services.now()
        day = first.astimezone(self.zone).date()
        self.month = day.replace(day=1)
        await self.choose_day(day)
        if wanted:
            self._choose_wanted(wanted)
            self.came_for_time = True
        await self._fetch_month(self.month)
        await self._prefetch()

    def _take_wanted(self) -> dt.datetime | None:
        """The time that a link asks for, once; None if it is over."""
        wanted, self.wanted_at = self.wanted_at, None
        if wanted is None or wanted > self.services.now():
            return wanted
        self.missed = "The time in your link is over. Choose another one."
        return None

    def _choose_wanted(self, wanted: dt.datetime) -> None:
        found = next((each for each in self.slots if each.starts_at == wanted), None)
        if found is not None:
            self.chosen = found
        elif self.day_phase is Phase.READY:
            self.missed = f"{time_words(wanted, self.zone)} is no longer free. Choose another time."

    async def _ask_page(self) -> Professional:
        person, _ = await asyncio.gather(
            self.services.api.professional(self.professional_id), self._fetch_month(self.today.replace(day=1))
        )
        return person

    def _take_person(self, person: Professional) -> None:
        self.professional = person

    async def show_month(self, month: dt.date) -> None:
        """A month came into view: one that was seen a while ago is asked for again. Its neighbours are fetched too."""
        self.month = month
        await asyncio.gather(*(self._fetch_month(each, again=self._is_old(each)) for each in self._months_shown()))
        await self._prefetch()

    def _is_old(self, month: dt.date) -> bool:
        asked_at = self._months_at.get(month)
        return asked_at is not None and self.services.now() - asked_at >= MONTH_IS_OLD

    def _months_shown(self) -> tuple[dt.date, ...]:
        month = self.month or self.today.replace(day=1)
        return months_in_view(month, self.today, current_region().week_starts_on)

    async def choose_day(self, day: dt.date) -> None:
        """Shows a day: at once where it is known, or known to be empty; asked again either way."""
        self.day, self.chosen, self.day_error = day, None, ""
        known_empty = day.replace(day=1) in self.months and not self.marks.get(day)
        self.day_phase = Phase.READY if day in self.days or known_empty else Phase.LOADING
        await self._fetch_day(day)
        await self._prefetch()

    def choose(self, slot: FreeSlot | None) -> None:
        """Picks a time, or the same one again to let go of it."""
        self.chosen = None if slot is None or (self.chosen is not None and self.chosen.id == slot.id) else slot
        self.missed = ""

    async def show_slot(self, slot: FreeSlot) -> None:
        """Opens the day of a time offered instead of another one, and picks it."""
        day = slot.starts_at.astimezone(self.zone).date()
        if day != self.day:
            self.month = day.replace(day=1)
            await self.choose_day(day)
        self.chosen = slot

    async def refresh(self) -> None:
        """The shown day and month again, as others book and professionals publish meanwhile."""
        if self.phase is not Phase.READY or self.day is None or self.month is None:
            return
        months = (self._fetch_month(each, again=True) for each in self._months_shown())
        await asyncio.gather(self._fetch_day(self.day, again=True), *months)
        if not any(self.marks.values()):  # something may be free in a month that nobody has opened
            await self._fetch_person()

    def forget(self, slot_id: str) -> None:
        """A time that was just taken disappears before the next answer."""
        if self.chosen is not None and self.chosen.id == slot_id:
            self.chosen = None
        for day in self.days:
            self.requests.outdate(day)
        self.days = MappingProxyType(
            {day: tuple(each for each in slots if each.id != slot_id) for day, slots in self.days.items()}
        )

    # fetching

    async def _fetch_person(self) -> None:
        with contextlib.suppress(AppError):  # the day's own request says what is wrong
            self.professional = await self.services.api.professional(self.professional_id)

    async def _prefetch(self) -> None:
        """The neighbour months and the next free days, so that the next press needs no waiting."""
        month, day = self.month or self.today.replace(day=1), self.day or self.today
        around = (*self._months_shown(), month_from(month, 1), month_from(month, -1))
        this_month = self.today.replace(day=1)
        await asyncio.gather(*(self._fetch_month(each) for each in around if each >= this_month))
        free = sorted(each for each, count in self.marks.items() if count and each >= self.today)
        ahead = [each for each in free if each > day][:DAYS_AHEAD] + [each for each in free if each < day][-1:]
        ahead += [each for each in free if each.replace(day=1) == month][:1]
        await asyncio.gather(*(self._fetch_day(each) for each in dict.fromkeys(ahead) if each not in self.days))

    async def _fetch_month(self, month: dt.date, again: bool = False) -> None:
        key = (month.year, month.month)
        if not again and (key in self._under_way or month in self.months):
            return
        api = self.services.api
        self._under_way.add(key)
        try:
            with contextlib.suppress(AppError):  # the day's own request says what is wrong; marks come with the next
                answer = await self.requests.newest(
                    lambda: api.free_days(self.professional_id, month, str(self.zone)), key
                )
                if answer is not None:
                    others = {day: count for day, count in self.marks.items() if day.replace(day=1) != month}
                    self.marks = MappingProxyType(others | {each.date: each.free for each in answer.days if each.free})
                    self.months = self.months | {month}
                    self._months_at[month] = self.services.now()
                    self._correct_marks()
        finally:
            self._under_way.discard(key)

    async def _fetch_day(self, day: dt.date, again: bool = False) -> None:
        if not again and day in self._under_way:
            return
        api = self.services.api
        self._under_way.add(day)
        try:
            answer = await self.requests.newest(lambda: api.free_slots(self.professional_id, day, str(self.zone)), day)
        except AppError as error:
            if day == self.day:
                self.day_error = error.detail
                if day not in self.days:
                    self.day_phase = phase_after(error)
        else:
            if answer is not None:
                self._take_day(day, answer.items)
        finally:
            self._under_way.discard(day)

    def _take_day(self, day: dt.date, items: tuple[FreeSlot, ...]) -> None:
        self.days = MappingProxyType({**self.days, day: items})
        self._correct_marks()
        if day == self.day:
            self.day_phase, self.day_error = Phase.READY, ""
            self._keep_choice(items)

    def _correct_marks(self) -> None:
        """A month counts times of every price; a day that is known counts those that fit."""
        if self.price_minor is not None:
            known = {day: len(self._fitting(day)) for day in self.days}
            counted = {**self.marks, **known}
            self.marks = MappingProxyType({day: count for day, count in counted.items() if count})

    def _keep_choice(self, items: tuple[FreeSlot, ...]) -> None:
        """A chosen time that is not free any more is let go of."""
        if self.chosen is not None and all(each.id != self.chosen.id for each in items):
            self.chosen = None
