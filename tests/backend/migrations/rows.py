"""Rows for every table of every revision, past every rule of the code: what an older release left behind."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from backend.kit.database import UtcDateTime

NOW = datetime.fromisoformat("2027-03-01T09:00:00.123456+00:00")
PRO, USER, OTHER = (UUID(int=number) for number in (1, 2, 3))
SLOT, LATER_SLOT, WITHDRAWN_SLOT = (UUID(int=number) for number in (11, 12, 13))
CONFIRMED, REFUND_DUE, HELD = (UUID(int=number) for number in (21, 22, 23))
PAYMENT, SECOND_PAYMENT, REFUND = (UUID(int=number) for number in (31, 32, 41))

Rows = Sequence[tuple[str, dict[str, Any]]]


def _account(row_id: UUID, role: str) -> dict[str, Any]:
    return {
        "id": row_id,
        "role": role,
        "email": f"{row_id.int}@example.com",
        "name": "Åsa Öğüš",
        "sort_name": "åsa öğüš",
        "time_zone": "Europe/Berlin",
        "password_hash": "-",
        "created_at": NOW,
    }


def slot(row_id: UUID, start: int = 0, end: int = 45, **changes: Any) -> dict[str, Any]:
    """A slot from `start` to `end`, in minutes after NOW."""
    times = {"starts_at": NOW + timedelta(minutes=start), "ends_at": NOW + timedelta(minutes=end)}
    row = {"id": row_id, "professional_id": PRO, "price_minor": 4500, "created_at": NOW, "withdrawn_at": None}
    return row | times | changes


def booking(row_id: UUID, slot_id: UUID, status: str, payment_status: str) -> dict[str, Any]:
    """A booking as revision 0002 knew it."""
    return {
        "id": row_id,
        "slot_id": slot_id,
        "professional_id": PRO,
        "user_id": USER,
        "starts_at": NOW,
        "ends_at": NOW + timedelta(minutes=45),
        "time_zone": "Europe/Berlin",
        "price_minor": 4500,
        "currency": "USD",
        "status": status,
        "payment_status": payment_status,
        "hold_expires_at": NOW,
        "created_at": NOW,
        "gateway": "sandbox",
    }


def _event(event_id: str, booking_id: UUID, outcome: str) -> dict[str, Any]:
    return {
        "gateway": "sandbox",
        "event_id": event_id,
        "kind": "paid",
        "booking_id": booking_id,
        "reference": f"checkout-{event_id}",
        "payment_reference": f"money-{event_id}",
        "amount_minor": 4500,
        "currency": "USD",
        "occurred_at": NOW,
        "received_at": NOW,
        "outcome": outcome,
    }


def _payment(row_id: UUID, booking_id: UUID, event_id: str) -> dict[str, Any]:
    return {
        "id": row_id,
        "booking_id": booking_id,
        "gateway": "sandbox",
        "payment_reference": f"money-{event_id}",
        "amount_minor": 4500,
        "currency": "USD",
        "fee_minor": 0,
        "pays": True,
        "paid_at": NOW,
    }


_0001: Rows = [
    ("accounts", _account(PRO, "professional")),
    ("accounts", _account(USER, "user")),
    ("tokens", {"digest": b"\x00" * 32, "account_id": USER, "created_at": NOW, "expires_at": NOW}),
    ("profiles", {"professional_id": PRO, "headline": "Calm", "about": "A\nB", "category": None}),
    ("photos", {"professional_id": PRO, "version": "v", "jpeg": b"\xff\xd8", "created_at": NOW}),
    ("slots", slot(SLOT)),
    ("slots", slot(LATER_SLOT, 45, 90)),
    ("slots", slot(WITHDRAWN_SLOT, withdrawn_at=NOW)),
]
_0002: Rows = [
    ("bookings", booking(CONFIRMED, SLOT, "confirmed", "paid")),
    ("bookings", booking(REFUND_DUE, LATER_SLOT, "cancelled", "refund_pending")),
    ("bookings", booking(HELD, LATER_SLOT, "held", "pending")),
    (
        "idempotency_keys",
        {"account_id": USER, "key": "k", "request_hash": "h", "booking_id": CONFIRMED, "created_at": NOW},
    ),
    ("payment_events", _event("one", CONFIRMED, "confirmed")),
    ("payment_events", _event("two", REFUND_DUE, "refund_due")),
    (
        "sandbox_checkouts",
        {
            "reference": "checkout-one",
            "booking_id": CONFIRMED,
            "amount_minor": 4500,
            "currency": "USD",
            "title": "Session",
            "when_words": "Monday",
            "expires_at": NOW,
            "state": "paid",
            "payment_reference": "money-one",
            "paid_at": NOW,
        },
    ),
]
_0003: Rows = [
    (
        "cancellation_policies",
        {"professional_id": PRO, "full_until_min": 60, "half_until_min": 30, "updated_at": NOW},
    ),
    ("payments", _payment(PAYMENT, CONFIRMED, "one")),
    ("payments", _payment(SECOND_PAYMENT, REFUND_DUE, "two")),
    (
        "refunds",
        {
            "id": REFUND,
            "booking_id": REFUND_DUE,
            "payment_id": SECOND_PAYMENT,
            "paid_minor": 4500,
            "amount_minor": 4500,
            "reason": "not_confirmed",
            "attempt": 1,
            "status": "done",
            "next_attempt_at": NOW,
            "created_at": NOW,
        },
    ),
    (
        "payees",
        {
            "professional_id": PRO,
            "gateway": "sandbox",
            "account_reference": "account",
            "state": "ready",
            "created_at": NOW,
            "updated_at": NOW,
        },
    ),
    (
        "sandbox_refunds",
        {
            "reference": "refund",
            "key": f"refund:{REFUND_DUE}:1",
            "payment_reference": "money-two",
            "amount_minor": 4500,
            "fee_returned_minor": 0,
            "state": "done",
            "asked_at": NOW,
        },
    ),
    ("sandbox_payees", {"reference": "account", "professional_id": PRO, "name": "Åsa", "onboarded_at": NOW}),
    (
        "stays",
        {"participant_sid": "PA_1", "booking_id": CONFIRMED, "role": "user", "joined_at": NOW, "last_seen_at": NOW},
    ),
    ("watches", {"id": UUID(int=51), "booking_id": CONFIRMED, "began_at": NOW, "until_at": NOW}),
    ("livekit_events", {"event_id": "EV_1", "received_at": NOW}),
]
_0004: Rows = [("sign_in_attempts", {"counted_for": b"\x01" * 32, "attempts": 3, "began_at": NOW})]
_0005: Rows = [
    (
        "call_quality",
        {
            "booking_id": CONFIRMED,
            "role": "user",
            "measured_s": 60,
            "own_rating": "good",
            "frozen_s": 0,
            "reduced_s": 0,
            "interruptions": 0,
            "reported_at": NOW,
        },
    )
]

_0008: Rows = [
    (
        "disputes",
        {
            "id": UUID(int=61),
            "gateway": "sandbox",
            "provider_reference": "dispute",
            "payment_id": PAYMENT,
            "booking_id": CONFIRMED,
            "amount_minor": 4500,
            "state": "open",
            "reason": "fraudulent",
            "opened_at": NOW,
            "restored_minor": 0,
        },
    ),
    (
        "ledger_differences",
        {
            "gateway": "sandbox",
            "payment_reference": "money-one",
            "kind": "refunds",
            "ours": "0",
            "theirs": "4500",
            "repaired": True,
            "first_found_at": NOW,
            "last_found_at": NOW,
        },
    ),
    (
        "sandbox_disputes",
        {
            "reference": "dispute",
            "payment_reference": "money-one",
            "amount_minor": 4500,
            "state": "open",
            "opened_at": NOW,
        },
    ),
    (
        "sandbox_transfers",
        {
            "key": "dispute:1:reversal",
            "payment_reference": "money-one",
            "kind": "reversal",
            "amount_minor": 4500,
            "fee_returned_minor": 0,
        },
    ),
]

_0009: Rows = [("search_texts", {"account_id": PRO, "text": "  asa  ogus\n  calm"})]

_0011: Rows = [
    (
        "attendance_decisions",
        {
            "booking_id": CONFIRMED,
            "absent": "professional",
            "judged_s": 2700,
            "kept_s": 61,
            "professional_there_s": 61,
            "user_there_s": 2700,
            "late_s": None,
            "unwatched_s": 0,
            "refund_minor": 4500,
            "decided_at": NOW,
            "decided_by": "rule",
            "open_until": NOW,
            "final_at": None,
        },
    ),
    (
        "attendance_objections",
        {"booking_id": CONFIRMED, "role": "user", "reason": "Nobody came.", "created_at": NOW},
    ),
]

_0012: Rows = [
    ("limit_counts", {"key": "password/00ff", "count": 3, "ends_at": NOW}),
    (
        "holds",
        {
            "booking_id": HELD,
            "professional_id": PRO,
            "user_id": USER,
            "line": b"\x01" * 16,
            "network": b"\x02" * 16,
            "made_at": NOW,
            "ends_at": NOW,
        },
    ),
]

_0013: Rows = [
    (
        "payouts",
        {
            "payment_id": PAYMENT,
            "booking_id": CONFIRMED,
            "professional_id": PRO,
            "gateway": "sandbox",
            "released_at": NOW,
            "due_at": None,
            "not_before": NOW,
            "attempt": 2,
            "asked_minor": -4050,
            "failures": 1,
            "hold": "refused",
            "failure": "insufficient_funds",
        },
    ),
]

ADDED = {
    "0001": _0001,
    "0002": _0002,
    "0003": _0003,
    "0004": _0004,
    "0005": _0005,
    "0006": [],
    "0007": [("worker_leases", {"task": "reconcile", "leased_until": NOW})],
    "0008": _0008,
    "0009": _0009,
    "0010": [],
    "0011": _0011,
    "0012": _0012,
    "0013": _0013,
}
"""What each revision adds, in the order in which rows refer to each other."""

DROPPED = {"sign_in_attempts": "0012"}
"""Tables that a later revision takes away, with what was in them."""

_TYPES: dict[type, Any] = {
    UUID: sa.Uuid(),
    datetime: UtcDateTime(),
    bool: sa.Boolean(),
    bytes: sa.LargeBinary(),
    int: sa.Integer(),
    str: sa.String(),
    type(None): sa.types.NULLTYPE,
}


def rows_until(revision: str) -> Rows:
    """Every row that a database of this revision can hold."""
    dropped = {table for table, since in DROPPED.items() if since <= revision}
    return [row for each, rows in ADDED.items() if each <= revision for row in rows if row[0] not in dropped]


def insert(connection: sa.Connection, table: str, row: dict[str, Any]) -> None:
    """Stores it."""
    connection.execute(sa.insert(_table(table, row)).values(_given(row)))


def change(connection: sa.Connection, table: str, row_id: UUID, **changes: Any) -> None:
    """Other values in a row."""
    named = _table(table, {"id": row_id} | changes)
    connection.execute(sa.update(named).where(named.c.id == row_id).values(_given(changes)))


def is_there(connection: sa.Connection, table: str, row: dict[str, Any]) -> bool:
    """Whether a row with exactly these values is stored; what is derived from others may be by another rule since."""
    row = {name: value for name, value in row.items() if name != "sort_name"}
    named = _table(table, row)
    same = [named.c[name].is_(None) if value is None else named.c[name] == value for name, value in row.items()]
    return connection.scalar(sa.select(sa.func.count()).select_from(named).where(*same)) == 1


def _given(row: dict[str, Any]) -> dict[str, Any]:
    return {name: sa.null() if value is None else value for name, value in row.items()}


def _table(name: str, row: dict[str, Any]) -> sa.TableClause:
    return sa.table(name, *(sa.column(each, _TYPES[type(value)]) for each, value in row.items()))
