"""Free times for users, and a professional's own slots with what has become of them."""

from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response
from pydantic import AfterValidator

from backend.auth.access import CurrentProfessional
from backend.auth.rules import NotSignedIn, WrongRole
from backend.availability.rules import Span
from backend.availability.schemas import SlotAnswer
from backend.bookings.rules import SlotBooked
from backend.bookings.schemas import (
    FreeDayAnswer,
    FreeDaysAnswer,
    FreeSlotsAnswer,
    OwnDayAnswer,
    OwnDaysAnswer,
)
from backend.bookings.service import offering
from backend.bookings.service.showing import free_slot
from backend.kit.clock import IsoDate
from backend.kit.errors import NotFound, TooManyAttempts, error_responses
from backend.kit.http import DatabaseDep, NowDep, json_answer
from backend.kit.limits.access import address_in, limits_in
from backend.kit.limits.table import PUBLIC, PUBLIC_NETWORK
from backend.kit.paging import Page, PageQuery
from backend.kit.zones import ZoneName

router = APIRouter(tags=["availability"])
_OWN = error_responses(NotSignedIn, WrongRole)


def _checked_month(month: str) -> str:
    offering.first_of_month(month)
    return month


_YEAR = "(19[7-9][0-9]|2[01][0-9]{2})"
_MONTH_PATTERN = {"pattern": f"^{_YEAR}-(0[1-9]|1[0-2])$"}
Month = Annotated[
    str, Query(max_length=7, examples=["2027-01"], json_schema_extra=_MONTH_PATTERN), AfterValidator(_checked_month)
]
Day = Annotated[IsoDate, Query(json_schema_extra={"pattern": f"^{_YEAR}-"})]
Zone = Annotated[ZoneName | None, Query(description="The viewer's zone; by default the professional's.")]


@router.get("/professional/sessions/availability", response_model=Page[SlotAnswer], responses=_OWN)
def own_slots(
    professional: CurrentProfessional,
    database: DatabaseDep,
    page: PageQuery,
    now: NowDep,
    date_from: Day | None = None,
    date_to: Day | None = None,
) -> Response:
    """The professional's slots by start, `date_to` included; without dates from today on."""
    with database.read() as session:
        zone = ZoneInfo(professional.time_zone)
        rows, cursor = offering.own_slots(session, professional, date_from, date_to, now, page)
        items = [
            SlotAnswer.of(slot.id, Span(slot.starts_at, slot.ends_at), slot.price_minor, zone, status)
            for slot, status in rows
        ]
        return json_answer(Page[SlotAnswer](items=items, next_cursor=cursor))


@router.get("/professional/sessions/availability/days", responses=_OWN)
def own_days(professional: CurrentProfessional, database: DatabaseDep, now: NowDep, month: Month) -> OwnDaysAnswer:
    """The days of a month that have slots, in the professional's own zone."""
    with database.read() as session:
        days = offering.own_days(session, professional, offering.first_of_month(month), now)
        return OwnDaysAnswer(
            month=month,
            time_zone=professional.time_zone,
            days=[OwnDayAnswer(date=day, slots=slots, booked=booked) for day, slots, booked in days],
        )


@router.delete(
    "/professional/sessions/availability/{slot_id:uuid}",
    status_code=204,
    responses=error_responses(NotSignedIn, WrongRole, NotFound, SlotBooked),
)
def delete_slot(slot_id: UUID, professional: CurrentProfessional, database: DatabaseDep, now: NowDep) -> None:
    """Withdraws a slot that nobody has booked or is paying for."""
    with database.write() as session:
        offering.withdraw(session, professional, slot_id, now)


@router.get(
    "/professional/{professional_id:uuid}/availability",
    response_model=FreeSlotsAnswer,
    responses=error_responses(NotFound, TooManyAttempts),
)
def free_slots(
    professional_id: UUID, database: DatabaseDep, now: NowDep, request: Request, date: Day, tz: Zone = None
) -> Response:
    """What can be booked on a date, as the viewer's zone counts dates."""
    limits_in(request).count_read(PUBLIC, PUBLIC_NETWORK, address_in(request))
    with database.read() as session:
        times = offering.free_times(session, professional_id, date, offering.day_after(date), tz, now)
        answer = FreeSlotsAnswer(
            date=date,
            time_zone=times.zone.key,
            professional_time_zone=times.professional_time_zone,
            items=[free_slot(slot) for slot in times.slots],
        )
        return json_answer(answer)


@router.get(
    "/professional/{professional_id:uuid}/availability/days", responses=error_responses(NotFound, TooManyAttempts)
)
def free_days(
    professional_id: UUID, database: DatabaseDep, now: NowDep, request: Request, month: Month, tz: Zone = None
) -> FreeDaysAnswer:
    """Which days of a month have free times, in one request."""
    limits_in(request).count_read(PUBLIC, PUBLIC_NETWORK, address_in(request))
    with database.read() as session:
        first = offering.first_of_month(month)
        times = offering.free_times(session, professional_id, first, offering.next_month(first), tz, now)
        days = [FreeDayAnswer(date=day, free=free) for day, free in offering.by_day(times.slots, times.zone)]
        return FreeDaysAnswer(month=month, time_zone=times.zone.key, days=days)
