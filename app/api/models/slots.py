"""The hours that a professional offers, as they see them and as users do."""

import datetime as dt

from app.api.models.wire import Instant, Priced, WallTime, WireModel


class Slot(Priced):
    """A published time. `date` and the times are wall times in `time_zone`; `status`: free, held or booked."""

    id: str
    starts_at: Instant
    ends_at: Instant
    time_zone: str
    date: dt.date
    start_time: WallTime
    end_time: WallTime
    status: str


class LeftOut(WireModel):
    """A date of a series on which the clocks skip its time; `detail` says so to people."""

    date: dt.date
    detail: str


class NewSlots(Slot):
    """The slot just made, its weekly repeats, and the dates that have no such time."""

    repeats: tuple[Slot, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


class SlotDay(WireModel):
    """A day of the professional's month: how many slots it has and how many of them are booked."""

    date: dt.date
    slots: int
    booked: int = 0


class OwnDays(WireModel):
    month: str
    time_zone: str
    days: tuple[SlotDay, ...] = ()


class FreeSlot(Priced):
    id: str
    starts_at: Instant
    ends_at: Instant


class FreeSlots(WireModel):
    """The free slots of `date`, read in `time_zone`."""

    date: dt.date
    time_zone: str
    professional_time_zone: str
    items: tuple[FreeSlot, ...] = ()


class FreeDay(WireModel):
    date: dt.date
    free: int


class FreeDays(WireModel):
    month: str
    time_zone: str
    days: tuple[FreeDay, ...] = ()
