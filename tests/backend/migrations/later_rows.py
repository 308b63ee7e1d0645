"""Rows of calls' keys and messages, and of the operators' audit log."""

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
