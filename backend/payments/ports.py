"""What a payment provider has to be able to do for a booking to be paid, refunded and paid out, and what it tells."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID


class PaymentGatewayUnavailable(Exception):
    """The provider did not answer, or answered with a fault of its own; whether it acted is unknown."""


class PaymentGatewayRefused(PaymentGatewayUnavailable):
    """The provider said no for good: nothing happened, and the same request would be refused again."""


class CheckoutState(StrEnum):
    OPEN = "open"
    PAID = "paid"
    EXPIRED = "expired"  # closed unpaid, for good


@dataclass(frozen=True)
class CheckoutOrder:
    """What is to be paid, until when. `booking_id` is the idempotency key: the same order gives the same checkout.

    `title` and `when` are for the payer to read ("Session with Dana Reyes", "Tue 24 Nov 2026, 14:30-15:15 (Berlin)").
    All of the money is the platform's at first: the professional's part is transferred by `pay_out`.
    """

    booking_id: UUID
    amount_minor: int
    currency: str
    title: str
    when: str
    expires_at: datetime


@dataclass(frozen=True)
class Checkout:
    """A page where an order can be paid. `reference` is the provider's own name for it."""

    reference: str
    url: str


@dataclass(frozen=True)
class CheckoutSnapshot:
    """How a checkout stands. What follows `state` is there once it is paid.

    `transferred_at_once`: the professional's part went to them with the payment, as older releases asked for.
    """

    reference: str
    state: CheckoutState
    payment_reference: str | None = None
    amount_minor: int | None = None
    currency: str | None = None
    paid_at: datetime | None = None
    transferred_at_once: bool = False


class ProviderEventKind(StrEnum):
    PAID = "paid"
    FAILED = "failed"  # this payment can no longer come about; a declined card that can be tried again is none


@dataclass(frozen=True)
class ProviderEvent:
    """Something that a provider says of a booking's payment, by webhook or when asked.

    Events come twice, late and out of order; `event_id` is the same whenever it is the same event.
    """

    gateway: str
    event_id: str
    kind: ProviderEventKind
    booking_id: UUID
    reference: str
    occurred_at: datetime
    payment_reference: str | None = None
    amount_minor: int | None = None
    currency: str | None = None
    transferred_at_once: bool = False


class RefundState(StrEnum):
    PENDING = "pending"  # on its way
    DONE = "done"
    FAILED = "failed"  # for good: only a new refund can still give the money back


@dataclass(frozen=True)
class RefundOrder:
    """What is to go back, of which payment. `key` is the idempotency key: the same key is the same refund.

    `kept_minor`: so much that was taken back from the professional belongs to disputes, not to failed refunds.
    `known`: the payment's refunds that the ledger has. Another one of ours that lives is what this order wants.
    """

    key: str
    payment_reference: str
    amount_minor: int
    currency: str
    kept_minor: int = 0
    known: frozenset[str] = frozenset()


@dataclass(frozen=True)
class RefundSnapshot:
    """How a refund stands. `reference` is None if the provider refused it outright; `failure` is for the support.

    `key` is the one that it was ordered with; None if it was given at the provider. `reversed_minor`: so much of it
    came back from the professional's account, the fee's part included.
    """

    reference: str | None
    state: RefundState
    failure: str | None = None
    amount_minor: int = 0
    key: str | None = None
    reversed_minor: int = 0


class DisputeState(StrEnum):
    INQUIRY = "inquiry"  # the bank asks, and has taken nothing
    OPEN = "open"  # the bank has taken the money until it decides
    WON = "won"  # the money is ours again, or was never taken
    LOST = "lost"


@dataclass(frozen=True)
class DisputeSnapshot:
    """How a dispute stands: the payer told their bank that the payment was not right. `reason` is the bank's word."""

    reference: str
    state: DisputeState
    amount_minor: int
    reason: str
    opened_at: datetime


@dataclass(frozen=True)
class PaymentSnapshot:
    """One payment as the provider has it now, with everything that moved since, whoever moved it.

    `reversed_minor`: taken back from the professional. `transferred_minor`: transferred to them later than the payment,
    as their part or again after a dispute that was won. Where the transfer was made with the payment, what is reversed
    includes the fee's part, and `fee_returned_minor` was given back to them of the fee.
    """

    reference: str
    amount_minor: int
    currency: str
    booking_id: UUID | None
    paid_at: datetime
    reversed_minor: int = 0
    fee_returned_minor: int = 0
    transferred_minor: int = 0
    refunds: tuple[RefundSnapshot, ...] = ()
    disputes: tuple[DisputeSnapshot, ...] = ()


@dataclass(frozen=True)
class TransferOrder:
    """Money that is to go to a professional, or to come back from them. `key`: the same key moves it once."""

    key: str
    payment_reference: str
    amount_minor: int
    currency: str
    payee_reference: str


class ConnectedAccountState(StrEnum):
    PENDING = "pending"  # has not finished the provider's pages
    READY = "ready"  # can be paid
    RESTRICTED = "restricted"  # could be paid once; the provider wants something of them


@dataclass(frozen=True)
class ConnectedAccountSnapshot:
    """A professional's account with the provider, and whether it can be paid. `country`: ISO 3166-1 alpha-2."""

    reference: str
    state: ConnectedAccountState
    country: str | None = None


@dataclass(frozen=True)
class ConnectedAccountOrder:
    """Who is to be paid, and in which country (ISO 3166-1 alpha-2), which an account keeps.

    `professional_id` is the idempotency key: one professional has one account.
    """

    professional_id: UUID
    name: str
    email: str
    country: str


class PaymentGateway(Protocol):
    """One payment provider. Its methods may call another server, so they are never called inside a transaction.

    Every method raises `PaymentGatewayUnavailable` when the outcome is unknown; doing it again with the same order is
    then the same thing once. `PaymentGatewayRefused`, where a method names no other answer, is a definite no.
    """

    @property
    def name(self) -> str:
        """Stored beside each payment, so that it is asked about where it was made."""
        ...

    def create_checkout(self, order: CheckoutOrder) -> Checkout:
        """Make the page where `order` is paid, or give the one that was made for it before."""
        ...

    def read_checkout(self, reference: str) -> CheckoutSnapshot:
        """How the checkout stands now; one that the provider does not know is `EXPIRED`."""
        ...

    def expire_checkout(self, reference: str) -> CheckoutSnapshot:
        """Close the checkout if it is still open, and say how it stands; one that was paid stays paid."""
        ...

    def refund(self, order: RefundOrder) -> RefundSnapshot:
        """Give money back. What was transferred with the payment comes back with it, and the fee, each by its share."""
        ...

    def read_payment(self, reference: str) -> PaymentSnapshot | None:
        """Everything about a payment that was made; None if the provider does not know it."""
        ...

    def payments_since(self, since: datetime) -> Iterator[PaymentSnapshot]:
        """Every payment for a booking that was made, refunded or disputed since then, each once."""
        ...

    def pay_out(self, order: TransferOrder) -> None:
        """Give the professional so much of a payment that was not transferred at once."""
        ...

    def reverse_transfer(self, order: TransferOrder) -> None:
        """Take back from the professional, and give back the fee's share of that if it was taken from the transfer.

        It may take less than was ordered where there are several transfers: what is left is for another order.
        """
        ...

    def transfer_again(self, order: TransferOrder) -> None:
        """Give the professional what a dispute took of a payment that was transferred at once, once it is won."""
        ...

    def create_connected_account(self, order: ConnectedAccountOrder) -> ConnectedAccountSnapshot:
        """Open the professional's account, or give the one that was opened before."""
        ...

    def read_connected_account(self, reference: str) -> ConnectedAccountSnapshot:
        """Whether the account can be paid now."""
        ...

    def onboarding_url(self, reference: str) -> str:
        """The provider's own page where the professional says who they are and where money goes; good for minutes."""
        ...

    def dashboard_url(self, reference: str) -> str | None:
        """The provider's own page with what was paid out, for a professional who is `READY`; None if there is none."""
        ...


def event_of(gateway: str, booking_id: UUID, snapshot: CheckoutSnapshot, now: datetime) -> ProviderEvent | None:
    """What a provider's answer about a checkout says of its payment; None while it is open.

    The event's id is made from the checkout, so that asking twice gives the same event twice.
    """
    if snapshot.state is CheckoutState.OPEN:
        return None
    paid = snapshot.state is CheckoutState.PAID
    return ProviderEvent(
        gateway=gateway,
        event_id=f"{snapshot.reference}:{snapshot.state}",
        kind=ProviderEventKind.PAID if paid else ProviderEventKind.FAILED,
        booking_id=booking_id,
        reference=snapshot.reference,
        occurred_at=snapshot.paid_at or now,
        payment_reference=snapshot.payment_reference,
        amount_minor=snapshot.amount_minor,
        currency=snapshot.currency,
        transferred_at_once=snapshot.transferred_at_once,
    )
