"""Cancelling with its refund and moving to another time: the client's methods and errors against the backend."""

import datetime as dt
from collections.abc import Awaitable

import pytest

from app.api.client import ApiClient
from app.api.models import Cancellation, FreeSlot
from app.errors import Problem
from tests.backend.stage import MovableClock
from tests.contract.bookings_stage import confirmed, offer
from tests.contract.conftest import Onboard, Pay, SignUp

HALF_AN_HOUR = dt.timedelta(minutes=30)


async def refused(error: str, attempt: Awaitable[object]) -> Problem:
    """The refusal that an attempt (a coroutine) runs into."""
    with pytest.raises(Problem) as caught:
        await attempt
    assert (caught.value.error, caught.value.status) == (error, 409)
    return caught.value


async def test_a_booking_tells_its_deadlines_and_until_when_it_can_be_moved(
    nora: ApiClient, sam: ApiClient, pay: Pay
) -> None:
    booking = await confirmed(nora, sam, pay)
    assert booking.policy is not None
    assert booking.policy.full_until == booking.starts_at - dt.timedelta(hours=12)
    assert booking.policy.half_until == booking.reschedule_until == booking.starts_at - dt.timedelta(hours=2)
    assert (booking.policy.at_most, booking.refund, booking.moved_from, booking.absent) == ("full", None, None, None)


async def test_cancelling_gives_back_what_was_shown_before(nora: ApiClient, sam: ApiClient, pay: Pay) -> None:
    booking = await confirmed(nora, sam, pay)
    shown = await sam.cancellation(booking.id)
    assert (shown.refund_minor, shown.share, shown.because) == (4500, "full", "user_cancels")
    assert shown.changes_at == shown.full_until
    cancelled = await sam.cancel(booking.id, shown.refund_minor)
    assert (cancelled.status, cancelled.cancelled_by, cancelled.payment_status) == (
        "cancelled",
        "user",
        "refund_pending",
    )
    assert cancelled.refund is not None
    assert (cancelled.refund_words, cancelled.refund.reason) == ("$45.00", "user_cancelled")
    assert await sam.cancel(booking.id, shown.refund_minor) == cancelled  # a repeat after a lost answer


async def test_a_professional_who_cancels_gives_everything_back(
    nora: ApiClient, sam: ApiClient, pay: Pay, clock: MovableClock
) -> None:
    booking = await confirmed(nora, sam, pay)
    clock.set(booking.starts_at)
    shown = await nora.cancellation(booking.id)
    assert (shown.refund_words, shown.because, shown.changes_at) == ("$45.00", "professional_cancels", None)
    cancelled = await nora.cancel(booking.id, shown.refund_minor)
    assert cancelled.cancelled_by == "professional"
    assert cancelled.cancelled_at == clock()


async def test_a_refund_that_shrank_meanwhile_is_told_and_nothing_is_cancelled(
    nora: ApiClient, sam: ApiClient, pay: Pay, clock: MovableClock
) -> None:
    booking = await confirmed(nora, sam, pay)
    shown = await sam.cancellation(booking.id)
    clock.set(shown.full_until + dt.timedelta(seconds=1))
    problem = await refused("RefundChanged", sam.cancel(booking.id, shown.refund_minor))
    assert isinstance(problem.cancellation, Cancellation)
    assert (problem.cancellation.refund_words, problem.cancellation.share) == ("$22.50", "half")
    assert (await sam.session(booking.id)).status == "confirmed"


async def test_a_session_that_has_begun_cannot_be_cancelled_by_its_user(
    nora: ApiClient, sam: ApiClient, pay: Pay, clock: MovableClock
) -> None:
    booking = await confirmed(nora, sam, pay)
    clock.set(booking.starts_at)
    assert "begun" in (await refused("NotCancellable", sam.cancellation(booking.id))).detail
    await refused("NotCancellable", sam.cancel(booking.id, 4500))


async def test_a_session_is_moved_with_its_payment(nora: ApiClient, sam: ApiClient, pay: Pay) -> None:
    booking = await confirmed(nora, sam, pay, 14)
    other = await offer(nora, 16)
    moved = await sam.reschedule(booking.id, other)
    assert (moved.id, moved.slot_id, moved.payment_status) == (booking.id, other, "paid")
    assert moved.moved_from == booking.starts_at
    assert await sam.reschedule(booking.id, other) == moved  # a repeat after a lost answer
    assert (await nora.session(booking.id)).moved_from == booking.starts_at


async def test_moving_late_does_not_bring_a_full_refund_back(
    nora: ApiClient, sam: ApiClient, pay: Pay, clock: MovableClock
) -> None:
    booking = await confirmed(nora, sam, pay)
    later = (await nora.create_slot(dt.date(2027, 3, 9), dt.time(14), dt.time(14, 45), 4500)).id
    clock.set(booking.starts_at - dt.timedelta(hours=3))
    moved = await sam.reschedule(booking.id, later)
    assert moved.policy is not None
    assert moved.policy.at_most == (await sam.cancellation(booking.id)).share == "half"


async def test_moving_to_a_taken_time_offers_the_next_free_ones(
    nora: ApiClient, sam: ApiClient, pay: Pay, sign_up: SignUp
) -> None:
    booking = await confirmed(nora, sam, pay, 14)
    taken, free = await offer(nora, 16), await offer(nora, 18)
    await (await sign_up("user", "Quick One")).book(taken)
    problem = await refused("SlotAlreadyTaken", sam.reschedule(booking.id, taken))
    assert free in [slot.id for slot in problem.next_free if isinstance(slot, FreeSlot)]


async def test_a_time_of_another_price_cannot_take_its_place(nora: ApiClient, sam: ApiClient, pay: Pay) -> None:
    booking = await confirmed(nora, sam, pay, 14)
    dearer = await nora.create_slot(booking.starts_at.date(), dt.time(17), dt.time(17, 45), 5000)
    await refused("DifferentPrice", sam.reschedule(booking.id, dearer.id))


async def test_a_session_cannot_be_moved_over_another_one_of_the_same_user(
    nora: ApiClient, sam: ApiClient, pay: Pay, sign_up: SignUp, onboard: Onboard
) -> None:
    otto = await sign_up("professional", "Otto Wald")
    await onboard(otto)
    await confirmed(otto, sam, pay, 17)
    booking = await confirmed(nora, sam, pay, 14)
    await refused("OverlappingSession", sam.reschedule(booking.id, await offer(nora, 17)))


async def test_a_session_is_not_moved_once_nothing_would_come_back(
    nora: ApiClient, sam: ApiClient, pay: Pay, clock: MovableClock
) -> None:
    booking = await confirmed(nora, sam, pay)
    other = await offer(nora, 18)
    clock.set(booking.starts_at - HALF_AN_HOUR)
    assert (await sam.session(booking.id)).reschedule_until is None
    await refused("NotReschedulable", sam.reschedule(booking.id, other))
