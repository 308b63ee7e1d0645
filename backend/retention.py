"""What is kept for how long: every table that only grows has its line here. The worker deletes what is older, daily.

Kept for good: accounts, their second factors, profiles, photos, policies and connected accounts (as long as the
account), slots, bookings that were ever paid with what was decided of them, and all money (payments, refunds, payouts,
disputes, differences): people look them up, and the law asks for them. The sandbox's tables exist in a demo only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, TextClause, and_, exists, or_, text

from backend.auth.tables import EmailCodeRow, ResetRequestRow, SecondFactorRow, TokenRow
from backend.bookings.rules import IDEMPOTENCY_KEYS_KEPT
from backend.bookings.tables import NEVER_PAID, BookingRow, HoldRow, IdempotencyKeyRow
from backend.calls.rules.files import UNSENT_KEPT
from backend.calls.tables import (
    CallJoinRow,
    CallKeyRow,
    CallMessageRow,
    CallQualityRow,
    FollowUpFileRow,
    FollowUpRow,
    LiveKitEventRow,
    ObjectionRow,
    ObservationWindowRow,
    PresenceIntervalRow,
    PrivateNoteRow,
    RecordingRow,
)
from backend.kit.database import Base, Database
from backend.kit.limits.storages import LimitCountRow
from backend.kit.limits.table import UNPAID, UNPAID_LINE
from backend.kit.retention import ROWS_AT_ONCE, delete_some
from backend.mail.rules import MailState
from backend.mail.tables import MailRow
from backend.payments.tables import PaymentEventRow, PaymentRow

LIVEKIT_EVENTS_KEPT = timedelta(days=1)
"""LiveKit repeats a webhook for minutes at most."""

JOINS_KEPT = timedelta(days=1)
"""No session's room is open for that long."""

PAYMENT_EVENTS_KEPT = timedelta(days=90)
"""Stripe repeats a webhook for three days and lists its events for thirty."""

HOLDS_KEPT = max(UNPAID.within, UNPAID_LINE.within) + timedelta(hours=2)
"""What the cool-downs count, and as long as a hold can last besides."""

MAILS_KEPT = timedelta(days=30)
"""What was sent to whom and when, never what it said: a person asks, or a reminder comes up again, far sooner."""

RESET_REQUESTS_KEPT = timedelta(hours=1)
"""The worker answers them within seconds; whoever waited for longer has asked again."""

SET_UP_KEPT = timedelta(days=1)
"""A second factor that was begun and never turned on."""

EVIDENCE_KEPT = timedelta(days=180)
"""Who was in a room, and how the call ran: a card holder may dispute a payment for about 120 days."""

MESSAGES_KEPT = timedelta(days=365)
"""What the two wrote to each other; either may delete it before. As long: one's own notes, from their last change,
what the professional sent after the session, and who asked to record it and who agreed.
"""

FILES_AT_ONCE = 5
"""Of 10 MB each: as many as one follow-up can have."""

NEVER_PAID_KEPT = timedelta(days=365)
"""Holds that nobody paid: people see them among their past bookings."""


@dataclass(frozen=True)
class Retention:
    """Rows of `table` that meet all of `old` are deleted, `at_once` in one transaction."""

    table: type[Base]
    old: tuple[ColumnElement[bool] | TextClause, ...]
    at_once: int = ROWS_AT_ONCE


def retentions(now: datetime) -> Iterator[Retention]:
    """In an order in which what refers to a row goes before it."""
    yield Retention(TokenRow, (TokenRow.expires_at <= now,))
    yield Retention(EmailCodeRow, (EmailCodeRow.expires_at <= now,))
    yield Retention(ResetRequestRow, (ResetRequestRow.created_at < now - RESET_REQUESTS_KEPT,))
    begun = SecondFactorRow.created_at < now - SET_UP_KEPT
    yield Retention(SecondFactorRow, (SecondFactorRow.on_since.is_(None), begun))
    yield Retention(LimitCountRow, (LimitCountRow.ends_at <= now,))
    yield Retention(HoldRow, (HoldRow.made_at < now - HOLDS_KEPT,))
    yield Retention(IdempotencyKeyRow, (IdempotencyKeyRow.created_at <= now - IDEMPOTENCY_KEYS_KEPT,))
    yield Retention(LiveKitEventRow, (LiveKitEventRow.received_at < now - LIVEKIT_EVENTS_KEPT,))
    yield Retention(CallJoinRow, (CallJoinRow.joined_at < now - JOINS_KEPT,))
    yield Retention(MailRow, (MailRow.created_at < now - MAILS_KEPT, MailRow.status != MailState.PENDING.value))
    yield Retention(CallKeyRow, (CallKeyRow.expires_at <= now,))
    yield Retention(CallMessageRow, (CallMessageRow.sent_at < now - MESSAGES_KEPT,))
    yield Retention(RecordingRow, (RecordingRow.first_told_at < now - MESSAGES_KEPT,))
    yield Retention(PrivateNoteRow, (PrivateNoteRow.updated_at < now - MESSAGES_KEPT,))
    yield Retention(FollowUpFileRow, (_old_file(now),), FILES_AT_ONCE)
    yield Retention(FollowUpRow, (FollowUpRow.sent_at < now - MESSAGES_KEPT,))
    yield Retention(PaymentEventRow, (PaymentEventRow.received_at < now - PAYMENT_EVENTS_KEPT,))
    yield Retention(PresenceIntervalRow, (PresenceIntervalRow.last_seen_at < now - EVIDENCE_KEPT,))
    yield Retention(ObservationWindowRow, (ObservationWindowRow.until_at < now - EVIDENCE_KEPT,))
    yield Retention(ObjectionRow, (ObjectionRow.created_at < now - EVIDENCE_KEPT,))
    yield Retention(CallQualityRow, (CallQualityRow.reported_at < now - EVIDENCE_KEPT,))
    yield Retention(
        BookingRow,
        (
            text(NEVER_PAID),
            BookingRow.created_at < now - NEVER_PAID_KEPT,
            ~exists().where(PaymentRow.booking_id == BookingRow.id),
            ~exists().where(PaymentEventRow.booking_id == BookingRow.id),
        ),
    )


def _old_file(now: datetime) -> ColumnElement[bool]:
    """One that was never sent, or that was sent so long ago that its follow-up goes."""
    sent_long_ago = FollowUpFileRow.sent_at < now - MESSAGES_KEPT
    return and_(FollowUpFileRow.created_at < now - UNSENT_KEPT, or_(FollowUpFileRow.sent_at.is_(None), sent_long_ago))


def delete_old_rows(database: Database, now: datetime) -> int:
    """All that is too old, in transactions of a few hundred rows; answers how many rows there were."""
    deleted = 0
    for retention in retentions(now):
        last = retention.at_once
        while last == retention.at_once:
            with database.write() as session:
                last = delete_some(session, retention.table, *retention.old, limit=retention.at_once)
            deleted += last
    return deleted
