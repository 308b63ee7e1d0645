"""What a mail tells, as it was when it happened: the outbox keeps it as JSON until the mail is written and sent."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Facts(BaseModel):
    """Of one mail. Unknown fields pass: another backend of another release may have written them."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Reader(Facts):
    """Whom a mail is for: `time_zone` is an IANA name, `language` a tag such as "en-GB" (BCP 47)."""

    account_id: UUID
    email: str
    name: str
    professional: bool
    time_zone: str
    language: str = ""


class CodeFacts(Facts):
    """A code to type; `minutes`: for how long it is good."""

    code: str
    minutes: int


class ChangeCodeFacts(CodeFacts):
    """A code for a new address. `taken`: another account has it, whose owner is told so, and not the code."""

    taken: bool = False


class SessionFacts(Facts):
    """A booking as the mail's reader sees it. `sequence`: the revision of its calendar event (RFC 5545, 3.8.7.4).

    Money is in cents: `refund_minor` comes back to the user. `by`: who cancelled or moved it.
    """

    booking_id: UUID
    other: str
    starts_at: datetime
    ends_at: datetime
    price_minor: int
    sequence: int = 0
    refund_minor: int = 0
    by: Literal["user", "professional"] | None = None
    moved_from: datetime | None = None


class RefundFacts(Facts):
    """Money on its way back to a user. `waits`: it failed at the bank, and is sent again."""

    booking_id: UUID
    other: str
    starts_at: datetime
    refund_minor: int
    done: bool


class FollowUpFacts(Facts):
    """The professional sent something after a session, with so many files. What it says, and what the files are called,
    stands in the session, and in no mail.
    """

    booking_id: UUID
    other: str
    starts_at: datetime
    files: int = 0


class SignInFacts(Facts):
    """Somebody signed in with the password."""

    at: datetime


class EmailChangedFacts(Facts):
    """The account has another address."""

    at: datetime


class SecondFactorFacts(Facts):
    """The account asks for its password alone from now on. `by_operator`: not its person did that."""

    at: datetime
    by_operator: bool = False


FACTS: dict[str, type[Facts]] = {
    "verify_code": CodeFacts,
    "reset_code": CodeFacts,
    "booked": SessionFacts,
    "new_booking": SessionFacts,
    "moved": SessionFacts,
    "cancelled": SessionFacts,
    "reminder_day": SessionFacts,
    "reminder_soon": SessionFacts,
    "refund": RefundFacts,
    "follow_up": FollowUpFacts,
    "new_sign_in": SignInFacts,
    "change_code": ChangeCodeFacts,
    "email_changed": EmailChangedFacts,
    "second_factor_off": SecondFactorFacts,
}
