"""Rows of calls' keys and messages, of notes and follow-ups, and of the operators' audit log."""

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
