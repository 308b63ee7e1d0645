"""Booking a slot, and the two lists of sessions."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.orm import Session

from backend.auth.access import CurrentAccount, CurrentProfessional, CurrentUser
from backend.auth.rules import Account, NotSignedIn, WrongRole
from backend.auth.rules.codes import EmailNotVerified
from backend.bookings import repository
from backend.bookings.access import ClockDep, TermsDep, origin_of
from backend.bookings.repository.listed import ListedBooking
from backend.bookings.repository.lists import bookings_of
from backend.bookings.rules import (
    BookingStatus,
    IdempotencyKeyReused,
    NotHeld,
    OverlappingSession,
    ProfessionalNotReady,
    SlotAlreadyTaken,
    Terms,
    TooManyHolds,
    status_at,
)
from backend.bookings.rules.fairness import Origin
from backend.bookings.schemas import BookingAnswer, BookSlot, OptionalKey, When
from backend.bookings.service import holding
from backend.bookings.service.money import payment_events
from backend.bookings.service.showing import booking_answer, booking_answers
from backend.bookings.tables import BookingRow
from backend.kit.bulkheads import PAYMENTS, Bulkhead, BulkheadFull, bulkhead_of
from backend.kit.clock import Clock
from backend.kit.database import Database
from backend.kit.errors import NotFound, ServiceUnavailable, TooManyAttempts, error_responses
from backend.kit.http import DatabaseDep, NowDep, json_answer
from backend.kit.limits.access import limits_in
from backend.kit.limits.table import BOOK
from backend.kit.paging import Page, PageQuery
from backend.payments.access import PaymentGatewayDep
from backend.payments.ports import Checkout, CheckoutOrder, PaymentGatewayRefused, PaymentGatewayUnavailable
from backend.payments.rules import PaymentRefused

logger = logging.getLogger(__name__)
_NO_PAYMENTS = "Payments are not available at the moment. Please try again shortly."
router = APIRouter(tags=["sessions"], responses=error_responses(NotSignedIn))

_BOOK_ERRORS = error_responses(
    NotFound,
    WrongRole,
    SlotAlreadyTaken,
    TooManyHolds,
    OverlappingSession,
    ProfessionalNotReady,
    EmailNotVerified,
    PaymentRefused,
    IdempotencyKeyReused,
    TooManyAttempts,
    ServiceUnavailable,
)


@router.post("/sessions/book", status_code=201, responses=_BOOK_ERRORS)
async def book(
    body: BookSlot,
    user: CurrentUser,
    database: DatabaseDep,
    gateway: PaymentGatewayDep,
    terms: TermsDep,
    clock: ClockDep,
    payments: Annotated[Bulkhead, Depends(bulkhead_of(PAYMENTS))],
    request: Request,
    idempotency_key: Annotated[OptionalKey, Header()] = None,
) -> BookingAnswer:
    """Holds a slot and says where to pay for it. Two transactions: the payment provider is asked between them.

    A repeat with the same key within a day is answered with the same booking as it is by then.
    """
    wanted = _BookingRequest(user, body.slot_id, idempotency_key, origin_of(request))
    await run_in_threadpool(limits_in(request).count_look, BOOK, str(user.id))
    held = await run_in_threadpool(_held, wanted, database, gateway.name, terms, clock())
    if isinstance(held, BookingAnswer):
        return held
    try:
        checkout = await payments.run(gateway.create_checkout, held)
    except (PaymentGatewayUnavailable, BulkheadFull) as fault:
        logger.error("no checkout could be made: %s", fault)
        await run_in_threadpool(_given_up, wanted, database, held.booking_id, clock())
        if isinstance(fault, PaymentGatewayRefused):
            raise PaymentRefused from fault
        wait_s = fault.extra["retry_after_s"] if isinstance(fault, BulkheadFull) else None
        raise ServiceUnavailable(_NO_PAYMENTS, retry_after_s=wait_s) from fault
    return await run_in_threadpool(_to_be_paid, database, held.booking_id, checkout, terms, clock())


@dataclass(frozen=True)
class _BookingRequest:
    """Who wants which slot; with a key, the same request is the same booking."""

    user: Account
    slot_id: UUID
    key: str | None
    origin: Origin | None


def _held(
    wanted: _BookingRequest, database: Database, gateway: str, terms: Terms, now: datetime
) -> CheckoutOrder | BookingAnswer:
    """What is to be paid, or the answer where the same request came before."""
    user, key = wanted.user, wanted.key
    with database.write() as session:
        booking = holding.hold_slot(
            session, user, wanted.slot_id, key=key, gateway=gateway, terms=terms, now=now, origin=wanted.origin
        )
        held = status_at(BookingStatus(booking.status), booking.hold_expires_at, now) is BookingStatus.HELD
        if booking.checkout_reference is not None or not held:
            return booking_answer(session, booking, terms, now)
        return holding.order_for(session, user, booking)


def _given_up(wanted: _BookingRequest, database: Database, booking_id: UUID, now: datetime) -> None:
    with database.write() as session:
        holding.give_up(session, wanted.user, booking_id, wanted.key, now)


def _to_be_paid(database: Database, booking_id: UUID, checkout: Checkout, terms: Terms, now: datetime) -> BookingAnswer:
    with database.write() as session:
        booking = holding.keep_checkout(session, booking_id, checkout)
        return booking_answer(session, booking, terms, now)


@router.get("/sessions/my-bookings", response_model=Page[BookingAnswer], responses=error_responses(WrongRole))
def my_bookings(
    user: CurrentUser, database: DatabaseDep, page: PageQuery, terms: TermsDep, now: NowDep, when: When = "upcoming"
) -> Response:
    """The user's own: upcoming by start, or past with the latest first."""
    with database.read() as session:
        rows, cursor = bookings_of(session, "user_id", user.id, past=when == "past", now=now, page=page)
        return _page(session, rows, cursor, terms, now)


@router.get("/professional/sessions", response_model=Page[BookingAnswer], responses=error_responses(WrongRole))
def professional_sessions(
    professional: CurrentProfessional,
    database: DatabaseDep,
    page: PageQuery,
    terms: TermsDep,
    now: NowDep,
    when: When = "upcoming",
) -> Response:
    """The professional's sessions that have been paid: upcoming by start, or past with the latest first."""
    with database.read() as session:
        past = when == "past"
        rows, cursor = bookings_of(session, "professional_id", professional.id, past=past, now=now, page=page)
        return _page(session, rows, cursor, terms, now)


def _page(session: Session, rows: Sequence[ListedBooking], cursor: str | None, terms: Terms, now: datetime) -> Response:
    return json_answer(Page[BookingAnswer](items=booking_answers(session, rows, terms, now), next_cursor=cursor))


@router.get("/sessions/{session_id:uuid}", responses=error_responses(NotFound))
def one_session(
    session_id: UUID, account: CurrentAccount, database: DatabaseDep, terms: TermsDep, now: NowDep
) -> BookingAnswer:
    """A session, to either of its two people."""
    with database.read() as session:
        booking = repository.booking_of(session, session_id, account.id)
        if booking is None:
            raise NotFound
        return booking_answer(session, booking, terms, now)


@router.post("/sessions/{session_id:uuid}/release", responses=error_responses(NotFound, WrongRole, NotHeld))
async def release(
    session_id: UUID,
    user: CurrentUser,
    database: DatabaseDep,
    gateway: PaymentGatewayDep,
    terms: TermsDep,
    clock: ClockDep,
    payments: Annotated[Bulkhead, Depends(bulkhead_of(PAYMENTS))],
) -> BookingAnswer:
    """Gives a hold back: the slot is free at once, and its checkout is closed right after."""
    booking = await run_in_threadpool(_released, database, user, session_id, clock)
    try:
        await payments.run(payment_events.ask_about_checkout, database, gateway, booking, clock)
    except (PaymentGatewayUnavailable, BulkheadFull) as fault:
        logger.warning("a released checkout stays open until the worker closes it: %s", fault)
    return await run_in_threadpool(_as_it_is_now, database, user, session_id, terms, clock)


def _released(database: Database, user: Account, session_id: UUID, clock: Clock) -> BookingRow:
    with database.write() as session:
        return holding.release(session, user, session_id, clock())


def _as_it_is_now(database: Database, user: Account, session_id: UUID, terms: Terms, clock: Clock) -> BookingAnswer:
    with database.read() as session:
        booking = repository.booking_of(session, session_id, user.id)
        if booking is None:
            raise NotFound
        return booking_answer(session, booking, terms, clock())
