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
    PaymentGatewayUnavailable,
)


class FakePaymentGateway:
    """`orders` and `readings` by reference; `down`: nothing answers; `on_create` runs while a checkout is made."""

    def __init__(self) -> None:
        self.orders: dict[str, CheckoutOrder] = {}
        self.readings: dict[str, CheckoutReading] = {}
        self.created: list[UUID] = []
        self.down = False
        self.on_create: Callable[[], None] = lambda: None

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

    def _answer(self) -> None:
        if self.down:
            raise PaymentGatewayUnavailable("down")
