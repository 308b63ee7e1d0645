"""The two tables of moves, and that no order of events breaks what they promise."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.bookings.rules import (
    BOOKING_TRANSITIONS,
    PAYMENT_TRANSITIONS,
    BookingEvent,
    BookingStatus,
    InvalidTransition,
    PaymentEffect,
    PaymentEvent,
    PaymentOutcome,
    PaymentStatus,
    Terms,
    effect_of_failure,
    effect_of_payment,
    join_window,
    next_payment_status,
    next_status,
    status_at,
)

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)

NAMED_BOOKING_TRANSITIONS = {
    ("held", "paid"): "confirmed",
    ("held", "hold_ran_out"): "expired",
    ("held", "cancelled"): "cancelled",
    ("expired", "paid"): "confirmed",
    ("confirmed", "ended"): "completed",
    ("confirmed", "cancelled"): "cancelled",
    ("confirmed", "missed"): "no_show",
}
NAMED_PAYMENT_TRANSITIONS = {
    ("pending", "paid"): "paid",
    ("pending", "failed"): "failed",
    ("failed", "paid"): "paid",
    # Refunds are ordered here and elsewhere, they arrive, fail, and are returned by banks: in any order.
    ("paid", "refund_due"): "refund_pending",
    ("paid", "refunded"): "refunded",
    ("paid", "partially_refunded"): "partially_refunded",
    ("paid", "refund_failed"): "refund_failed",
    ("refund_pending", "refund_returned"): "paid",
    ("refund_pending", "refunded"): "refunded",
    ("refund_pending", "partially_refunded"): "partially_refunded",
    ("refund_pending", "refund_failed"): "refund_failed",
    ("refunded", "refund_returned"): "paid",
    ("refunded", "refund_due"): "refund_pending",
    ("refunded", "partially_refunded"): "partially_refunded",
    ("refunded", "refund_failed"): "refund_failed",
    ("partially_refunded", "refund_returned"): "paid",
    ("partially_refunded", "refund_due"): "refund_pending",
    ("partially_refunded", "refunded"): "refunded",
    ("partially_refunded", "refund_failed"): "refund_failed",
    ("refund_failed", "refund_returned"): "paid",
    ("refund_failed", "refund_due"): "refund_pending",
    ("refund_failed", "refunded"): "refunded",
    ("refund_failed", "partially_refunded"): "partially_refunded",
}


@pytest.mark.parametrize("status", BookingStatus)
@pytest.mark.parametrize("event", BookingEvent)
def test_a_booking_takes_exactly_the_moves_that_the_design_names(status: BookingStatus, event: BookingEvent) -> None:
    wanted = NAMED_BOOKING_TRANSITIONS.get((status.value, event.value))
    if wanted is None:
        with pytest.raises(InvalidTransition, match=f"a booking that is {status} cannot take {event}"):
            next_status(status, event)
    else:
        assert next_status(status, event) == wanted


@pytest.mark.parametrize("status", PaymentStatus)
@pytest.mark.parametrize("event", PaymentEvent)
def test_a_payment_takes_exactly_the_moves_that_the_design_names(status: PaymentStatus, event: PaymentEvent) -> None:
    wanted = NAMED_PAYMENT_TRANSITIONS.get((status.value, event.value))
    if wanted is None:
        with pytest.raises(InvalidTransition, match=f"a payment that is {status} cannot take {event}"):
            next_payment_status(status, event)
    else:
        assert next_payment_status(status, event) == wanted


@given(st.lists(st.sampled_from(BookingEvent), max_size=12))
def test_no_sequence_of_events_brings_a_booking_back_to_a_status_it_has_left(events: list[BookingEvent]) -> None:
    status, been = BookingStatus.HELD, [BookingStatus.HELD]
    for event in events:
        if (status, event) in BOOKING_TRANSITIONS:
            status = next_status(status, event)
            assert status not in been
            been.append(status)


@given(st.lists(st.sampled_from(PaymentEvent), max_size=12))
def test_no_sequence_of_events_makes_a_payment_unpaid_again(events: list[PaymentEvent]) -> None:
    status, was_paid = PaymentStatus.PENDING, False
    for event in events:
        if (status, event) in PAYMENT_TRANSITIONS:
            status = next_payment_status(status, event)
            was_paid = was_paid or status is PaymentStatus.PAID
            assert not (was_paid and status in {PaymentStatus.PENDING, PaymentStatus.FAILED})


@given(st.sampled_from(BookingStatus), st.sampled_from(PaymentStatus), st.booleans())
def test_money_either_confirms_or_goes_back_or_was_known(
    status: BookingStatus, payment_status: PaymentStatus, may_confirm: bool
) -> None:
    effect = effect_of_payment(status, payment_status, may_confirm=may_confirm)
    if effect.outcome is PaymentOutcome.CONFIRMED:
        assert (effect.status, effect.payment_status) == (BookingStatus.CONFIRMED, PaymentStatus.PAID)
    elif effect.outcome is PaymentOutcome.REFUND_DUE:
        assert effect.payment_status is PaymentStatus.REFUND_PENDING
        assert effect.status is not BookingStatus.HELD
    else:
        assert effect == PaymentEffect(status, payment_status, PaymentOutcome.IGNORED)


def test_money_for_a_hold_that_cannot_be_confirmed_cancels_it_and_goes_back() -> None:
    effect = effect_of_payment(BookingStatus.HELD, PaymentStatus.PENDING, may_confirm=False)
    assert (effect.status, effect.payment_status) == (BookingStatus.CANCELLED, PaymentStatus.REFUND_PENDING)


def test_money_for_a_cancelled_hold_goes_back() -> None:
    effect = effect_of_payment(BookingStatus.CANCELLED, PaymentStatus.PENDING, may_confirm=True)
    assert (effect.status, effect.payment_status) == (BookingStatus.CANCELLED, PaymentStatus.REFUND_PENDING)


def test_a_failure_that_comes_after_the_payment_changes_nothing() -> None:
    effect = effect_of_failure(BookingStatus.CONFIRMED, PaymentStatus.PAID)
    assert (effect.status, effect.payment_status) == (BookingStatus.CONFIRMED, PaymentStatus.PAID)
    assert effect.outcome is PaymentOutcome.IGNORED


def test_a_payment_that_cannot_come_about_gives_the_hold_back() -> None:
    effect = effect_of_failure(BookingStatus.HELD, PaymentStatus.PENDING)
    assert (effect.status, effect.payment_status) == (BookingStatus.CANCELLED, PaymentStatus.FAILED)
    assert effect.outcome is PaymentOutcome.FAILED


def test_a_hold_counts_until_just_before_its_end() -> None:
    assert status_at(BookingStatus.HELD, NOON, NOON - timedelta(microseconds=1)) is BookingStatus.HELD


def test_an_overdue_hold_counts_as_expired_at_its_very_instant() -> None:
    assert status_at(BookingStatus.HELD, NOON, NOON) is BookingStatus.EXPIRED


def test_the_end_of_a_hold_says_nothing_about_what_was_confirmed() -> None:
    assert status_at(BookingStatus.CONFIRMED, NOON, NOON + timedelta(days=1)) is BookingStatus.CONFIRMED


def test_the_join_window_reaches_beyond_both_ends_of_the_session() -> None:
    terms = Terms(timedelta(minutes=10), timedelta(minutes=15), timedelta(minutes=20))
    window = join_window(NOON, NOON + timedelta(hours=1), terms)
    assert (window.opens_at, window.closes_at) == (NOON - timedelta(minutes=15), NOON + timedelta(minutes=80))
