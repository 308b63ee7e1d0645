"""What a payment comes to: with the payer, with the professional, with the platform, and what is still to be done."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.payments.rules import platform_fee
from backend.payments.rules.ledger import DisputeEntry, PaymentLedger, RefundEntry

PRICE, FEE = 4500, 450


def ledger(
    *refunds: RefundEntry,
    owed: int = 0,
    disputes: tuple[DisputeEntry, ...] = (),
    at_once: bool = True,
    reversed_minor: int = 0,
    fee_returned_minor: int = 0,
    transferred_minor: int = 0,
) -> PaymentLedger:
    moved = (reversed_minor, fee_returned_minor, transferred_minor)
    return PaymentLedger(PRICE, FEE, owed, *moved, refunds, disputes, at_once)


def done(amount: int, covered: int | None = None) -> RefundEntry:
    return RefundEntry(amount, done=True, covered_minor=amount if covered is None else covered)


def waiting(amount: int) -> RefundEntry:
    return RefundEntry(amount, done=False, waiting=True)


def test_a_payment_that_nobody_touched_is_the_professionals_but_for_the_fee() -> None:
    untouched = ledger()
    assert (untouched.back_minor, untouched.payee_minor, untouched.to_order_minor) == (0, 4050, 0)


@pytest.mark.parametrize(
    ("entries", "owed", "to_order"),
    [
        ((), PRICE, PRICE),
        ((done(500),), PRICE, 4000),
        ((done(500), waiting(4000)), PRICE, 0),
        ((done(PRICE),), PRICE, 0),
        ((done(3000),), 2250, 0),
        ((done(500),), 2250, 1750),
    ],
)
def test_what_is_ordered_is_what_is_owed_less_what_lives(
    entries: tuple[RefundEntry, ...], owed: int, to_order: int
) -> None:
    assert ledger(*entries, owed=owed).to_order_minor == to_order


def test_an_open_dispute_holds_every_order_and_a_lost_one_counts_as_given_back() -> None:
    assert ledger(owed=PRICE, disputes=(DisputeEntry(1000, open=True),)).to_order_minor == 0
    lost = ledger(owed=PRICE, disputes=(DisputeEntry(1000, lost=True),))
    assert (lost.to_order_minor, lost.done_minor, lost.back_minor) == (3500, 1000, 1000)
    assert ledger(owed=PRICE, disputes=(DisputeEntry(1000, won=True),)).to_order_minor == PRICE


def test_a_bank_takes_no_more_than_what_the_payer_does_not_have_back_already() -> None:
    disputed = (DisputeEntry(PRICE, open=True),)
    assert ledger(done(1000), disputes=disputed).disputed_minor == PRICE - 1000
    assert ledger(done(PRICE), disputes=disputed).disputed_minor == 0
    assert ledger(waiting(1000), disputes=disputed).disputed_minor == PRICE, "what waits has not left yet"


def test_what_waits_counts_as_gone_from_everyone_it_will_be_taken_from() -> None:
    half = ledger(waiting(2250), owed=2250)
    assert (half.back_minor, half.payee_minor, half.to_reverse_minor) == (2250, 2025, 2250)


def test_what_a_failed_refund_left_with_the_platform_serves_the_next() -> None:
    again = ledger(waiting(2250), owed=2250, reversed_minor=2250, fee_returned_minor=225)
    assert (again.to_reverse_minor, again.payee_minor) == (0, 2025)
    more = ledger(waiting(PRICE), owed=PRICE, reversed_minor=2250, fee_returned_minor=225)
    assert (more.to_reverse_minor, more.payee_minor) == (2250, 0)


def test_a_refund_elsewhere_that_took_nothing_from_the_professional_is_the_platforms_loss() -> None:
    loss = ledger(done(1000, covered=0))
    assert (loss.back_minor, loss.payee_minor) == (1000, 4050)


def test_a_dispute_takes_the_professionals_part_and_one_that_is_won_gives_it_again() -> None:
    taken = ledger(disputes=(DisputeEntry(PRICE, open=True),))
    assert (taken.to_reverse_minor, taken.payee_minor) == (PRICE, 0)
    won = ledger(disputes=(DisputeEntry(PRICE, won=True),), reversed_minor=PRICE, fee_returned_minor=FEE)
    assert (won.to_restore_minor, won.to_transfer_minor, won.payee_minor) == (PRICE, 4050, 4050)
    again = ledger(
        disputes=(DisputeEntry(PRICE, won=True, restored_minor=PRICE),),
        reversed_minor=PRICE,
        fee_returned_minor=FEE,
        transferred_minor=4050,
    )
    assert (again.to_restore_minor, again.payee_minor) == (0, 4050)


def test_what_went_back_after_a_dispute_was_won_is_not_given_to_the_professional_again() -> None:
    refunded = ledger(
        done(PRICE), disputes=(DisputeEntry(PRICE, won=True),), reversed_minor=PRICE, fee_returned_minor=FEE
    )
    assert (refunded.to_restore_minor, refunded.payee_minor) == (0, 0)


@st.composite
def ledgers(draw: st.DrawFn) -> PaymentLedger:
    amount = draw(st.integers(1, 25_000))
    fee = platform_fee(amount, 1000)
    cents = st.integers(1, amount)
    refunds = draw(
        st.lists(st.builds(RefundEntry, cents, st.booleans(), st.booleans(), st.integers(0, amount)), max_size=3)
    )
    disputes = draw(st.lists(st.builds(DisputeEntry, cents, st.booleans(), st.booleans(), st.booleans()), max_size=2))
    return PaymentLedger(
        amount,
        fee,
        draw(st.integers(0, amount)),
        draw(st.integers(0, amount)),
        draw(st.integers(0, fee)),
        0,
        refunds,
        disputes,
    )


@given(ledgers())
def test_whatever_happened_nobody_is_ordered_more_than_there_is(found: PaymentLedger) -> None:
    assert 0 <= found.back_minor <= found.amount_minor
    assert 0 <= found.to_order_minor <= max(0, found.amount_minor - found.back_minor)
    assert 0 <= found.to_reverse_minor <= found.amount_minor - found.reversed_minor
    assert 0 <= found.to_transfer_minor <= found.to_restore_minor
    assert found.to_order_minor <= found.owed_minor


PARTS = st.integers(0, PRICE)


@given(owed=PARTS, given_back=PARTS, taken=PARTS, lost=st.booleans(), transferred=PARTS, reversed_minor=PARTS)
def test_what_is_transferred_later_comes_to_the_share_whatever_happened(
    owed: int, given_back: int, taken: int, lost: bool, transferred: int, reversed_minor: int
) -> None:
    """Transferred, fee and what goes back are the price, to the cent."""
    found = ledger(
        *([done(given_back)] if given_back else []),
        owed=owed,
        disputes=(DisputeEntry(taken, lost=lost, open=not lost),) if taken else (),
        at_once=False,
        transferred_minor=transferred,
        reversed_minor=reversed_minor,
    )
    gone = max(found.back_minor, owed)
    fee_kept = FEE - FEE * gone // PRICE
    has = transferred - reversed_minor + found.to_pay_out_minor
    assert has + fee_kept + gone == PRICE
    assert 0 <= has <= PRICE - FEE + FEE * gone // PRICE
    assert found.to_reverse_minor == found.to_transfer_minor == 0


def test_nothing_is_paid_out_while_a_refund_or_a_dispute_is_open() -> None:
    assert not ledger(waiting(500), at_once=False).may_pay_out
    assert not ledger(disputes=(DisputeEntry(500, open=True),), at_once=False).may_pay_out
    assert ledger(done(500), disputes=(DisputeEntry(500, won=True),), at_once=False).may_pay_out
