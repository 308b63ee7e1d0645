"""Cancelling and moving a session that is paid, and the policy by which it is cancelled."""

import logging
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy.orm import Session

from backend.auth.access import CurrentAccount, CurrentProfessional, CurrentUser
from backend.auth.rules import Account, NotSignedIn, WrongRole
from backend.bookings.access import TermsDep
from backend.bookings.rules import OverlappingSession, SlotAlreadyTaken
from backend.bookings.rules.cancellation import (
    DifferentPrice,
    NotCancellable,
    NotReschedulable,
    Policy,
    RefundChanged,
)
from backend.bookings.schemas import (
    BookingAnswer,
    CancellationAnswer,
    CancelSession,
    MoveSession,
    PolicyAnswer,
    SetPolicy,
)
from backend.bookings.service import cancelling, policies, rescheduling
from backend.bookings.service.showing import booking_answer, cancellation_answer, policy_answer
from backend.bookings.tables import BookingRow
from backend.kit.errors import NotFound, error_responses
from backend.kit.http import DatabaseDep, NowDep
from backend.kit.money import parse_price

logger = logging.getLogger(__name__)
router = APIRouter(tags=["sessions"], responses=error_responses(NotSignedIn))


@router.get("/sessions/{session_id:uuid}/cancellation", responses=error_responses(NotFound, NotCancellable))
def cancellation(session_id: UUID, account: CurrentAccount, database: DatabaseDep, now: NowDep) -> CancellationAnswer:
    """What cancelling gives back now; nothing changes."""
    with database.read() as session:
        return cancellation_answer(cancelling.cancellation(session, account, session_id, now))


@router.post("/sessions/{session_id:uuid}/cancel", responses=error_responses(NotFound, NotCancellable, RefundChanged))
def cancel(
    session_id: UUID, body: CancelSession, account: CurrentAccount, database: DatabaseDep, terms: TermsDep, now: NowDep
) -> BookingAnswer:
    """Cancels, if the refund is what the person was shown. The worker sends the refund."""
    expected_minor = parse_price(body.expected_refund)
    with database.write() as session:
        return booking_answer(session, _cancelled(session, account, session_id, expected_minor, now), terms, now)


def _cancelled(session: Session, account: Account, session_id: UUID, expected_minor: int, now: datetime) -> BookingRow:
    booking, wanted = cancelling.cancel(session, account, session_id, now)
    if wanted is None:
        return booking
    if wanted.refund_minor != expected_minor:
        raise RefundChanged(cancellation_answer(wanted).model_dump(mode="json"))
    cancelling.carry_out(session, wanted, now)
    logger.info("session %s was cancelled by its %s", booking.id, account.role.value)
    return booking


@router.post(
    "/sessions/{session_id:uuid}/reschedule",
    responses=error_responses(
        NotFound, WrongRole, NotReschedulable, DifferentPrice, SlotAlreadyTaken, OverlappingSession
    ),
)
def reschedule(
    session_id: UUID, body: MoveSession, user: CurrentUser, database: DatabaseDep, terms: TermsDep, now: NowDep
) -> BookingAnswer:
    """Moves the session to another free slot of the same price; the payment stays with it."""
    with database.write() as session:
        booking = rescheduling.reschedule(session, user, session_id, body.slot_id, terms, now)
        return booking_answer(session, booking, terms, now)


@router.get("/professional/cancellation-policy", responses=error_responses(WrongRole))
def own_policy(professional: CurrentProfessional, database: DatabaseDep) -> PolicyAnswer:
    """The policy of bookings made now."""
    with database.read() as session:
        return policy_answer(policies.policy_of(session, professional.id))


@router.put("/professional/cancellation-policy", responses=error_responses(WrongRole))
def set_own_policy(
    body: SetPolicy, professional: CurrentProfessional, database: DatabaseDep, now: NowDep
) -> PolicyAnswer:
    """Holds for bookings made from now on; what is booked keeps the policy it was booked under."""
    wanted = Policy(body.full_until_minutes, body.half_until_minutes)
    with database.write() as session:
        return policy_answer(policies.set_policy(session, professional.id, wanted, now))
