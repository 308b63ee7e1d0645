"""Everything that the sandbox knows of a payment, disputes and transfers included."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.kit.clock import Clock
from backend.kit.database import Database
from backend.payments.ports import (
    DisputeSnapshot,
    DisputeState,
    PaymentGatewayRefused,
    PaymentSnapshot,
    RefundSnapshot,
    RefundState,
    TransferOrder,
)
from backend.payments.tables import (
    SandboxCheckoutRow,
    SandboxConnectedAccountRow,
    SandboxDisputeRow,
    SandboxRefundRow,
    SandboxTransferRow,
)

OUTSIDE = "outside:"
"""What the key of a refund begins with that nobody ordered here."""


@dataclass(frozen=True)
class SandboxMoney:
    """What moved of one payment, in cents. `forth`: what went to the professional later than the payment was made.
    `surplus_minor`: reversed, and needed by no refund or dispute that lives.
    """

    refunds: list[SandboxRefundRow]
    disputes: list[SandboxDisputeRow]
    reversals: list[SandboxTransferRow]
    forth: list[SandboxTransferRow]

    @property
    def refunded_minor(self) -> int:
        return sum(row.amount_minor for row in self.refunds if row.state != RefundState.FAILED)

    @property
    def disputed(self) -> bool:
        return any(row.state == DisputeState.OPEN for row in self.disputes)

    @property
    def taken_minor(self) -> int:
        return sum(row.amount_minor for row in self.disputes if row.state in (DisputeState.OPEN, DisputeState.LOST))

    @property
    def reversed_minor(self) -> int:
        by_refunds = sum(_reversed(row) for row in self.refunds if row.state != RefundState.FAILED)
        return by_refunds + sum(row.amount_minor for row in self.reversals)

    @property
    def transferred_minor(self) -> int:
        return sum(row.amount_minor for row in self.forth)

    @property
    def fee_returned_minor(self) -> int:
        by_refunds = sum(row.fee_returned_minor for row in self.refunds if row.state != RefundState.FAILED)
        return by_refunds + sum(row.fee_returned_minor for row in self.reversals)

    @property
    def surplus_minor(self) -> int:
        return max(0, sum(row.amount_minor for row in self.reversals) - self.taken_minor - self._used_minor)

    @property
    def _used_minor(self) -> int:
        """What refunds that reversed nothing themselves took of it."""
        return sum(row.amount_minor - _reversed(row) for row in self.refunds if row.state != RefundState.FAILED)

    def fee_share(self, paid: SandboxCheckoutRow, reverses: int) -> int:
        """The fee that goes back with so much more of the transfer, so that all parts together are the whole fee."""
        if not paid.transferred_at_once:
            return 0
        return paid.fee_minor * (self.reversed_minor + reverses) // paid.amount_minor - self.fee_returned_minor


def entries_of(session: Session, paid: SandboxCheckoutRow) -> SandboxMoney:
    """All that moved of a payment."""
    reference = paid.payment_reference
    transfers = session.scalars(
        select(SandboxTransferRow).where(SandboxTransferRow.payment_reference == reference)
    ).all()
    return SandboxMoney(
        list(
            session.scalars(
                select(SandboxRefundRow)
                .where(SandboxRefundRow.payment_reference == reference)
                .order_by(SandboxRefundRow.asked_at)
            )
        ),
        list(session.scalars(select(SandboxDisputeRow).where(SandboxDisputeRow.payment_reference == reference))),
        [row for row in transfers if row.kind == "reversal"],
        [row for row in transfers if row.kind != "reversal"],
    )


def snapshot_of(row: SandboxRefundRow) -> RefundSnapshot:
    """A refund in the port's words."""
    return RefundSnapshot(
        reference=row.reference,
        state=RefundState(row.state),
        failure=row.failure,
        amount_minor=row.amount_minor,
        key=None if row.key.startswith(OUTSIDE) else row.key,
        reversed_minor=_reversed(row) if row.state != RefundState.FAILED else 0,
    )


def _reversed(row: SandboxRefundRow) -> int:
    return row.amount_minor if row.reversed_minor is None else row.reversed_minor


class SandboxLedger:
    """The sandbox's payments, and what a bank does to them."""

    def __init__(self, database: Database, now: Clock) -> None:
        self._database = database
        self._now = now

    def read(self, reference: str) -> PaymentSnapshot | None:
        """As `PaymentGateway.read_payment`."""
        with self._database.read() as session:
            paid = self._paid(session, reference)
            return None if paid is None else _payment_snapshot(session, paid)

    def since(self, since: datetime) -> Iterator[PaymentSnapshot]:
        """As `PaymentGateway.payments_since`."""
        lists = (
            select(SandboxCheckoutRow.payment_reference).where(SandboxCheckoutRow.paid_at >= since),
            select(SandboxRefundRow.payment_reference).where(SandboxRefundRow.asked_at >= since),
            select(SandboxDisputeRow.payment_reference).where(SandboxDisputeRow.opened_at >= since),
        )
        with self._database.read() as session:
            references = dict.fromkeys(reference for listed in lists for reference in session.scalars(listed))
        for reference in references:
            snapshot = self.read(reference) if reference else None
            if snapshot is not None:
                yield snapshot

    def pay_out(self, order: TransferOrder) -> None:
        """As `PaymentGateway.pay_out`: refused where the account cannot be paid, and for more than there is."""
        with self._database.write() as session:
            paid = self._paid(session, order.payment_reference, lock=True)
            if paid is None:
                raise PaymentGatewayRefused("payment_unknown")
            if session.get(SandboxTransferRow, order.key) is not None:
                return
            account = session.get(SandboxConnectedAccountRow, order.payee_reference)
            if account is None or account.onboarded_at is None:
                raise PaymentGatewayRefused("account_cannot_be_paid")
            money = entries_of(session, paid)
            gone = money.refunded_minor + money.taken_minor + money.transferred_minor - money.reversed_minor
            if gone + order.amount_minor > paid.amount_minor:
                raise PaymentGatewayRefused("more_than_is_left")
            self._move(session, order, "payout", order.amount_minor, 0)

    def reverse(self, order: TransferOrder) -> None:
        """As `PaymentGateway.reverse_transfer`."""
        with self._database.write() as session:
            paid = self._paid(session, order.payment_reference, lock=True)
            if paid is None or session.get(SandboxTransferRow, order.key) is not None:
                return
            money = entries_of(session, paid)
            there = paid.amount_minor if paid.transferred_at_once else money.transferred_minor
            amount_minor = min(order.amount_minor, there - money.reversed_minor)
            if amount_minor > 0:
                self._move(session, order, "reversal", amount_minor, money.fee_share(paid, amount_minor))

    def transfer_again(self, order: TransferOrder) -> None:
        """As `PaymentGateway.transfer_again`."""
        with self._database.write() as session:
            paid = self._paid(session, order.payment_reference, lock=True)
            if paid is not None and session.get(SandboxTransferRow, order.key) is None:
                self._move(session, order, "again", order.amount_minor, 0)

    def dispute(self, payment_reference: str, amount_minor: int) -> str | None:
        """The payer tells their bank that this was not right; the dispute's reference, None where nothing is left."""
        with self._database.write() as session:
            paid = self._paid(session, payment_reference, lock=True)
            if paid is None:
                return None
            money = entries_of(session, paid)
            left = paid.amount_minor - money.refunded_minor - money.taken_minor
            if money.disputed or left <= 0:
                return None
            reference = f"test_dispute_{secrets.token_hex(12)}"
            session.add(
                SandboxDisputeRow(
                    reference=reference,
                    payment_reference=payment_reference,
                    amount_minor=min(amount_minor, left),
                    state=DisputeState.OPEN.value,
                    opened_at=self._now(),
                )
            )
            return reference

    def close_dispute(self, reference: str, state: DisputeState) -> None:
        """The bank decides."""
        with self._database.write() as session:
            row = session.get(SandboxDisputeRow, reference, with_for_update=True)
            if row is not None:
                row.state = state.value

    def _move(self, session: Session, order: TransferOrder, kind: str, amount_minor: int, fee_minor: int) -> None:
        session.add(
            SandboxTransferRow(
                key=order.key,
                payment_reference=order.payment_reference,
                payee_reference=order.payee_reference,
                kind=kind,
                amount_minor=amount_minor,
                fee_returned_minor=fee_minor,
            )
        )

    def _paid(self, session: Session, reference: str, *, lock: bool = False) -> SandboxCheckoutRow | None:
        query = select(SandboxCheckoutRow).where(SandboxCheckoutRow.payment_reference == reference)
        return session.scalar(query.with_for_update() if lock else query)


def _payment_snapshot(session: Session, paid: SandboxCheckoutRow) -> PaymentSnapshot:
    money = entries_of(session, paid)
    return PaymentSnapshot(
        reference=paid.payment_reference or "",
        amount_minor=paid.amount_minor,
        currency=paid.currency,
        booking_id=paid.booking_id,
        paid_at=paid.paid_at or paid.expires_at,
        reversed_minor=money.reversed_minor,
        fee_returned_minor=money.fee_returned_minor,
        transferred_minor=money.transferred_minor,
        refunds=tuple(snapshot_of(row) for row in money.refunds),
        disputes=tuple(
            DisputeSnapshot(row.reference, DisputeState(row.state), row.amount_minor, "fraudulent", row.opened_at)
            for row in money.disputes
        ),
    )
