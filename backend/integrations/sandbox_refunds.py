"""The sandbox's refunds: idempotent by key, and never more than was paid, as a provider's would be."""

import secrets

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.kit.clock import Clock
from backend.kit.database import Database
from backend.payments.ports import RefundOrder, RefundReading, RefundState
from backend.payments.tables import SandboxCheckoutRow, SandboxRefundRow

SLOW_REFUND_CARD = "4000000000007726"
FAILED_REFUND_CARD = "4000000000005126"


class SandboxRefunds:
    """A slow card's refund is on its way until it is asked about; a failing card's first refund fails for good."""

    def __init__(self, database: Database, now: Clock) -> None:
        self._database = database
        self._now = now

    def refund(self, order: RefundOrder) -> RefundReading:
        """As `PaymentGateway.refund`."""
        with self._database.write() as session:
            query = select(SandboxCheckoutRow).where(SandboxCheckoutRow.payment_reference == order.payment_reference)
            paid = session.scalar(query.with_for_update())  # first of all: the same order may come twice at once
            found = session.scalar(select(SandboxRefundRow).where(SandboxRefundRow.key == order.key))
            if found is not None:
                return _reading(found)
            if paid is None:
                return RefundReading(None, RefundState.FAILED, failure="payment_unknown")
            before, fee_before = _given_back(session, order.payment_reference)
            if before + order.amount_minor > paid.amount_minor:
                return RefundReading(None, RefundState.FAILED, failure="more_than_was_paid")
            made = SandboxRefundRow(
                reference=f"test_refund_{secrets.token_hex(12)}",
                key=order.key,
                payment_reference=order.payment_reference,
                amount_minor=order.amount_minor,
                fee_returned_minor=_fee_share(paid, before + order.amount_minor) - fee_before,
                asked_at=self._now(),
            )
            made.state, made.failure = self._outcome(session, paid)
            session.add(made)
            return _reading(made)

    def read(self, reference: str) -> RefundReading:
        """As `PaymentGateway.read_refund`; whoever asks finds that it has arrived."""
        with self._database.write() as session:
            row = session.get(SandboxRefundRow, reference, with_for_update=True)
            if row is None:
                return RefundReading(None, RefundState.FAILED, failure="refund_unknown")
            if row.state == RefundState.PENDING:
                row.state = RefundState.DONE.value
            return _reading(row)

    def _outcome(self, session: Session, paid: SandboxCheckoutRow) -> tuple[str, str | None]:
        if paid.card == SLOW_REFUND_CARD:
            return RefundState.PENDING.value, None
        tried = select(func.count()).where(SandboxRefundRow.payment_reference == paid.payment_reference)
        if paid.card == FAILED_REFUND_CARD and session.scalars(tried).one() == 0:
            return RefundState.FAILED.value, "expired_or_canceled_card"
        return RefundState.DONE.value, None


def _given_back(session: Session, payment_reference: str) -> tuple[int, int]:
    given = select(
        func.coalesce(func.sum(SandboxRefundRow.amount_minor), 0),
        func.coalesce(func.sum(SandboxRefundRow.fee_returned_minor), 0),
    ).where(SandboxRefundRow.payment_reference == payment_reference, SandboxRefundRow.state != RefundState.FAILED.value)
    amount, fee = session.execute(given).one()
    return int(amount), int(fee)


def _fee_share(paid: SandboxCheckoutRow, amount_minor: int) -> int:
    """The platform's part of what has gone back altogether, so that all parts together are the whole fee."""
    return paid.fee_minor * amount_minor // paid.amount_minor


def _reading(row: SandboxRefundRow) -> RefundReading:
    done = row.state == RefundState.DONE
    return RefundReading(
        reference=row.reference,
        state=RefundState(row.state),
        failure=row.failure,
        fee_returned_minor=row.fee_returned_minor if done else None,
    )
