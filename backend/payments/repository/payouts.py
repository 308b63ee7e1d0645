"""Payouts in the database: what is due, what is on hold, what is stuck."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, TextClause, or_, select, text, update
from sqlalchemy.orm import Session

from backend.payments.rules import MAX_PAYOUT_FAILURES, PayoutHold
from backend.payments.tables import ON_HOLD, PAYOUT_DUE, ConnectedAccountRow, PaymentRow, PayoutRow


def payout_of(session: Session, payment_id: UUID) -> PayoutRow | None:
    """How the professional's part of a payment stands that is transferred later; None if it is not."""
    return session.get(PayoutRow, payment_id, populate_existing=True)


def due_payouts(session: Session, gateway: str, now: datetime, limit: int) -> Sequence[UUID]:
    """Payments of which money is to go to the professional now, or to come back, the longest waiting first."""
    query = select(PayoutRow.payment_id).where(*_payout_due(gateway, now)).order_by(PayoutRow.due_at).limit(limit)
    return session.scalars(query).all()


def oldest_due_payout(session: Session, gateway: str, now: datetime) -> datetime | None:
    """Since when the one waits that has waited longest."""
    query = select(PayoutRow.due_at).where(*_payout_due(gateway, now)).order_by(PayoutRow.due_at).limit(1)
    return session.scalar(query)


def _payout_due(gateway: str, now: datetime) -> tuple[ColumnElement[bool] | TextClause, ...]:
    return text(PAYOUT_DUE), PayoutRow.gateway == gateway, PayoutRow.due_at <= now


def claimed_payout(session: Session, payment_id: UUID, now: datetime) -> PayoutRow | None:
    """The payout, if it is still due and no other worker has it in hand; locked until the transaction ends."""
    query = select(PayoutRow).where(PayoutRow.payment_id == payment_id, PayoutRow.due_at <= now)
    return session.scalar(query.with_for_update(skip_locked=True).execution_options(populate_existing=True))


def payouts_on_hold(session: Session, professional_id: UUID) -> Sequence[tuple[PayoutRow, PaymentRow]]:
    """What cannot be transferred to a professional just now."""
    query = select(PayoutRow, PaymentRow).join(PaymentRow, PaymentRow.id == PayoutRow.payment_id)
    found = session.execute(query.where(text(ON_HOLD), PayoutRow.professional_id == professional_id))
    return [(payout, payment) for payout, payment in found]


def accounts_to_ask(session: Session, gateway: str, now: datetime, limit: int) -> Sequence[tuple[UUID, str]]:
    """Professionals whose account keeps a payout on hold, and the account: it may be ready by now, untold."""
    query = (
        select(ConnectedAccountRow.professional_id, ConnectedAccountRow.account_reference)
        .join(PayoutRow, PayoutRow.professional_id == ConnectedAccountRow.professional_id)
        .where(
            text(ON_HOLD),
            PayoutRow.hold == PayoutHold.ACCOUNT.value,
            PayoutRow.gateway == gateway,
            or_(PayoutRow.not_before.is_(None), PayoutRow.not_before <= now),
            ConnectedAccountRow.gateway == gateway,
        )
        .distinct()
    )
    return [(professional_id, account) for professional_id, account in session.execute(query.limit(limit))]


def ask_later(session: Session, professional_id: UUID, gateway: str, until: datetime) -> None:
    """Their account is not asked about again before `until`."""
    held = text(ON_HOLD), PayoutRow.professional_id == professional_id, PayoutRow.gateway == gateway
    session.execute(update(PayoutRow).where(*held, PayoutRow.hold == PayoutHold.ACCOUNT.value).values(not_before=until))


def end_holds(session: Session, professional_id: UUID, gateway: str, now: datetime) -> None:
    """Their account can be paid again: what was held is tried from the beginning."""
    held = text(ON_HOLD), PayoutRow.professional_id == professional_id, PayoutRow.gateway == gateway
    session.execute(update(PayoutRow).where(*held).values(hold=None, failures=0, not_before=None, due_at=now))


def stuck_payouts(session: Session, limit: int = 100) -> Sequence[PayoutRow]:
    """Payouts that were refused so often that they are not tried any more."""
    query = select(PayoutRow).where(text(ON_HOLD), PayoutRow.failures >= MAX_PAYOUT_FAILURES)
    return session.scalars(query.order_by(PayoutRow.professional_id).limit(limit)).all()
