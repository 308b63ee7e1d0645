"""An account goes: what is coming is cancelled, what is personal is deleted, what the books need stays without a name.

Bookings and money stay (the law asks for them, and the other person has them too), of a person who is now called
"Deleted account". Who was in a call, and how it ran, goes by retention (`backend.retention`).
"""

import contextlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from backend.auth import repository as accounts
from backend.auth.rules import Account, Role, name_look, sort_name
from backend.auth.tables import (
    AccountRow,
    EmailCodeRow,
    RecoveryCodeRow,
    ResetRequestRow,
    SearchTextRow,
    SecondFactorRow,
)
from backend.availability.tables import SlotRow
from backend.bookings import repository as bookings
from backend.bookings.rules import BookingStatus, NotHeld
from backend.bookings.rules.cancellation import NotCancellable
from backend.bookings.service import cancelling, holding
from backend.bookings.tables import BookingRow, HoldRow, IdempotencyKeyRow
from backend.calls.tables import CallMessageRow, FollowUpFileRow, FollowUpRow, ObjectionRow, PrivateNoteRow
from backend.kit.errors import NotFound
from backend.mail.rules import NOWHERE
from backend.mail.tables import MailOptOutRow, MailRow, SandboxMailRow
from backend.profiles.tables import HandleRow, PhotoRow, ProfileRow

DELETED_NAME = "Deleted account"
NO_PASSWORD = "deleted"  # noqa: S105  no hash, so that no password fits


@dataclass(frozen=True)
class Outcome:
    """What became of the sessions that were coming. `kept`: begun or disputed ones, which cannot be cancelled."""

    cancelled: int
    refund_minor: int
    kept: int

    @property
    def words(self) -> str:
        """For the audit log and the person."""
        kept = f", {self.kept} could not be cancelled" if self.kept else ""
        return f"{self.cancelled} sessions cancelled, {self.refund_minor} cents go back{kept}"


def coming(session: Session, account: Account, now: datetime) -> list[UUID]:
    """The sessions that would be cancelled, the next first."""
    mine = BookingRow.professional_id if account.role is Role.PROFESSIONAL else BookingRow.user_id
    query = select(BookingRow.id).where(
        mine == account.id, BookingRow.status == BookingStatus.CONFIRMED.value, BookingRow.ends_at > now
    )
    return list(session.scalars(query.order_by(BookingRow.starts_at, BookingRow.id)))


def would_become(session: Session, account: Account, now: datetime) -> Outcome:
    """What deleting would do to the sessions that are coming; nothing changes."""
    cancelled = refund_minor = kept = 0
    for booking_id in coming(session, account, now):
        try:
            wanted = cancelling.cancellation(session, account, booking_id, now)
        except NotCancellable:
            kept += 1
        else:
            cancelled, refund_minor = cancelled + 1, refund_minor + wanted.refund_minor
    return Outcome(cancelled, refund_minor, kept)


def cancel_coming(session: Session, account: Account, now: datetime) -> Outcome:
    """Cancels them by the policy, as the person could; gives holds back."""
    _give_holds_back(session, account, now)
    cancelled = refund_minor = kept = 0
    for booking_id in coming(session, account, now):
        try:
            _, wanted = cancelling.cancel(session, account, booking_id, now)
        except (NotCancellable, NotFound):
            kept += 1
            continue
        if wanted is not None:
            cancelling.carry_out(session, wanted, now)
            cancelled, refund_minor = cancelled + 1, refund_minor + wanted.refund_minor
    return Outcome(cancelled, refund_minor, kept)


def _give_holds_back(session: Session, account: Account, now: datetime) -> None:
    """Their own, and of a professional what others hold: a payment that still comes is given back by itself."""
    mine = BookingRow.professional_id if account.role is Role.PROFESSIONAL else BookingRow.user_id
    held = select(BookingRow.id).where(
        mine == account.id, BookingRow.status == BookingStatus.HELD.value, BookingRow.hold_expires_at > now
    )
    for booking_id in session.scalars(held).all():
        booking = bookings.locked_booking(session, booking_id)
        with contextlib.suppress(NotHeld):  # paid meanwhile: it is cancelled with the others
            if booking is not None:
                holding.give_back(session, booking, now)


def delete_person(session: Session, account: Account, now: datetime) -> Outcome:
    """All of it, in one transaction. Idempotent: of who is gone already nothing is left to cancel."""
    accounts.lock_account(session, account.id)
    outcome = cancel_coming(session, account, now)
    row = session.get_one(AccountRow, account.id)
    for table, address in ((SandboxMailRow, SandboxMailRow.address), (ResetRequestRow, ResetRequestRow.email)):
        session.execute(delete(table).where(address == row.email))
    row.name, row.sort_name, row.name_look = DELETED_NAME, sort_name(DELETED_NAME), name_look(DELETED_NAME)
    row.email = f"{account.id.hex}{NOWHERE}"
    row.email_form = row.email
    row.password_hash = f"{NO_PASSWORD}-{secrets.token_hex(8)}"
    row.blocked_at, row.email_verified_at = row.blocked_at or now, None
    accounts.revoke_all_tokens(session, account.id)
    _delete_what_is_personal(session, account.id, now)
    session.flush()
    return outcome


def _delete_what_is_personal(session: Session, account_id: UUID, now: datetime) -> None:
    for table, column in (
        (ProfileRow, ProfileRow.professional_id),
        (PhotoRow, PhotoRow.professional_id),
        (SearchTextRow, SearchTextRow.account_id),
        (IdempotencyKeyRow, IdempotencyKeyRow.account_id),
        (EmailCodeRow, EmailCodeRow.account_id),
        (SecondFactorRow, SecondFactorRow.account_id),
        (RecoveryCodeRow, RecoveryCodeRow.account_id),
        (MailRow, MailRow.account_id),
        (CallMessageRow, CallMessageRow.account_id),
        (PrivateNoteRow, PrivateNoteRow.account_id),
        (FollowUpFileRow, FollowUpFileRow.account_id),
        (FollowUpRow, FollowUpRow.account_id),
        (MailOptOutRow, MailOptOutRow.account_id),
    ):
        session.execute(delete(table).where(column == account_id))
    # A handle stays, and leads nowhere: nobody takes over the links that lead there.
    session.execute(update(HandleRow).where(HandleRow.professional_id == account_id).values(professional_id=None))
    session.execute(
        update(SlotRow)
        .where(SlotRow.professional_id == account_id, SlotRow.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
    )
    mine_as = {Role.USER: BookingRow.user_id, Role.PROFESSIONAL: BookingRow.professional_id}
    for role, owner in mine_as.items():
        said = select(BookingRow.id).where(owner == account_id)
        session.execute(
            update(ObjectionRow)
            .where(ObjectionRow.role == role.value, ObjectionRow.booking_id.in_(said))
            .values(reason="Deleted with the account.")
        )
    session.execute(delete(HoldRow).where(HoldRow.user_id == account_id))
