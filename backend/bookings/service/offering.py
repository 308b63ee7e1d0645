"""What is free, and a professional's slots with what has become of them."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from backend.auth.rules import Account
from backend.availability.repository import own_slot
from backend.availability.rules import SlotStatus
from backend.bookings import repository
from backend.bookings.repository import slots
from backend.bookings.repository.slots import OfferedSlot
from backend.bookings.rules import SlotBooked
from backend.kit.errors import InvalidPayload, NotFound
from backend.kit.paging import PageRequest
from backend.kit.text import plain_digits
from backend.profiles.repository import profile_by_id

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
_YEARS = range(1970, 2200)


@dataclass(frozen=True)
class FreeTimes:
    """Free slots of some days, as `zone` counts days."""

    zone: ZoneInfo
    professional_time_zone: str
    slots: Sequence[OfferedSlot]


def first_of_month(month: str) -> date:
    """`"2027-01"` as its first day; ValueError (its text is for people) for anything else."""
    match = _MONTH.fullmatch(plain_digits(month))
    if match is None or int(match[1]) not in _YEARS:
        raise ValueError("Please use a month such as 2027-01.")
    return date(int(match[1]), int(match[2]), 1)


def next_month(first: date) -> date:
    """The first day of the month after."""
    return (first + timedelta(days=31)).replace(day=1)


def day_after(day: date, field: str = "date") -> date:
    """The next day; InvalidPayload where the calendar ends."""
    try:
        return day + timedelta(days=1)
    except OverflowError:
        raise InvalidPayload({field: "Please choose a date nearer to today."}) from None


def start_of(day: date, zone: ZoneInfo, field: str = "date") -> datetime:
    """The instant at which a day begins in a zone; InvalidPayload for a year that no calendar of ours has."""
    if day.year not in _YEARS:
        raise InvalidPayload({field: "Please choose a date nearer to today."})
    return datetime.combine(day, time(), zone).astimezone(UTC)


def free_times(
    session: Session, professional_id: UUID, begin: date, end: date, time_zone: str | None, now: datetime
) -> FreeTimes:
    """Free slots from the day `begin` on and before the day `end`; NotFound if there is no such professional."""
    profile = profile_by_id(session, professional_id)
    if profile is None:
        raise NotFound
    zone = ZoneInfo(time_zone or profile.time_zone)
    found = slots.free_between(session, professional_id, start_of(begin, zone), start_of(end, zone), now)
    return FreeTimes(zone, profile.time_zone, found)


def by_day(found: Sequence[OfferedSlot], zone: ZoneInfo) -> list[tuple[date, int]]:
    """How many of the slots begin on which day, in order."""
    return sorted(Counter(slot.starts_at.astimezone(zone).date() for slot in found).items())


def own_slots(
    session: Session,
    professional: Account,
    date_from: date | None,
    date_to: date | None,
    now: datetime,
    page: PageRequest,
) -> tuple[list[tuple[OfferedSlot, SlotStatus]], str | None]:
    """A professional's slots with their statuses, `date_to` included; from today on if no date is given."""
    zone = ZoneInfo(professional.time_zone)
    if date_from is None and date_to is None:
        date_from = now.astimezone(zone).date()
    begin = start_of(date_from, zone, "date_from") if date_from else datetime(1970, 1, 1, tzinfo=UTC)
    end = None
    if date_to:
        end = start_of(day_after(date_to, "date_to"), zone, "date_to")
    return slots.own_slots(session, professional.id, begin, end, now, page)


def own_days(session: Session, professional: Account, first: date, now: datetime) -> list[tuple[date, int, int]]:
    """Of each day of a month that has slots: the day, how many, how many of them are booked."""
    zone = ZoneInfo(professional.time_zone)
    begin, end = start_of(first, zone), start_of(next_month(first), zone)
    rows, _ = slots.own_slots(session, professional.id, begin, end, now, None)
    booked = dict(by_day([slot for slot, status in rows if status is SlotStatus.BOOKED], zone))
    return [(day, number, booked.get(day, 0)) for day, number in by_day([slot for slot, _ in rows], zone)]


def withdraw(session: Session, professional: Account, slot_id: UUID, now: datetime) -> None:
    """Takes a slot back that nobody has booked or is paying for; NotFound, SlotBooked."""
    slot = own_slot(session, professional.id, slot_id)
    if slot is None or slot.withdrawn_at is not None:
        raise NotFound
    occupant = repository.occupant(session, slot.id, now)
    if occupant is not None:
        held = "Someone is paying for this slot just now, so it cannot be deleted."
        raise SlotBooked(held if occupant.confirmed_at is None else None)
    slot.withdrawn_at = now
    session.flush()
