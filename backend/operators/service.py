"""What an operator can do. Each is one transaction, with its entry in the audit log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from backend.auth import repository as accounts
from backend.auth.rules import email_form
from backend.auth.service import second_factor
from backend.auth.tables import AccountRow
from backend.bookings import repository as bookings
from backend.bookings.rules import Absent
from backend.bookings.service.money.refund_outbox import enqueue
from backend.calls.service.deciding import decide_by_operator
from backend.calls.tables import AttendanceDecisionRow, ObjectionRow
from backend.kit.text import folded
from backend.operators.tables import AuditEntryRow
from backend.payments import repository as ledgers
from backend.payments.repository import StuckRefund
from backend.payments.repository.payouts import stuck_payouts
from backend.privacy.service.deleting import cancel_coming, delete_person

FOUND_AT_MOST = 20


class NotPossible(Exception):
    """Why it was not done; a sentence for the operator."""


@dataclass(frozen=True)
class Operator:
    """Who acts, when and why: what the audit log says of it."""

    name: str
    reason: str
    now: datetime


@dataclass(frozen=True)
class Stuck:
    """What goes on only when somebody acts."""

    refunds: Sequence[StuckRefund]
    payouts: Sequence[UUID]
    objections: Sequence[tuple[UUID, str, str]]
    """Booking, role and what that person wrote."""


def find_accounts(session: Session, words: str) -> Sequence[AccountRow]:
    """By id, by mail address in whichever form, or by a part of the name; at most `FOUND_AT_MOST`."""
    alike = [AccountRow.email_form == email_form(words), AccountRow.sort_name.contains(folded(words), autoescape=True)]
    if (account_id := as_id(words)) is not None:
        alike = [AccountRow.id == account_id]
    query = select(AccountRow).where(or_(*alike)).order_by(AccountRow.sort_name, AccountRow.id).limit(FOUND_AT_MOST)
    return session.scalars(query).all()


def as_id(words: str) -> UUID | None:
    try:
        return UUID(words.strip())
    except ValueError:
        return None


def block(session: Session, account_id: UUID, by: Operator, *, cancel_sessions: bool) -> str:
    """Signs the account out everywhere and keeps it out; a professional is not found or booked any more.

    `cancel_sessions`: what is coming is cancelled as if they did it themselves. Else those sessions stay.
    """
    row = account_of(session, account_id)
    if row.blocked_at is not None:
        raise NotPossible("This account is blocked already.")
    row.blocked_at = by.now
    accounts.revoke_all_tokens(session, account_id)
    done = "blocked"
    if cancel_sessions:
        outcome = cancel_coming(session, accounts.account_of(row), by.now)
        done = f"blocked, {outcome.words}"
    return _noted(session, by, "block", account_id, done)


def unblock(session: Session, account_id: UUID, by: Operator) -> str:
    """The person can sign in again; what was cancelled stays cancelled."""
    row = account_of(session, account_id)
    if row.blocked_at is None:
        raise NotPossible("This account is not blocked.")
    row.blocked_at = None
    return _noted(session, by, "unblock", account_id, "free again")


def take_second_factor_off(session: Session, account_id: UUID, by: Operator) -> str:
    """For whoever lost phone and recovery codes. Every device is signed out, and the person is told by mail."""
    account_of(session, account_id)
    if not second_factor.take_off(session, account_id, by.now, by_operator=True):
        raise NotPossible("This account has no second factor.")
    accounts.revoke_all_tokens(session, account_id)
    return _noted(session, by, "second-factor-off", account_id, "second factor taken off")


def decide(session: Session, booking_id: UUID, absent: Absent, by: Operator) -> str:
    """Decides on a session about which somebody said that something went wrong; final at once."""
    booking = bookings.locked_booking(session, booking_id)
    if booking is None:
        raise NotPossible("There is no booking of this id.")
    decision = decide_by_operator(session, booking, absent, by.now)
    if decision is None:
        raise NotPossible("Nothing is open here: it was not decided yet, or the decision is final.")
    done = f"absent: {absent.value}, {decision.refund_minor} cents go back"
    return _noted(session, by, "decide", booking_id, done)


def refund_again(session: Session, booking_id: UUID, by: Operator) -> str:
    """Orders a refund once more that has failed too often to be tried by itself."""
    booking = bookings.locked_booking(session, booking_id)
    payment = ledgers.paying(session, booking_id) if booking else None
    if payment is None:
        raise NotPossible("Nothing was paid for this booking.")
    if ledgers.ordered_refund(session, payment.id) is not None:
        raise NotPossible("A refund is on its way.")
    refund = enqueue(session, payment, by.now, whatever_failed=True)
    if refund is None:
        raise NotPossible("Nothing is owed.")
    return _noted(session, by, "refund-again", booking_id, f"attempt {refund.attempt}, {refund.amount_minor} cents")


def delete(session: Session, account_id: UUID, by: Operator) -> str:
    """As if the person had deleted their account themselves."""
    row = account_of(session, account_id)
    outcome = delete_person(session, accounts.account_of(row), by.now)
    return _noted(session, by, "delete", account_id, outcome.words)


def stuck(session: Session) -> Stuck:
    """Refunds and payouts that are not tried any more, and objections that wait for a decision."""
    open_ones = (
        select(ObjectionRow)
        .join(AttendanceDecisionRow, AttendanceDecisionRow.booking_id == ObjectionRow.booking_id)
        .where(AttendanceDecisionRow.final_at.is_(None))
        .order_by(ObjectionRow.created_at)
    )
    said = [(row.booking_id, row.role, row.reason) for row in session.scalars(open_ones)]
    return Stuck(ledgers.stuck_refunds(session), [row.booking_id for row in stuck_payouts(session)], said)


def audit_log(session: Session, subject: UUID | None, limit: int) -> Sequence[AuditEntryRow]:
    """The newest first; of one account or booking, or of all."""
    query = select(AuditEntryRow).order_by(AuditEntryRow.at.desc(), AuditEntryRow.id).limit(limit)
    return session.scalars(query if subject is None else query.where(AuditEntryRow.subject == subject)).all()


def note(session: Session, by: Operator, action: str, subject: UUID, result: str) -> None:
    """An entry for what is done elsewhere, such as a file that was written."""
    _noted(session, by, action, subject, result)


def account_of(session: Session, account_id: UUID) -> AccountRow:
    """The locked account; NotPossible."""
    row = session.get(AccountRow, account_id, with_for_update={"key_share": True})
    if row is None:
        raise NotPossible("There is no account of this id.")
    return row


def _noted(session: Session, by: Operator, action: str, subject: UUID, result: str) -> str:
    entry = AuditEntryRow(
        at=by.now, operator=by.name[:80], action=action, subject=subject, reason=by.reason, result=result
    )
    session.add(entry)
    session.flush()
    return result
