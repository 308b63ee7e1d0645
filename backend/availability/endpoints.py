"""Offering times over HTTP. Lists and deleting need bookings and are there."""

from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request

from backend.auth.access import CurrentProfessional
from backend.auth.rules import Account, NotSignedIn, WrongRole
from backend.auth.rules.codes import EmailNotVerified, check_verified
from backend.availability import service
from backend.availability.rules import SlotOverlaps, SlotStatus, Span, minutes_of_day, price_in_range
from backend.availability.schemas import LeftOutAnswer, NewSlot, NewSlotsAnswer, SlotAnswer
from backend.availability.tables import SlotRow
from backend.kit.errors import InvalidPayload, NotFound, error_responses
from backend.kit.http import DatabaseDep, NowDep
from backend.payments.access import PaymentGatewayDep
from backend.payments.rules import NotOnboarded
from backend.payments.service import check_onboarded
from backend.settings import Settings

router = APIRouter(
    prefix="/professional/sessions/availability",
    tags=["availability"],
    responses=error_responses(NotSignedIn, WrongRole),
)


@router.post("", status_code=201, responses=error_responses(SlotOverlaps, NotOnboarded, EmailNotVerified))
def create_slot(
    body: NewSlot,
    professional: CurrentProfessional,
    database: DatabaseDep,
    gateway: PaymentGatewayDep,
    now: NowDep,
    request: Request,
) -> NewSlotsAnswer:
    """A slot, with `repeat_weeks` at the same wall time in the following weeks too: all or none.

    Dates on which that time is skipped are left out, and named.
    """
    settings = cast(Settings, request.app.state.settings)
    price_minor = _price(body, settings.minimum_price_minor)
    check_verified(professional.email_verified)
    with database.write() as session:
        check_onboarded(session, professional.id, gateway.name, settings.payout_country_codes)
        (first, *others), skipped = service.create_slots(
            session,
            professional,
            day=body.date,
            start=minutes_of_day(body.start_time),
            end=minutes_of_day(body.end_time),
            price_minor=price_minor,
            repeat_weeks=body.repeat_weeks,
            which=body.which,
            now=now,
        )
        repeats = [_answer(slot, professional) for slot in others]
        left_out = [LeftOutAnswer(date=each.day, detail=each.reason) for each in skipped]
        return NewSlotsAnswer(**_answer(first, professional).model_dump(), repeats=repeats, left_out=left_out)


@router.post("/{slot_id:uuid}/restore", responses=error_responses(NotFound, SlotOverlaps))
def restore_slot(slot_id: UUID, professional: CurrentProfessional, database: DatabaseDep, now: NowDep) -> SlotAnswer:
    """Undoes a deletion of the last ten minutes."""
    with database.write() as session:
        return _answer(service.restore_slot(session, professional, slot_id, now), professional)


def _price(body: NewSlot, minimum_minor: int) -> int:
    try:
        return price_in_range(body.price, minimum_minor)
    except ValueError as error:
        raise InvalidPayload({"price": str(error)}) from None


def _answer(slot: SlotRow, professional: Account) -> SlotAnswer:
    zone = ZoneInfo(professional.time_zone)
    return SlotAnswer.of(slot.id, Span(slot.starts_at, slot.ends_at), slot.price_minor, zone, SlotStatus.FREE)
