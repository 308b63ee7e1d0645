"""A payment provider whose answers a test decides."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from backend.payments.ports import (
    Checkout,
    CheckoutOrder,
    CheckoutReading,
    CheckoutState,
    PayeeOrder,
    PayeeReading,
    PayeeState,
    PaymentGatewayUnavailable,
    RefundOrder,
    RefundReading,
    RefundState,
)


class FakePaymentGateway:
    """`orders` and `readings` by reference; `down`: nothing answers; `on_create` runs while a checkout is made.

    `refunds` by key, each as `next_refund` was when first asked for; with `silent` it happens and nobody is told.
    """

    def __init__(self) -> None:
        self.orders: dict[str, CheckoutOrder] = {}
        self.readings: dict[str, CheckoutReading] = {}
        self.created: list[UUID] = []
        self.down = False
        self.silent = False
        self.on_create: Callable[[], None] = lambda: None
        self.refund_orders: dict[str, RefundOrder] = {}
        self.refunds: dict[str, RefundReading] = {}
        self.next_refund = RefundState.DONE
        self.payees: dict[str, PayeeReading] = {}
        self.next_payee = PayeeState.READY

    @property
    def name(self) -> str:
        return "fake"

    def create_checkout(self, order: CheckoutOrder) -> Checkout:
        self._answer()
        reference = f"checkout-{order.booking_id}"
        self.created.append(order.booking_id)
        self.orders.setdefault(reference, order)
        self.readings.setdefault(reference, CheckoutReading(reference, CheckoutState.OPEN))
        self.on_create()
        return Checkout(reference, f"https://pay.test/{reference}")

    def read_checkout(self, reference: str) -> CheckoutReading:
        self._answer()
        return self.readings[reference]

    def expire_checkout(self, reference: str) -> CheckoutReading:
        self._answer()
        if self.readings[reference].state is CheckoutState.OPEN:
            self.readings[reference] = replace(self.readings[reference], state=CheckoutState.EXPIRED)
        return self.readings[reference]

    def take_money(self, reference: str, at: datetime) -> None:
        """Someone pays, and nobody tells the backend."""
        order = self.orders[reference]
        self.readings[reference] = CheckoutReading(
            reference,
            CheckoutState.PAID,
            payment_reference=f"money-{reference}",
            amount_minor=order.amount_minor,
            currency=order.currency,
            paid_at=at,
        )

    def refund(self, order: RefundOrder) -> RefundReading:
        self._answer()
        if order.key not in self.refunds:
            self.refund_orders[order.key] = order
            self.refunds[order.key] = _reading(order, self.next_refund)
        if self.silent:
            raise PaymentGatewayUnavailable("the answer got lost")
        return self.refunds[order.key]

    def read_refund(self, reference: str) -> RefundReading:
        self._answer()
        return next(reading for reading in self.refunds.values() if reading.reference == reference)

    def settle_refund(self, key: str, state: RefundState) -> None:
        """A refund that was on its way ends, and nobody tells the backend."""
        self.refunds[key] = _reading(self.refund_orders[key], state)

    def create_payee(self, order: PayeeOrder) -> PayeeReading:
        self._answer()
        reference = f"payee-{order.professional_id}"
        return self.payees.setdefault(reference, PayeeReading(reference, self.next_payee))

    def read_payee(self, reference: str) -> PayeeReading:
        self._answer()
        return self.payees[reference]

    def onboarding_url(self, reference: str) -> str:
        self._answer()
        return f"https://pay.test/onboarding/{reference}"

    def dashboard_url(self, reference: str) -> str | None:
        self._answer()
        return f"https://pay.test/dashboard/{reference}"

    def _answer(self) -> None:
        if self.down:
            raise PaymentGatewayUnavailable("down")


def _reading(order: RefundOrder, state: RefundState) -> RefundReading:
    done, failed = state is RefundState.DONE, state is RefundState.FAILED
    return RefundReading(
        reference=f"refund-{order.key}",
        state=state,
        failure="expired_or_canceled_card" if failed else None,
        fee_returned_minor=order.amount_minor // 10 if done else None,
    )
