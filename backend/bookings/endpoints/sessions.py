"""Booking a slot, and the two lists of sessions."""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Response
from sqlalchemy.orm import Session

from backend.auth.access import Professional, SignedIn, User
from backend.auth.rules import Account, NotSignedIn, WrongRole
from backend.bookings import repository
from backend.bookings.access import ClockOf, TermsOf
from backend.bookings.repository.lists import ListedBooking, bookings_of
from backend.bookings.rules import (
    BookingStatus,
    IdempotencyKeyReused,
    NotHeld,
    OverlappingSession,
    ProfessionalNotReady,
    SlotAlreadyTaken,
    Terms,
    TooManyHolds,
)
from backend.bookings.schemas import BookingAnswer, BookSlot, OptionalKey, When
from backend.bookings.service import holding, settling
from backend.bookings.service.showing import booking_answer, booking_answers
from backend.kit.clock import Clock
from backend.kit.database import Database
from backend.kit.errors import NotFound, ServiceUnavailable, answers
from backend.kit.http import DatabaseOf, Now, json_answer
from backend.kit.paging import Page, PageQuery
from backend.payments.access import GatewayOf
from backend.payments.ports import PaymentGatewayRefused, PaymentGatewayUnavailable
from backend.payments.rules import PaymentRefused

logger = logging.getLogger(__name__)
router = APIRouter(tags=["sessions"], responses=answers(NotSignedIn))

_BOOK_ERRORS = answers(
    NotFound,
    WrongRole,
    SlotAlreadyTaken,
    TooManyHolds,
    OverlappingSession,
    ProfessionalNotReady,
    PaymentRefused,
    IdempotencyKeyReused,
    ServiceUnavailable,
)


@router.post("/sessions/book", status_code=201, responses=_BOOK_ERRORS)
def book(
    body: BookSlot,
    user: User,
    database: DatabaseOf,
    gateway: GatewayOf,
    terms: TermsOf,
    clock: ClockOf,
    idempotency_key: Annotated[OptionalKey, Header()] = None,
) -> BookingAnswer:
    """Holds a slot and says where to pay for it. Two transactions: the payment provider is asked between them."""
    key, now = idempotency_key, clock()
    with database.write() as session:
        booking = holding.hold_slot(session, user, body.slot_id, key=key, gateway=gateway.name, terms=terms, now=now)
        earlier = repository.idempotency_key(session, user.id, key) if key else None
        if earlier is not None and earlier.answer is not None:
            return BookingAnswer.model_validate_json(earlier.answer)
        order = holding.order_for(session, user, booking)
        if booking.status != BookingStatus.HELD:
            return booking_answer(session, booking, terms, now)
    try:
        checkout = gateway.create_checkout(order)
    except PaymentGatewayUnavailable as fault:
        logger.error("no checkout could be made: %s", fault)
        with database.write() as session:
            holding.give_up(session, user, booking.id, key)
        if isinstance(fault, PaymentGatewayRefused):
            raise PaymentRefused from fault
        raise ServiceUnavailable("Payments are not available at the moment. Please try again shortly.") from fault
    with database.write() as session:
        booking = holding.keep_checkout(session, booking.id, checkout)
        answer = booking_answer(session, booking, terms, clock())
        if key:
            holding.keep_answer(session, user, key, answer.model_dump_json())
    return answer


@router.get("/sessions/my-bookings", response_model=Page[BookingAnswer], responses=answers(WrongRole))
def my_bookings(
    user: User, database: DatabaseOf, page: PageQuery, terms: TermsOf, now: Now, when: When = "upcoming"
) -> Response:
    """The user's own: upcoming by start, or past with the latest first."""
    with database.read() as session:
        rows, cursor = bookings_of(session, "user_id", user.id, past=when == "past", now=now, page=page)
        return _page(session, rows, cursor, terms, now)


@router.get("/professional/sessions", response_model=Page[BookingAnswer], responses=answers(WrongRole))
def professional_sessions(
    professional: Professional,
    database: DatabaseOf,
    page: PageQuery,
    terms: TermsOf,
    now: Now,
    when: When = "upcoming",
) -> Response:
    """The professional's sessions that have been paid: upcoming by start, or past with the latest first."""
    with database.read() as session:
        past = when == "past"
        rows, cursor = bookings_of(session, "professional_id", professional.id, past=past, now=now, page=page)
        return _page(session, rows, cursor, terms, now)


def _page(session: Session, rows: Sequence[ListedBooking], cursor: str | None, terms: Terms, now: datetime) -> Response:
    return json_answer(Page[BookingAnswer](items=booking_answers(session, rows, terms, now), next_cursor=cursor))


@router.get("/sessions/{session_id:uuid}", responses=answers(NotFound))
def one_session(session_id: UUID, account: SignedIn, database: DatabaseOf, terms: TermsOf, now: Now) -> BookingAnswer:
    """A session, to either of its two people."""
    with database.read() as session:
        booking = repository.booking_of(session, session_id, account.id)
        if booking is None:
            raise NotFound
        return booking_answer(session, booking, terms, now)


@router.post("/sessions/{session_id:uuid}/release", responses=answers(NotFound, WrongRole, NotHeld))
def release(
    session_id: UUID,
    user: User,
    database: DatabaseOf,
    gateway: GatewayOf,
    terms: TermsOf,
    clock: ClockOf,
) -> BookingAnswer:
    """Gives a hold back: the slot is free at once, and its checkout is closed right after."""
    with database.write() as session:
        booking = holding.release(session, user, session_id, clock())
    try:
        settling.ask_about_checkout(database, gateway, booking, clock)
    except PaymentGatewayUnavailable as fault:
        logger.warning("a released checkout stays open until the worker closes it: %s", fault)
    return _as_it_is_now(database, user, session_id, terms, clock)


def _as_it_is_now(database: Database, user: Account, session_id: UUID, terms: Terms, clock: Clock) -> BookingAnswer:
    with database.read() as session:
        booking = repository.booking_of(session, session_id, user.id)
        if booking is None:
            raise NotFound
        return booking_answer(session, booking, terms, clock())
