"""Rows for every table of every revision, past every rule of the code: what an older release left behind."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from tests.backend.migrations import later_rows, mail_rows
from tests.backend.migrations.building import (
    CONFIRMED,
    HELD,
    LATER_SLOT,
    NOW,
    PAYMENT,
    PRO,
    REFUND,
    REFUND_DUE,
    SECOND_PAYMENT,
    SLOT,
    USER,
    WITHDRAWN_SLOT,
    account,
    booking,
    event,
    payment,
    slot,
)

Rows = Sequence[tuple[str, dict[str, Any]]]

_0001: Rows = [
    ("accounts", account(PRO, "professional")),
    ("accounts", account(USER, "user")),
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
    ("payment_events", event("one", CONFIRMED, "confirmed")),
    ("payment_events", event("two", REFUND_DUE, "refund_due")),
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
    ("payments", payment(PAYMENT, CONFIRMED, "one")),
    ("payments", payment(SECOND_PAYMENT, REFUND_DUE, "two")),
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

_0014: Rows = [
    ("call_joins", {"booking_id": CONFIRMED, "role": "user", "join_id": "a" * 32, "joined_at": NOW}),
]

_0015: Rows = [
    ("handles", {"handle": "nora", "professional_id": PRO, "is_current": False, "chosen_at": NOW}),
    ("handles", {"handle": "nora-berg", "professional_id": PRO, "is_current": True, "chosen_at": NOW}),
    ("handles", {"handle": "gone", "professional_id": None, "is_current": True, "chosen_at": NOW}),
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
    "0014": _0014,
    "0015": _0015,
    "0016": mail_rows.OUTBOX,
    "0017": mail_rows.CODES,
    "0020": later_rows.KEYS,
    "0021": later_rows.MESSAGES,
    "0030": later_rows.AUDIT,
    "0050": later_rows.AROUND,
    "0060": later_rows.SECOND_FACTORS,
    "0070": later_rows.FILES,
    "0080": later_rows.RECORDINGS,
}
"""What each revision adds, in the order in which rows refer to each other."""

DROPPED = {"sign_in_attempts": "0012"}
"""Tables that a later revision takes away, with what was in them."""


def rows_until(revision: str) -> Rows:
    """Every row that a database of this revision can hold."""
    dropped = {table for table, since in DROPPED.items() if since <= revision}
    return [row for each, rows in ADDED.items() if each <= revision for row in rows if row[0] not in dropped]
