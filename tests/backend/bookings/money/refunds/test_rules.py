"""What a payment's refunds and disputes mean for its booking: the pure rules."""

import pytest

from backend.bookings.rules import PaymentStatus
from backend.bookings.rules.refunds import gives_all_back, heaviest, is_disputed, refund_status
from backend.payments.ports import DisputeState
from backend.payments.rules.ledger import DisputeEntry, PaymentLedger, RefundEntry

PRICE = 4500


def ledger(*entries: RefundEntry | DisputeEntry) -> PaymentLedger:
    return PaymentLedger(
        PRICE,
        450,
        refunds=[each for each in entries if isinstance(each, RefundEntry)],
        disputes=[each for each in entries if isinstance(each, DisputeEntry)],
    )


def done(amount: int) -> RefundEntry:
    return RefundEntry(amount, done=True)


def on_its_way(amount: int) -> RefundEntry:
    return RefundEntry(amount, done=False)


@pytest.mark.parametrize(
    ("entries", "failing", "status"),
    [
        ((), False, PaymentStatus.PAID),
        ((), True, PaymentStatus.REFUND_FAILED),
        ((on_its_way(PRICE),), False, PaymentStatus.REFUND_PENDING),
        ((on_its_way(PRICE),), True, PaymentStatus.REFUND_FAILED),
        ((done(1000), on_its_way(1000)), False, PaymentStatus.REFUND_PENDING),
        ((done(PRICE - 1),), False, PaymentStatus.PARTIALLY_REFUNDED),
        ((done(PRICE - 1),), True, PaymentStatus.REFUND_FAILED),
        ((done(PRICE),), False, PaymentStatus.REFUNDED),
        ((done(PRICE),), True, PaymentStatus.REFUNDED),
        ((done(1000), DisputeEntry(PRICE - 1000, lost=True)), False, PaymentStatus.REFUNDED),
    ],
)
def test_how_a_payment_stands_is_what_its_refunds_say(
    entries: tuple[RefundEntry | DisputeEntry, ...], failing: bool, status: PaymentStatus
) -> None:
    assert refund_status(ledger(*entries), failing=failing) is status


@pytest.mark.parametrize(
    ("entries", "all_back"),
    [
        ((), False),
        ((done(PRICE),), True),
        ((done(PRICE - 1),), False),
        ((done(1000), on_its_way(PRICE - 1000)), True),
        ((done(1000), DisputeEntry(PRICE - 1000, lost=True)), True),
        ((done(1000), DisputeEntry(PRICE - 1001, lost=True)), False),
        ((done(1000), DisputeEntry(PRICE - 1000, open=True)), False),
        ((done(1000), DisputeEntry(PRICE - 1000, won=True)), False),
    ],
)
def test_refunds_and_lost_disputes_use_a_payment_up(
    entries: tuple[RefundEntry | DisputeEntry, ...], all_back: bool
) -> None:
    assert gives_all_back(ledger(*entries)) is all_back


@pytest.mark.parametrize(
    ("state", "disputed"),
    [
        (None, False),
        (DisputeState.INQUIRY, False),
        (DisputeState.OPEN, True),
        (DisputeState.WON, False),
        (DisputeState.LOST, True),
    ],
)
def test_a_bank_that_has_the_money_keeps_the_booking_from_being_joined(
    state: DisputeState | None, disputed: bool
) -> None:
    assert is_disputed(state) is disputed


@pytest.mark.parametrize(
    ("states", "counts"),
    [
        (set(), None),
        ({DisputeState.INQUIRY}, DisputeState.INQUIRY),
        ({DisputeState.INQUIRY, DisputeState.WON}, DisputeState.WON),
        ({DisputeState.INQUIRY, DisputeState.WON, DisputeState.LOST}, DisputeState.LOST),
        (set(DisputeState), DisputeState.OPEN),
    ],
)
def test_of_several_disputes_an_open_or_a_lost_one_counts_most(
    states: set[DisputeState], counts: DisputeState | None
) -> None:
    assert heaviest(states) is counts
