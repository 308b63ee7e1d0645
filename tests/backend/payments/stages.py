"""Payment providers as a person and a bank act on them, so that one suite runs through the same port."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from uuid import uuid4

import httpx

from backend.integrations.sandbox.payments import SandboxGateway
from backend.integrations.stripe.payments import StripeGateway
from backend.kit.clock import Clock
from backend.kit.database import Database
from backend.payments.ports import (
    Checkout,
    CheckoutOrder,
    ConnectedAccountOrder,
    DisputeState,
    PaymentGateway,
    RefundOrder,
    RefundState,
)
from backend.payments.rules.keys import refund_key
from backend.payments.tables import SandboxCheckoutRow
from tests.backend.stage import MovableClock
from tests.fakes.stripe_disputes import decide_dispute, open_dispute
from tests.fakes.stripe_ledger import GOOD_CARD
from tests.fakes.stripe_refunds import finish_onboarding, give_refund, settle_refund, transfer_at_once
from tests.fakes.stripe_server import StripeServer

PRICE = 4550
FEE = 455


class GatewayStage(Protocol):
    """A provider with its people and its bank. `clock` is the backend's."""

    @property
    def clock(self) -> Clock: ...

    @property
    def gateway(self) -> PaymentGateway: ...

    def pay(self, checkout: Checkout, card: str = GOOD_CARD) -> None:
        """Types a card into the payment page."""

    def onboard(self, reference: str) -> None:
        """The professional finishes the provider's pages."""

    def transfer_at_once(self, checkout: Checkout, account: str, fee_minor: int) -> None:
        """Makes an open checkout what older releases asked for: its payment is transferred at once, less the fee."""

    def refund_elsewhere(self, payment_reference: str, amount_minor: int) -> None:
        """Somebody in the provider's dashboard gives back so much, and takes the professional's part of it back."""

    def dispute(self, payment_reference: str) -> None:
        """The payer's bank takes all that is left."""

    def decide_dispute(self, payment_reference: str, *, won: bool) -> None:
        """The bank decides."""

    def settle_refunds(self) -> None:
        """What was on its way has arrived."""

    def fail_refunds(self) -> None:
        """The bank returns the refunds of the failing card that were made before now."""


@dataclass
class SandboxStage:
    """Our own test money; its cards do by themselves what a bank would."""

    gateway: SandboxGateway
    clock: MovableClock
    database: Database

    def pay(self, checkout: Checkout, card: str = GOOD_CARD) -> None:
        self.gateway.pay(checkout.reference, card)

    def onboard(self, reference: str) -> None:
        self.gateway.connected_accounts.onboard(reference)

    def transfer_at_once(self, checkout: Checkout, account: str, fee_minor: int) -> None:
        with self.database.write() as session:
            row = session.get_one(SandboxCheckoutRow, checkout.reference)
            row.transferred_at_once, row.payee_reference, row.fee_minor = True, account, fee_minor

    def refund_elsewhere(self, payment_reference: str, amount_minor: int) -> None:
        assert self.gateway.refund_outside(payment_reference, amount_minor).state is not RefundState.FAILED

    def dispute(self, payment_reference: str) -> None:
        assert self.gateway.ledger.dispute(payment_reference, PRICE)

    def decide_dispute(self, payment_reference: str, *, won: bool) -> None:
        snapshot = self.gateway.ledger.read(payment_reference)
        assert snapshot is not None
        self.gateway.ledger.close_dispute(
            snapshot.disputes[-1].reference, DisputeState.WON if won else DisputeState.LOST
        )

    def settle_refunds(self) -> None:
        self.clock.move(minutes=1)

    def fail_refunds(self) -> None:
        pass


@dataclass
class StripeStage:
    """Stripe's SDK and our gateway against the fake of Stripe's HTTP interface."""

    gateway: StripeGateway
    clock: Clock
    server: StripeServer

    def pay(self, checkout: Checkout, card: str = GOOD_CARD) -> None:
        httpx.post(checkout.url, data={"card_number": card}, timeout=60)

    def onboard(self, reference: str) -> None:
        finish_onboarding(self.server.ledger, reference)

    def transfer_at_once(self, checkout: Checkout, account: str, fee_minor: int) -> None:
        transfer_at_once(self.server.ledger, checkout.reference, account, fee_minor)

    def refund_elsewhere(self, payment_reference: str, amount_minor: int) -> None:
        wanted = {"payment_intent": payment_reference, "amount": str(amount_minor), "reverse_transfer": "true"}
        give_refund(self.server.ledger, wanted | {"refund_application_fee": "true"})

    def dispute(self, payment_reference: str) -> None:
        open_dispute(self.server.ledger, payment_reference)

    def decide_dispute(self, payment_reference: str, *, won: bool) -> None:
        newest = next(self.server.ledger.of_kind("dispute"))
        decide_dispute(self.server.ledger, newest["id"], "won" if won else "lost")

    def settle_refunds(self) -> None:
        for refund in list(self.server.ledger.of_kind("refund")):
            if refund["status"] == "pending":
                settle_refund(self.server.ledger, refund["id"], "succeeded")

    def fail_refunds(self) -> None:
        for refund in list(self.server.ledger.of_kind("refund")):
            settle_refund(self.server.ledger, refund["id"], "failed")


def connected_account(stage: GatewayStage) -> str:
    """An account that can be paid."""
    reference = stage.gateway.create_connected_account(
        ConnectedAccountOrder(uuid4(), "Nora Berg", "nora@example.com", "DE")
    ).reference
    stage.onboard(reference)
    return reference


def order(stage: GatewayStage) -> CheckoutOrder:
    """What a booking asks for, with ten minutes to pay."""
    return CheckoutOrder(
        booking_id=uuid4(),
        amount_minor=PRICE,
        currency="USD",
        title="Session with Nora Berg",
        when="Tue 2 Mar 2027, 10:00-10:45 (Berlin)",
        expires_at=stage.clock() + timedelta(minutes=10),
    )


ACCOUNTS: dict[str, str] = {}
"""To whose account the payments of `paid` went."""


def paid(stage: GatewayStage, card: str = GOOD_CARD, *, fee: int = FEE, at_once: bool = True) -> RefundOrder:
    """A payment for a professional, as the order of its whole refund.

    `at_once`: transferred to them with the payment, as older releases asked for; else nothing is transferred yet.
    """
    account = connected_account(stage)
    wanted = order(stage)
    checkout = stage.gateway.create_checkout(wanted)
    if at_once:
        stage.transfer_at_once(checkout, account, fee)
    stage.pay(checkout, card)
    snapshot = stage.gateway.read_checkout(checkout.reference)
    assert snapshot.payment_reference is not None
    ACCOUNTS[snapshot.payment_reference] = account
    return RefundOrder(refund_key(wanted.booking_id, 1), snapshot.payment_reference, PRICE, "USD")
