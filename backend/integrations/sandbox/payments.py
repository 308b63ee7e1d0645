"""Test money: a payment provider of our own for demos and tests, behind `PaymentGateway` like any other."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.integrations.sandbox.connected_accounts import SandboxConnectedAccounts
from backend.integrations.sandbox.ledger import SandboxLedger
from backend.integrations.sandbox.refunds import FAILED_REFUND_CARD, SLOW_REFUND_CARD, SandboxRefunds
from backend.kit.clock import Clock
from backend.kit.database import Database
from backend.payments.ports import (
    Checkout,
    CheckoutOrder,
    CheckoutSnapshot,
    CheckoutState,
    ConnectedAccountOrder,
    ConnectedAccountSnapshot,
    PaymentSnapshot,
    RefundOrder,
    RefundSnapshot,
    TransferOrder,
)
from backend.payments.tables import SandboxCheckoutRow

GATEWAY_NAME = "sandbox"
PAID_CARD = "4242424242424242"
DECLINED_CARD = "4000000000000002"
GOOD_CARDS = frozenset({PAID_CARD, SLOW_REFUND_CARD, FAILED_REFUND_CARD})


class CardAnswer(StrEnum):
    """What came of an attempt to pay."""

    PAID = "paid"
    DECLINED = "declined"  # another card, or the same again, may be tried
    UNKNOWN_CARD = "unknown_card"  # not one of the test cards
    CLOSED = "closed"  # the hold is over, or the payer had given up


@dataclass(frozen=True)
class SandboxOrder:
    """What the payment page shows."""

    reference: str
    booking_id: UUID
    amount_minor: int
    title: str
    when: str
    expires_at: datetime
    state: CheckoutState

    def is_open(self, now: datetime) -> bool:
        """Whether it can be paid at `now`."""
        return self.state is CheckoutState.OPEN and now < self.expires_at


class SandboxGateway:
    """Keeps its checkouts in a table of its own and opens its own transactions, as a provider elsewhere would."""

    def __init__(self, database: Database, now: Clock, public_url: str) -> None:
        self._database = database
        self._now = now
        self._public_url = public_url.rstrip("/")
        self._refunds = SandboxRefunds(database, now)
        self.ledger = SandboxLedger(database, now)
        self.connected_accounts = SandboxConnectedAccounts(database, now, self._public_url)

    @property
    def name(self) -> str:
        return GATEWAY_NAME

    def create_checkout(self, order: CheckoutOrder) -> Checkout:
        with self._database.write() as session:
            found = session.scalar(select(SandboxCheckoutRow).where(SandboxCheckoutRow.booking_id == order.booking_id))
            if found is None:
                found = _opened(order)
                session.add(found)
            reference = found.reference
        return Checkout(reference, f"{self._public_url}/sandbox/checkout/{reference}")

    def read_checkout(self, reference: str) -> CheckoutSnapshot:
        with self._database.read() as session:
            return _snapshot(reference, session.get(SandboxCheckoutRow, reference))

    def expire_checkout(self, reference: str) -> CheckoutSnapshot:
        with self._database.write() as session:
            row = _locked(session, reference)
            if row is not None and row.state == CheckoutState.OPEN:
                row.state = CheckoutState.EXPIRED
            return _snapshot(reference, row)

    def order(self, reference: str) -> SandboxOrder | None:
        """What is to be paid here; None if there is no such checkout."""
        with self._database.read() as session:
            row = session.get(SandboxCheckoutRow, reference)
            return None if row is None else _order(row)

    def pay(self, reference: str, card_number: str) -> CardAnswer:
        """Try to pay with a test card; digits only. Paying again what is paid changes nothing."""
        now = self._now()
        with self._database.write() as session:
            row = _locked(session, reference)
            if row is None or row.state == CheckoutState.EXPIRED:
                return CardAnswer.CLOSED
            if row.state == CheckoutState.PAID:
                return CardAnswer.PAID
            if now >= row.expires_at:
                return CardAnswer.CLOSED
            if card_number == DECLINED_CARD:
                return CardAnswer.DECLINED
            if card_number not in GOOD_CARDS:
                return CardAnswer.UNKNOWN_CARD
            _take_money(row, card_number, now)
            return CardAnswer.PAID

    def refund(self, order: RefundOrder) -> RefundSnapshot:
        return self._refunds.refund(order)

    def refund_outside(self, payment_reference: str, amount_minor: int) -> RefundSnapshot:
        """As somebody in a provider's dashboard does: the bookings hear nothing of it."""
        return self._refunds.give_outside(payment_reference, amount_minor)

    def read_payment(self, reference: str) -> PaymentSnapshot | None:
        self._refunds.arrive(reference)
        return self.ledger.read(reference)

    def payments_since(self, since: datetime) -> Iterator[PaymentSnapshot]:
        return self.ledger.since(since)

    def pay_out(self, order: TransferOrder) -> None:
        self.ledger.pay_out(order)

    def reverse_transfer(self, order: TransferOrder) -> None:
        self.ledger.reverse(order)

    def transfer_again(self, order: TransferOrder) -> None:
        self.ledger.transfer_again(order)

    def create_connected_account(self, order: ConnectedAccountOrder) -> ConnectedAccountSnapshot:
        return self.connected_accounts.create(order)

    def read_connected_account(self, reference: str) -> ConnectedAccountSnapshot:
        return self.connected_accounts.read(reference)

    def onboarding_url(self, reference: str) -> str:
        return self.connected_accounts.onboarding_url(reference)

    def dashboard_url(self, reference: str) -> str | None:
        return self.connected_accounts.dashboard_url(reference)


def _order(row: SandboxCheckoutRow) -> SandboxOrder:
    return SandboxOrder(
        reference=row.reference,
        booking_id=row.booking_id,
        amount_minor=row.amount_minor,
        title=row.title,
        when=row.when,
        expires_at=row.expires_at,
        state=CheckoutState(row.state),
    )


def _opened(order: CheckoutOrder) -> SandboxCheckoutRow:
    return SandboxCheckoutRow(
        reference=secrets.token_urlsafe(24),  # whoever knows it may pay, so nobody can guess it
        booking_id=order.booking_id,
        amount_minor=order.amount_minor,
        currency=order.currency,
        title=order.title,
        when=order.when,
        expires_at=order.expires_at,
        state=CheckoutState.OPEN,
        transferred_at_once=False,
        fee_minor=0,
    )


def _take_money(row: SandboxCheckoutRow, card_number: str, now: datetime) -> None:
    row.state, row.card = CheckoutState.PAID, card_number
    row.payment_reference = f"test_{secrets.token_hex(12)}"
    row.paid_at = now


def _locked(session: Session, reference: str) -> SandboxCheckoutRow | None:
    return session.scalar(select(SandboxCheckoutRow).where(SandboxCheckoutRow.reference == reference).with_for_update())


def _snapshot(reference: str, row: SandboxCheckoutRow | None) -> CheckoutSnapshot:
    if row is None:
        return CheckoutSnapshot(reference, CheckoutState.EXPIRED)
    if row.state != CheckoutState.PAID:
        return CheckoutSnapshot(reference, CheckoutState(row.state))
    return CheckoutSnapshot(
        reference,
        CheckoutState.PAID,
        payment_reference=row.payment_reference,
        amount_minor=row.amount_minor,
        currency=row.currency,
        paid_at=row.paid_at,
        transferred_at_once=row.transferred_at_once,
    )
