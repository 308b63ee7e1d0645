"""Rows as the answers that people get."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from backend.availability.tables import SlotRow
from backend.bookings import repository
from backend.bookings.rules import BookingStatus, PaymentStatus, Terms, join_window, status_at
from backend.bookings.schemas import BookedProfessionalAnswer, BookedUserAnswer, BookingAnswer, FreeSlotAnswer
from backend.bookings.tables import BookingRow
from backend.kit.money import CURRENCY, format_price
from backend.profiles.repository import profiles_by_id
from backend.profiles.rules import Profile


def free_slot(slot: SlotRow) -> FreeSlotAnswer:
    """A slot that can be booked."""
    return FreeSlotAnswer(
        id=slot.id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        price=format_price(slot.price_minor),
        currency=CURRENCY,
    )


def booking_answer(session: Session, booking: BookingRow, terms: Terms, now: datetime) -> BookingAnswer:
    """One booking with its two people."""
    return booking_answers(session, [booking], terms, now)[0]


def booking_answers(
    session: Session, bookings: Sequence[BookingRow], terms: Terms, now: datetime
) -> list[BookingAnswer]:
    """Several bookings with their people, in two queries however many there are."""
    if not bookings:
        return []
    professionals = profiles_by_id(session, (booking.professional_id for booking in bookings))
    names = repository.names_of(session, (booking.user_id for booking in bookings))
    return [
        _answer(booking, professionals[booking.professional_id], names[booking.user_id], terms, now)
        for booking in bookings
    ]


def _answer(booking: BookingRow, professional: Profile, user_name: str, terms: Terms, now: datetime) -> BookingAnswer:
    status = status_at(BookingStatus(booking.status), booking.hold_expires_at, now)
    held = status is BookingStatus.HELD
    window = join_window(booking.starts_at, booking.ends_at, terms)
    return BookingAnswer(
        id=booking.id,
        status=status,
        payment_status=PaymentStatus(booking.payment_status),
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        time_zone=booking.time_zone,
        price=format_price(booking.price_minor),
        currency=booking.currency,
        professional=BookedProfessionalAnswer(
            id=professional.id,
            name=professional.name,
            headline=professional.headline,
            photo_url=professional.photo_url,
            time_zone=professional.time_zone,
        ),
        user=BookedUserAnswer(id=booking.user_id, name=user_name),
        slot_id=booking.slot_id,
        hold_expires_at=booking.hold_expires_at if held else None,
        checkout_url=booking.checkout_url if held else None,
        join_opens_at=window.opens_at,
        join_closes_at=window.closes_at,
        created_at=booking.created_at,
    )
