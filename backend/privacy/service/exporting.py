"""Everything that is kept of a person, as JSON: for them, or for an operator who was asked for it.

Of the other person of a session only the name that the person has seen all along. Card numbers are never here: the
payment provider has them.
"""

import base64
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, inspect, select
from sqlalchemy.orm import Session

from backend.auth.rules import Account, Role
from backend.auth.tables import AccountRow, EmailCodeRow, SecondFactorRow, TokenRow
from backend.availability.tables import SlotRow
from backend.bookings import repository as bookings
from backend.bookings.tables import BookingRow, CancellationPolicyRow
from backend.calls.tables import (
    AttendanceDecisionRow,
    CallMessageRow,
    CallQualityRow,
    FollowUpFileRow,
    FollowUpRow,
    ObjectionRow,
    PresenceIntervalRow,
    PrivateNoteRow,
    RecordingRow,
)
from backend.kit.database import Base
from backend.mail.tables import MailOptOutRow, MailRow
from backend.payments.tables import DisputeRow, PaymentRow, PayoutRow, RefundRow
from backend.profiles.tables import HandleRow, PhotoRow, ProfileRow

Json = Any

_NOT_TOLD = {
    "accounts": {"password_hash", "email_form", "sort_name", "name_look"},
    "tokens": {"digest"},
    "email_codes": {"digest"},
    "second_factors": {"secret", "last_step"},
    "mails": {"facts", "reader"},
    "follow_up_files": {"digest", "position"},
    "bookings": {"checkout_reference", "checkout_url", "payee_reference", "checkout_leased_until"},
    "payments": {"payment_reference"},
    "refunds": {"provider_reference"},
    "disputes": {"provider_reference"},
}
"""Secrets, and what only programs read: an export is read by people, and may lie around."""


def exported(session: Session, account: Account) -> dict[str, Json]:
    """By subject; times in UTC (ISO 8601), money in cents, pictures in base64."""
    mine = BookingRow.professional_id if account.role is Role.PROFESSIONAL else BookingRow.user_id
    own = session.scalars(select(BookingRow).where(mine == account.id).order_by(BookingRow.starts_at)).all()
    names = bookings.names_of(session, {other for row in own for other in (row.user_id, row.professional_id)})
    ids = [row.id for row in own]
    data: dict[str, Json] = {
        "account": _rows(session, AccountRow, AccountRow.id == account.id),
        "mails": _rows(session, MailRow, MailRow.account_id == account.id),
        "mails_switched_off": _rows(session, MailOptOutRow, MailOptOutRow.account_id == account.id),
        "signed_in_devices": _rows(session, TokenRow, TokenRow.account_id == account.id),
        "codes_by_mail": _rows(session, EmailCodeRow, EmailCodeRow.account_id == account.id),
        "second_factor": _rows(session, SecondFactorRow, SecondFactorRow.account_id == account.id),
        "sessions": [
            _told(row) | {"professional": names[row.professional_id], "user": names[row.user_id]} for row in own
        ],
        "decisions": _of(session, AttendanceDecisionRow, AttendanceDecisionRow.booking_id, ids),
        "objections": _own_of(session, ObjectionRow, ids, account.role),
        "presence_in_calls": _own_of(session, PresenceIntervalRow, ids, account.role),
        "messages": _of(session, CallMessageRow, CallMessageRow.booking_id, ids),
        "recordings": _of(session, RecordingRow, RecordingRow.booking_id, ids),
        "private_notes": _rows(session, PrivateNoteRow, PrivateNoteRow.account_id == account.id),
        "follow_ups": _of(session, FollowUpRow, FollowUpRow.booking_id, ids),
        "follow_up_files": _files(session, account, ids),
        "call_quality": _own_of(session, CallQualityRow, ids, account.role),
        "payments": _of(session, PaymentRow, PaymentRow.booking_id, ids),
        "refunds": _of(session, RefundRow, RefundRow.booking_id, ids),
    }
    if account.role is Role.PROFESSIONAL:
        data |= {
            "profile": _rows(session, ProfileRow, ProfileRow.professional_id == account.id),
            "photo": _rows(session, PhotoRow, PhotoRow.professional_id == account.id),
            "links": _rows(session, HandleRow, HandleRow.professional_id == account.id),
            "cancellation_policy": _rows(
                session, CancellationPolicyRow, CancellationPolicyRow.professional_id == account.id
            ),
            "hours": _rows(session, SlotRow, SlotRow.professional_id == account.id),
            "payouts": _rows(session, PayoutRow, PayoutRow.professional_id == account.id),
            "disputes": _of(session, DisputeRow, DisputeRow.booking_id, ids),
        }
    return data


def _of(session: Session, table: type[Base], column: Any, ids: Iterable[UUID]) -> list[Json]:
    """The table's rows of these bookings, a few hundred at a time: no database takes any number of parameters."""
    listed = list(ids)
    found: list[Json] = []
    for begin in range(0, len(listed), 500):
        found += _rows(session, table, column.in_(listed[begin : begin + 500]))
    return found


HOW_TO_SAVE_A_FILE = "Open the session in Rendezvous and press Save beside the file."


def _files(session: Session, account: Account, ids: Iterable[UUID]) -> list[Json]:
    """What the files are, and how to get them: their content would make this answer too large for any reader."""
    shown = account.role is Role.PROFESSIONAL
    found = _of(session, FollowUpFileRow, FollowUpFileRow.booking_id, ids)
    return [row | {"content": HOW_TO_SAVE_A_FILE} for row in found if shown or row["sent_at"] is not None]


def _own_of(session: Session, table: type[Base], ids: Iterable[UUID], role: Role) -> list[Json]:
    """Of what either of the two has in such a table, this person's."""
    columns: Any = table
    return [row for row in _of(session, table, columns.booking_id, ids) if row["role"] == role.value]


def _rows(session: Session, table: type[Base], *conditions: ColumnElement[bool]) -> list[Json]:
    return [_told(row) for row in session.scalars(select(table).where(and_(*conditions)))]


def _told(row: Base) -> dict[str, Json]:
    hidden = _NOT_TOLD.get(row.__tablename__, set())
    return {
        attribute.key: _plain(getattr(row, attribute.key))
        for attribute in inspect(row).mapper.column_attrs
        if attribute.key not in hidden
    }


def _plain(value: object) -> Json:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    return value
