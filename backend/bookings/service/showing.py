"""Rows as the answers that people get."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from backend.auth.rules import Role
from backend.bookings.repository.listed import ListedBooking, listed
from backend.bookings.repository.slots import OfferedSlot
from backend.bookings.rules import Absent, BookingStatus, PaymentStatus, Terms, join_window, status_at
from backend.bookings.rules.cancellation import SHARES, Policy, deadlines, reschedule_until
from backend.bookings.rules.refunds import is_disputed
from backend.bookings.schemas import (
    BookedProfessionalAnswer,
    BookedUserAnswer,
    BookingAnswer,
    CancellationAnswer,
    DeadlinesAnswer,
    FreeSlotAnswer,
    PolicyAnswer,
    RefundAnswer,
)
from backend.bookings.service.cancelling import Cancellation
from backend.bookings.service.policies import booked_policy
from backend.bookings.tables import BookingRow
from backend.kit.money import CURRENCY, format_price
from backend.payments import repository as ledgers
from backend.payments.ports import RefundState
from backend.payments.rules import RefundReason, RefundSource
from backend.payments.tables import RefundRow
from backend.profiles.rules import photo_url

_REFUNDING = frozenset(
    {
        PaymentStatus.REFUND_PENDING.value,
        PaymentStatus.REFUNDED.value,
        PaymentStatus.PARTIALLY_REFUNDED.value,
        PaymentStatus.REFUND_FAILED.value,
    }
)

_DISPUTES: dict[str, Literal["open", "won", "lost"]] = {"open": "open", "won": "won", "lost": "lost"}
"""What people see of a dispute. While the bank only asks there is nothing to show."""


def free_slot(slot: OfferedSlot) -> FreeSlotAnswer:
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
    return booking_answers(session, [listed(session, booking)], terms, now)[0]


def booking_answers(
    session: Session, bookings: Sequence[ListedBooking], terms: Terms, now: datetime
) -> list[BookingAnswer]:
    """Several bookings as they go on the wire; one query if money of any of them goes back, otherwise none."""
    refunding = [booking.id for booking in bookings if booking.payment_status in _REFUNDING]
    refunds = ledgers.refunds_that_show(session, refunding) if refunding else {}
    return [_answer(booking, refunds.get(booking.id, ()), terms, now) for booking in bookings]


def _answer(booking: ListedBooking, refunds: Sequence[RefundRow], terms: Terms, now: datetime) -> BookingAnswer:
    status = status_at(BookingStatus(booking.status), booking.hold_expires_at, now)
    held = status is BookingStatus.HELD
    window = join_window(booking.starts_at, booking.ends_at, terms)
    until = deadlines(booking.starts_at, booked_policy(booking))
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
            id=booking.professional_id,
            name=booking.professional_name,
            headline=booking.headline or "",
            photo_url=photo_url(booking.professional_id, booking.photo_version),
            time_zone=booking.professional_time_zone,
        ),
        user=BookedUserAnswer(id=booking.user_id, name=booking.user_name),
        slot_id=booking.slot_id,
        hold_expires_at=booking.hold_expires_at if held else None,
        checkout_url=booking.checkout_url if held else None,
        join_opens_at=window.opens_at,
        join_closes_at=window.closes_at,
        created_at=booking.created_at,
        cancelled_at=booking.cancelled_at,
        cancelled_by=Role(booking.cancelled_by) if booking.cancelled_by else None,
        policy=DeadlinesAnswer(
            full_until=until.full_until, half_until=until.half_until, at_most=SHARES[booking.refund_share_cap]
        ),
        reschedule_until=reschedule_until(
            status, until, window.opens_at, now, disputed=is_disputed(booking.dispute_state)
        ),
        moved_from=booking.moved_from,
        absent=Absent(booking.absent) if booking.absent else None,
        refund=_refund(booking, refunds),
        dispute=_DISPUTES.get(booking.dispute_state or ""),
    )


def _refund(booking: ListedBooking, refunds: Sequence[RefundRow]) -> RefundAnswer | None:
    """All refunds of the payment as one: what goes back together, and the reason of the newest of ours."""
    living = [each for each in refunds if each.status in (RefundState.PENDING, RefundState.DONE)]
    failed = booking.payment_status == PaymentStatus.REFUND_FAILED
    if not living and not failed:
        return None
    shown = living or [each for each in refunds if each.status == RefundState.FAILED][-1:]
    newest = next((each for each in reversed(shown) if each.source == RefundSource.OURS), shown[-1])
    done = all(each.status == RefundState.DONE for each in shown)
    # The attempt after a failed one waits to be sent: until then the failed one is what there is to tell.
    state = RefundState.FAILED if failed else RefundState.DONE if done else RefundState.PENDING
    return RefundAnswer(
        amount=format_price(sum(each.amount_minor for each in shown)),
        status=state,
        reason=RefundReason(newest.reason),
        asked_at=newest.created_at,
        settled_at=max(each.settled_at or each.created_at for each in shown) if done else None,
        stuck=failed and not any(each.status == RefundState.PENDING for each in shown),
    )


def policy_answer(policy: Policy) -> PolicyAnswer:
    """A policy as people see it."""
    return PolicyAnswer(full_until_minutes=policy.full_until_min, half_until_minutes=policy.half_until_min)


def cancellation_answer(wanted: Cancellation) -> CancellationAnswer:
    """What cancelling gives back."""
    return CancellationAnswer(
        refund=format_price(wanted.refund_minor),
        share=SHARES[wanted.share],
        because="user_cancels" if wanted.by is Role.USER else "professional_cancels",
        full_until=wanted.until.full_until,
        half_until=wanted.until.half_until,
        changes_at=wanted.changes_at,
        price=format_price(wanted.booking.price_minor),
        currency=wanted.booking.currency,
    )
