"""The ledger in the database. `payouts` has what goes to professionals later than it was paid."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from backend.payments.ports import DisputeState, RefundState
from backend.payments.repository.payouts import stuck_payouts
from backend.payments.rules import RefundSource
from backend.payments.rules.ledger import DisputeEntry, PaymentLedger, RefundEntry
from backend.payments.tables import (
    DISPUTED,
    KNOWN,
    ORDERED,
    OWING,
    PENDING,
    TRANSFER_DUE,
    UNREPAIRED,
    ConnectedAccountRow,
    DifferenceRow,
    DisputeRow,
    PaymentRow,
    RefundRow,
)


class StuckRefund(NamedTuple):
    """A refund that needs an operator: so much is owed, and was refused so often."""

    booking_id: UUID
    payment_reference: str
    missing_minor: int
    failures: int


def payment_known(session: Session, gateway: str, payment_reference: str) -> bool:
    """Whether this money is in the ledger already."""
    query = select(PaymentRow.id).where(
        PaymentRow.gateway == gateway, PaymentRow.payment_reference == payment_reference
    )
    return session.scalar(query) is not None


def paying(session: Session, booking_id: UUID) -> PaymentRow | None:
    """The payment of which the booking's `payment_status` tells."""
    return session.scalar(select(PaymentRow).where(PaymentRow.booking_id == booking_id, PaymentRow.pays))


def payment_by_reference(session: Session, gateway: str, payment_reference: str) -> PaymentRow | None:
    """The payment that the provider knows by this name."""
    return session.scalar(
        select(PaymentRow).where(PaymentRow.gateway == gateway, PaymentRow.payment_reference == payment_reference)
    )


def refunds_of(session: Session, payment_id: UUID) -> Sequence[RefundRow]:
    """All refunds of a payment, the oldest attempt first."""
    query = select(RefundRow).join(PaymentRow, PaymentRow.booking_id == RefundRow.booking_id)
    query = query.where(PaymentRow.id == payment_id, RefundRow.payment_id == payment_id)
    return session.scalars(query.order_by(RefundRow.attempt)).all()


def ordered_refund(session: Session, payment_id: UUID) -> RefundRow | None:
    """The payment's refund that we have ordered and the provider does not know yet."""
    return session.scalar(select(RefundRow).where(RefundRow.payment_id == payment_id, text(ORDERED)))


def refund_known_as(session: Session, payment_id: UUID, provider_reference: str) -> RefundRow | None:
    """The payment's refund that the provider knows by this name."""
    query = select(RefundRow).where(
        RefundRow.payment_id == payment_id, RefundRow.provider_reference == provider_reference, text(KNOWN)
    )
    return session.scalar(query)


def failed_refunds(session: Session, payment_id: UUID) -> int:
    """How often the provider has definitely failed to give this payment back."""
    failed = RefundState.FAILED.value
    refunds = refunds_of(session, payment_id)
    return sum(refund.status == failed and refund.source == RefundSource.OURS for refund in refunds)


def disputes_of(session: Session, payment_id: UUID) -> Sequence[DisputeRow]:
    """All disputes about a payment."""
    return session.scalars(select(DisputeRow).where(DisputeRow.payment_id == payment_id)).all()


def dispute_known_as(session: Session, gateway: str, provider_reference: str) -> DisputeRow | None:
    """The dispute that the provider knows by this name."""
    query = select(DisputeRow).where(DisputeRow.gateway == gateway, DisputeRow.provider_reference == provider_reference)
    return session.scalar(query)


def locked_dispute(session: Session, dispute_id: UUID) -> DisputeRow | None:
    """The dispute as it is now, nobody else's to change until the transaction ends."""
    return session.get(DisputeRow, dispute_id, with_for_update=True, populate_existing=True)


def due_disputes(session: Session, gateway: str, now: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """Bookings and disputes for which money may have to be moved from or to the professional, the oldest first."""
    query = (
        select(DisputeRow.booking_id, DisputeRow.id)
        .where(text(TRANSFER_DUE), DisputeRow.transfer_due_at <= now, DisputeRow.gateway == gateway)
        .order_by(DisputeRow.transfer_due_at)
        .limit(limit)
    )
    return [(booking_id, dispute_id) for booking_id, dispute_id in session.execute(query)]


def oldest_due_dispute(session: Session, gateway: str, now: datetime) -> datetime | None:
    """Since when the oldest of them waits."""
    query = select(DisputeRow.transfer_due_at).where(
        text(TRANSFER_DUE), DisputeRow.transfer_due_at <= now, DisputeRow.gateway == gateway
    )
    return session.scalar(query.order_by(DisputeRow.transfer_due_at).limit(1))


def stuck_refunds(session: Session, limit: int = 100) -> list[StuckRefund]:
    """Payments of which something is owed that is not ordered any more, the oldest payment first.

    Those that a bank has in dispute are not among them: what is owed is ordered again once the bank has decided.
    """
    disputed = select(DisputeRow.id).where(
        DisputeRow.payment_id == PaymentRow.id, DisputeRow.state == DisputeState.OPEN.value
    )
    query = select(PaymentRow).where(text(OWING), ~disputed.exists()).order_by(PaymentRow.paid_at).limit(limit)
    return [
        StuckRefund(
            row.booking_id, row.payment_reference, row.owed_minor - row.back_minor, failed_refunds(session, row.id)
        )
        for row in session.scalars(query)
    ]


class OperatorCounts(NamedTuple):
    """What wants an operator: refunds and payouts that are stuck, open disputes, differences not taken over."""

    stuck_refunds: int
    stuck_payouts: int
    open_disputes: int
    differences: int


def counted_for_operators(session: Session) -> OperatorCounts:
    """How much there is of each."""
    open_disputes = select(func.count()).select_from(DisputeRow).where(text(DISPUTED))
    differences = select(func.count()).select_from(DifferenceRow).where(text(UNREPAIRED))
    return OperatorCounts(
        len(stuck_refunds(session)),
        len(stuck_payouts(session)),
        session.scalars(open_disputes).one(),
        session.scalars(differences).one(),
    )


def ledger_of(session: Session, payment: PaymentRow, *, without: RefundRow | None = None) -> PaymentLedger:
    """What the rows of a payment come to; `without` an order that is to be made over."""
    refunds = [
        RefundEntry(
            row.amount_minor,
            done=row.status == RefundState.DONE,
            waiting=row.status == RefundState.PENDING and row.provider_reference is None,
            covered_minor=row.amount_minor if row.source == RefundSource.OURS else row.reversed_minor,
        )
        for row in refunds_of(session, payment.id)
        if row.status in (RefundState.PENDING, RefundState.DONE) and row is not without
    ]
    disputes = [
        DisputeEntry(
            row.amount_minor,
            open=row.state == DisputeState.OPEN,
            lost=row.state == DisputeState.LOST,
            won=row.state == DisputeState.WON,
            restored_minor=row.restored_minor,
        )
        for row in disputes_of(session, payment.id)
    ]
    return PaymentLedger(
        amount_minor=payment.amount_minor,
        fee_minor=payment.fee_minor,
        transferred_at_once=payment.transferred_at_once,
        owed_minor=payment.owed_minor,
        reversed_minor=payment.reversed_minor,
        fee_returned_minor=payment.fee_returned_minor,
        transferred_minor=payment.transferred_minor,
        refunds=refunds,
        disputes=disputes,
    )


def last_attempt(session: Session, booking_id: UUID) -> int:
    """The highest attempt of any of the booking's refunds; 0 before the first."""
    query = select(func.max(RefundRow.attempt)).where(RefundRow.booking_id == booking_id)
    return session.scalar(query) or 0


def locked_refund(session: Session, booking_id: UUID, attempt: int) -> RefundRow | None:
    """One attempt as it is now, nobody else's to change until the transaction ends."""
    query = select(RefundRow).where(RefundRow.booking_id == booking_id, RefundRow.attempt == attempt)
    return session.scalar(query.with_for_update().execution_options(populate_existing=True))


def due_refunds(session: Session, gateway: str, now: datetime, limit: int = 50) -> list[tuple[UUID, int]]:
    """Bookings and attempts whose provider is to be asked now, the longest waiting first."""
    query = (
        select(RefundRow.booking_id, RefundRow.attempt)
        .join(PaymentRow, PaymentRow.id == RefundRow.payment_id)
        .where(text(PENDING), RefundRow.next_attempt_at <= now, PaymentRow.gateway == gateway)
        .order_by(RefundRow.next_attempt_at)
        .limit(limit)
    )
    return [(booking_id, attempt) for booking_id, attempt in session.execute(query)]


def oldest_due_refund(session: Session, gateway: str, now: datetime) -> datetime | None:
    """Since when the one waits that has waited longest."""
    query = (
        select(RefundRow.next_attempt_at)
        .join(PaymentRow, PaymentRow.id == RefundRow.payment_id)
        .where(text(PENDING), RefundRow.next_attempt_at <= now, PaymentRow.gateway == gateway)
    )
    return session.scalar(query.order_by(RefundRow.next_attempt_at).limit(1))


def refunds_that_show(session: Session, booking_ids: Iterable[UUID]) -> dict[UUID, list[RefundRow]]:
    """The refunds of each booking's paying payment, the oldest attempt first, in one query."""
    query = (
        select(RefundRow)
        .join(PaymentRow, PaymentRow.id == RefundRow.payment_id)
        .where(PaymentRow.pays, RefundRow.booking_id.in_(set(booking_ids)))
        .order_by(RefundRow.attempt)
    )
    found: dict[UUID, list[RefundRow]] = {}
    for refund in session.scalars(query):
        found.setdefault(refund.booking_id, []).append(refund)
    return found


def payments_paid_since(session: Session, gateway: str, since: datetime, until: datetime) -> Sequence[PaymentRow]:
    """Payments made in this time."""
    query = select(PaymentRow).where(
        PaymentRow.gateway == gateway, PaymentRow.paid_at >= since, PaymentRow.paid_at <= until
    )
    return session.scalars(query.order_by(PaymentRow.paid_at)).all()


def note_difference(session: Session, found: DifferenceRow) -> None:
    """Something differs at the provider. What was found before keeps when that was."""
    key = (found.gateway, found.payment_reference, found.kind)
    known = session.get(DifferenceRow, key, with_for_update=True)
    if known is None:
        session.add(found)
    else:
        known.ours, known.theirs, known.repaired = found.ours, found.theirs, found.repaired
        known.last_found_at = found.last_found_at
    session.flush()


def differences(session: Session, limit: int = 100) -> Sequence[DifferenceRow]:
    """What the nightly comparison found, the latest first."""
    return session.scalars(select(DifferenceRow).order_by(DifferenceRow.last_found_at.desc()).limit(limit)).all()


def connected_account(session: Session, professional_id: UUID, gateway: str) -> ConnectedAccountRow | None:
    """The professional's account with this provider."""
    return session.get(ConnectedAccountRow, (professional_id, gateway))


def connected_account_by_reference(
    session: Session, gateway: str, account_reference: str
) -> ConnectedAccountRow | None:
    """Whose account this is, locked until the transaction ends."""
    query = select(ConnectedAccountRow).where(
        ConnectedAccountRow.gateway == gateway, ConnectedAccountRow.account_reference == account_reference
    )
    return session.scalar(query.with_for_update())
