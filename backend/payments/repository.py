"""The books of money in the database."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from backend.payments.tables import LIVE, PENDING, PayeeRow, PaymentRow, RefundRow


def payment_known(session: Session, gateway: str, payment_reference: str) -> bool:
    """Whether this money is in the books already."""
    query = select(PaymentRow.id).where(
        PaymentRow.gateway == gateway, PaymentRow.payment_reference == payment_reference
    )
    return session.scalar(query) is not None


def paying(session: Session, booking_id: UUID) -> PaymentRow | None:
    """The payment of which the booking's `payment_status` tells."""
    return session.scalar(select(PaymentRow).where(PaymentRow.booking_id == booking_id, PaymentRow.pays))


def live_refund(session: Session, payment_id: UUID) -> RefundRow | None:
    """The payment's refund that is on its way or done."""
    query = select(RefundRow).where(RefundRow.payment_id == payment_id, text(LIVE))
    return session.scalar(query)


def last_attempt(session: Session, booking_id: UUID) -> int:
    """The highest attempt of any of the booking's refunds; 0 before the first."""
    query = select(func.max(RefundRow.attempt)).where(RefundRow.booking_id == booking_id)
    return session.scalar(query) or 0


def locked_refund(session: Session, booking_id: UUID, attempt: int) -> RefundRow | None:
    """One attempt as it is now, nobody else's to change until the transaction ends."""
    query = select(RefundRow).where(RefundRow.booking_id == booking_id, RefundRow.attempt == attempt)
    return session.scalar(query.with_for_update().execution_options(populate_existing=True))


def booking_of_payment(session: Session, gateway: str, payment_reference: str) -> UUID | None:
    """Which booking this money came for."""
    query = select(PaymentRow.booking_id).where(
        PaymentRow.gateway == gateway, PaymentRow.payment_reference == payment_reference
    )
    return session.scalar(query)


def attempt_known_as(session: Session, booking_id: UUID, provider_reference: str) -> int | None:
    """The booking's newest attempt that the provider answered with this refund of its own."""
    query = select(func.max(RefundRow.attempt)).where(
        RefundRow.booking_id == booking_id, RefundRow.provider_reference == provider_reference
    )
    return session.scalar(query)


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


def last_refunds(session: Session, booking_ids: Iterable[UUID]) -> dict[UUID, RefundRow]:
    """The newest attempt at refunding each booking's paying payment, in one query."""
    query = (
        select(RefundRow)
        .join(PaymentRow, PaymentRow.id == RefundRow.payment_id)
        .where(PaymentRow.pays, RefundRow.booking_id.in_(set(booking_ids)))
        .order_by(RefundRow.attempt)
    )
    refunds: Sequence[RefundRow] = session.scalars(query).all()
    return {refund.booking_id: refund for refund in refunds}


def payee(session: Session, professional_id: UUID, gateway: str) -> PayeeRow | None:
    """The professional's account with this provider."""
    return session.get(PayeeRow, (professional_id, gateway))


def payee_by_account(session: Session, gateway: str, account_reference: str) -> PayeeRow | None:
    """Whose account this is, locked until the transaction ends."""
    query = select(PayeeRow).where(PayeeRow.gateway == gateway, PayeeRow.account_reference == account_reference)
    return session.scalar(query.with_for_update())
