"""Rows of mails, and of the codes that come with them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from tests.backend.migrations.building import CONFIRMED, NOW, USER

Rows = Sequence[tuple[str, dict[str, Any]]]

OUTBOX: Rows = [
    (
        "mails",
        {
            "id": UUID(int=71),
            "account_id": USER,
            "kind": "booked",
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
    ("mail_opt_outs", {"account_id": USER, "kind": "refund"}),
    ("sandbox_mails", {"message_id": "m@test", "address": "1@example.com", "received_at": NOW, "content": b"Mail"}),
]
CODES: Rows = [
    (
        "email_codes",
        {
            "account_id": USER,
            "purpose": "verify",
            "digest": b"\x02" * 32,
            "attempts": 0,
            "created_at": NOW,
            "expires_at": NOW,
        },
    ),
    ("reset_requests", {"id": UUID(int=72), "email": "1@example.com", "created_at": NOW}),
]
