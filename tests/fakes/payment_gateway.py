"""A payment provider whose answers a test decides."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from backend.payments.ports import (
    Checkout,
    CheckoutOrder,
    CheckoutSnapshot,
    CheckoutState,
    ConnectedAccountOrder,
    ConnectedAccountSnapshot,
    ConnectedAccountState,
    DisputeSnapshot,
    PaymentGatewayRefused,
    PaymentGatewayUnavailable,
    PaymentSnapshot,
    RefundOrder,
    RefundSnapshot,
    RefundState,
    TransferOrder,
)


class FakePaymentGateway:
    """`orders` and `snapshots` by reference; `down`: nothing answers; `on_create` runs while a checkout is made.

    `refunds` by key, each as `next_refund` was when first asked for; with `silent` it happens and no event is sent.
    `outside` and `disputes`, by payment, are what others did there. `moved` went to professionals, `came_back` from
    them; `asked` are the keys of all such requests, those included that were refused because of `refuses`.
    `at_once`: transfers are made with payments, less `fee_minor`, as older releases asked for.
    """

    def __init__(self) -> None:
        self.orders: dict[str, CheckoutOrder] = {}
        self.snapshots: dict[str, CheckoutSnapshot] = {}
        self.created: list[UUID] = []
        self.down = False
        self.silent = False
        self.on_create: Callable[[], None] = lambda: None
        self.refund_orders: dict[str, RefundOrder] = {}
        self.refunds: dict[str, RefundSnapshot] = {}
        self.next_refund = RefundState.DONE
        self.outside: dict[str, list[RefundSnapshot]] = {}
        self.disputes: dict[str, list[DisputeSnapshot]] = {}
        self.moved: dict[str, list[TransferOrder]] = {}
        self.came_back: dict[str, list[TransferOrder]] = {}
        self.asked: list[str] = []
        self.refuses = ""
        self.at_once, self.fee_minor = False, 0
        self.payments_read: list[str] = []
        self.connected_accounts: dict[str, ConnectedAccountSnapshot] = {}
        self.next_connected_account = ConnectedAccountState.READY

    @property
    def name(self) -> str:
        return "fake"

    def create_checkout(self, order: CheckoutOrder) -> Checkout:
        self._answer()
        reference = f"checkout-{order.booking_id}"
        self.created.append(order.booking_id)
        self.orders.setdefault(reference, order)
        self.snapshots.setdefault(reference, CheckoutSnapshot(reference, CheckoutState.OPEN))
        self.on_create()
        return Checkout(reference, f"https://pay.test/{reference}")

    def read_checkout(self, reference: str) -> CheckoutSnapshot:
        self._answer()
        return self.snapshots[reference]

    def expire_checkout(self, reference: str) -> CheckoutSnapshot:
        self._answer()
        if self.snapshots[reference].state is CheckoutState.OPEN:
            self.snapshots[reference] = replace(self.snapshots[reference], state=CheckoutState.EXPIRED)
        return self.snapshots[reference]

    def take_money(self, reference: str, at: datetime) -> None:
        """Someone pays, and nobody tells the backend."""
        order = self.orders[reference]
        self.snapshots[reference] = CheckoutSnapshot(
            reference,
            CheckoutState.PAID,
            payment_reference=f"money-{reference}",
            amount_minor=order.amount_minor,
            currency=order.currency,
            paid_at=at,
            transferred_at_once=self.at_once,
        )

    def refund(self, order: RefundOrder) -> RefundSnapshot:
        self._answer()
        if order.key not in self.refunds:
            self.refund_orders[order.key] = order
            self.refunds[order.key] = _snapshot(order, self.next_refund)
        if self.silent:
            raise PaymentGatewayUnavailable("the answer got lost")
        return self.refunds[order.key]

    def read_payment(self, reference: str) -> PaymentSnapshot | None:
        self._answer()
        self.payments_read.append(reference)
        order = next((each for each in self.orders.values() if reference == self._payment_of(each)), None)
        if order is None:
            return None
        refunds = [
            snapshot
            for key, snapshot in self.refunds.items()
            if snapshot.reference and self.refund_orders[key].payment_reference == reference
        ]
        return self._snapshot_of(order, reference, refunds)

    def _payment_of(self, order: CheckoutOrder) -> str | None:
        return self.snapshots[f"checkout-{order.booking_id}"].payment_reference

    def _snapshot_of(self, order: CheckoutOrder, reference: str, refunds: list[RefundSnapshot]) -> PaymentSnapshot:
        outside = self.outside.get(reference, [])
        by_refunds = sum(each.reversed_minor for each in [*refunds, *outside] if each.state is RefundState.DONE)
        back = sum(each.amount_minor for each in self.came_back.get(reference, []))
        return PaymentSnapshot(
            reference,
            order.amount_minor,
            order.currency,
            order.booking_id,
            self.snapshots[f"checkout-{order.booking_id}"].paid_at or order.expires_at,
            reversed_minor=back + (by_refunds if self.at_once else 0),
            fee_returned_minor=self.fee_minor * (back + by_refunds) // order.amount_minor if self.at_once else 0,
            transferred_minor=sum(each.amount_minor for each in self.moved.get(reference, [])),
            refunds=(*refunds, *outside),
            disputes=tuple(self.disputes.get(reference, [])),
        )

    def payments_since(self, since: datetime) -> Iterator[PaymentSnapshot]:
        self._answer()
        for order in list(self.orders.values()):
            reference = self._payment_of(order)
            snapshot = self.read_payment(reference) if reference else None
            if snapshot is not None:
                yield snapshot

    def pay_out(self, order: TransferOrder) -> None:
        self._move(order, self.moved)

    def reverse_transfer(self, order: TransferOrder) -> None:
        self._move(order, self.came_back)

    def transfer_again(self, order: TransferOrder) -> None:
        self._move(order, self.moved)

    def _move(self, order: TransferOrder, to: dict[str, list[TransferOrder]]) -> None:
        self._answer()
        self.asked.append(order.key)
        if self.refuses:
            raise PaymentGatewayRefused(self.refuses)
        moved = to.setdefault(order.payment_reference, [])
        if order.key not in {each.key for each in moved}:
            moved.append(order)
        if self.silent:
            raise PaymentGatewayUnavailable("the answer got lost")

    def settle_refund(self, key: str, state: RefundState) -> None:
        """A refund that was on its way ends, and nobody tells the backend."""
        self.refunds[key] = _snapshot(self.refund_orders[key], state)

    def create_connected_account(self, order: ConnectedAccountOrder) -> ConnectedAccountSnapshot:
        self._answer()
        reference = f"payee-{order.professional_id}"
        return self.connected_accounts.setdefault(
            reference, ConnectedAccountSnapshot(reference, self.next_connected_account, order.country)
        )

    def read_connected_account(self, reference: str) -> ConnectedAccountSnapshot:
        self._answer()
        return self.connected_accounts[reference]

    def onboarding_url(self, reference: str) -> str:
        self._answer()
        return f"https://pay.test/onboarding/{reference}"

    def dashboard_url(self, reference: str) -> str | None:
        self._answer()
        return f"https://pay.test/dashboard/{reference}"

    def _answer(self) -> None:
        if self.down:
            raise PaymentGatewayUnavailable("down")


def _snapshot(order: RefundOrder, state: RefundState) -> RefundSnapshot:
    return RefundSnapshot(
        reference=f"refund-{order.key}",
        state=state,
        failure="expired_or_canceled_card" if state is RefundState.FAILED else None,
        amount_minor=order.amount_minor,
        key=order.key,
        reversed_minor=order.amount_minor if state is RefundState.DONE else 0,
    )
