"""Rows of calls' keys and messages, of notes, follow-ups and their files, of the audit log, and of second factors."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from tests.backend.migrations.building import CONFIRMED, NOW, PRO, USER

Rows = Sequence[tuple[str, dict[str, Any]]]

AUDIT: Rows = [
    (
        "audit_entries",
        {
            "id": UUID(int=300),
            "at": NOW,
            "operator": "ada",
            "action": "block",
            "subject": PRO,
            "reason": "Asked people to pay outside.",
            "result": "blocked",
        },
    ),
]

AROUND: Rows = [
    (
        "private_notes",
        {"booking_id": CONFIRMED, "account_id": USER, "text": "Likes Bach", "version": 1, "updated_at": NOW},
    ),
    ("follow_ups", {"booking_id": CONFIRMED, "account_id": PRO, "text": "Thank you", "sent_at": NOW}),
    (
        "mails",
        {
            "id": UUID(int=73),
            "account_id": USER,
            "kind": "follow_up",
            "about": CONFIRMED,
            "version": 0,
            "reader": "{}",
            "facts": "{}",
            "status": "sent",
            "attempts": 1,
            "next_attempt_at": NOW,
            "created_at": NOW,
        },
    ),
]

KEYS: Rows = [("call_keys", {"booking_id": CONFIRMED, "key": "k" * 43, "expires_at": NOW})]

MESSAGES: Rows = [
    (
        "call_messages",
        {
            "booking_id": CONFIRMED,
            "id": UUID(int=21),
            "account_id": USER,
            "role": "user",
            "text": "Hello",
            "sent_at": NOW,
        },
    )
]


SECOND_FACTORS: Rows = [
    (
        "second_factors",
        {"account_id": PRO, "secret": b"\x03" * 60, "last_step": 59_000_000, "created_at": NOW, "on_since": NOW},
    ),
    ("recovery_codes", {"account_id": PRO, "digest": b"\x04" * 32}),
    (
        "email_codes",
        {
            "account_id": PRO,
            "purpose": "change",
            "digest": b"\x05" * 32,
            "new_email": "new@example.com",
            "attempts": 0,
            "created_at": NOW,
            "expires_at": NOW,
        },
    ),
]

FILES: Rows = [
    (
        "follow_up_files",
        {
            "booking_id": CONFIRMED,
            "id": UUID(int=81),
            "account_id": PRO,
            "position": 1,
            "name": "خطة plan.pdf",
            "size": 4,
            "digest": b"\x06" * 32,
            "created_at": NOW,
            "sent_at": NOW,
        },
    ),
    ("follow_up_pieces", {"booking_id": CONFIRMED, "file_id": UUID(int=81), "number": 0, "content": b"%PDF"}),
]

RECORDINGS: Rows = [
    (
        "recordings",
        {
            "booking_id": CONFIRMED,
            "ask_id": UUID(int=91),
            "asked_by": "professional",
            "answer": "agreed",
            "asked_at": NOW,
            "answered_at": NOW,
            "began_at": NOW,
            "withdrawn_at": None,
            "ended_at": None,
            "first_told_at": NOW,
        },
    )
]
