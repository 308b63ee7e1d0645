"""Bookings and free times on the wire."""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, WithJsonSchema, field_validator

from backend.auth.rules import Role
from backend.bookings.rules import Absent, BookingStatus, PaymentStatus
from backend.bookings.rules.cancellation import MAX_POLICY_MIN, Share
from backend.kit.money import parse_price
from backend.kit.text import JsonInt, Payload
from backend.payments.ports import RefundState
from backend.payments.rules import PayoutHold, RefundReason

When = Literal["upcoming", "past"]


def _amount(text: str) -> str:
    parse_price(text)
    return text


def _idempotency_key(key: str) -> str:
    if not 8 <= len(key) <= 128 or not all(" " <= letter <= "~" for letter in key):
        raise ValueError("An idempotency key is 8 to 128 printable characters.")
    return key


IdempotencyKey = Annotated[str, AfterValidator(_idempotency_key)]
# Left out or a string: a header cannot be null. White space around it is none of its value.
OptionalKey = Annotated[
    IdempotencyKey | None, WithJsonSchema({"type": "string", "pattern": "^[!-~][ -~]{6,126}[!-~]$"})
]


class BookSlot(Payload):
    """Which slot to hold."""

    slot_id: UUID


class CancelSession(Payload):
    """What the person was shown that cancelling gives back."""

    expected_refund: Annotated[
        str,
        Field(max_length=12, examples=["45.00"], json_schema_extra={"pattern": r"^[0-9]{1,9}(\.[0-9]{1,2})?$"}),
        AfterValidator(_amount),
    ]


class MoveSession(Payload):
    """The free slot that takes the place of the one that was booked."""

    slot_id: UUID


class SetPolicy(Payload):
    """A cancellation policy, in minutes before the start."""

    full_until_minutes: Annotated[JsonInt, Field(ge=0, le=MAX_POLICY_MIN)]
    half_until_minutes: Annotated[JsonInt, Field(ge=0, le=MAX_POLICY_MIN)]

    @field_validator("half_until_minutes")
    @classmethod
    def _in_order(cls, half: int, info: ValidationInfo) -> int:
        if half > info.data.get("full_until_minutes", MAX_POLICY_MIN):
            raise ValueError("The deadline for half a refund cannot be earlier than the one for a full refund.")
        return half


class BookedProfessionalAnswer(BaseModel):
    """Whom the session is with, as the user sees them."""

    model_config = ConfigDict(title="BookedProfessional")

    id: UUID
    name: str
    headline: str
    photo_url: str | None
    time_zone: str


class BookedUserAnswer(BaseModel):
    """Whom the session is with, as the professional sees them."""

    model_config = ConfigDict(title="BookedUser")

    id: UUID
    name: str


class DeadlinesAnswer(BaseModel):
    """Until when a user who cancels gets everything, and half of it; `at_most` is what rescheduling left of it."""

    model_config = ConfigDict(title="Deadlines")

    full_until: dt.datetime
    half_until: dt.datetime
    at_most: Share


class RefundAnswer(BaseModel):
    """What goes back of the payment in all; a `failed` one is being tried again, unless it is `stuck`."""

    model_config = ConfigDict(title="Refund")

    amount: str
    status: RefundState
    reason: RefundReason
    asked_at: dt.datetime
    settled_at: dt.datetime | None
    stuck: bool = False


class BookingAnswer(BaseModel):
    """A session, to either of its two people."""

    model_config = ConfigDict(title="Booking")

    id: UUID
    status: BookingStatus
    payment_status: PaymentStatus
    starts_at: dt.datetime
    ends_at: dt.datetime
    time_zone: str
    price: str
    currency: str
    professional: BookedProfessionalAnswer
    user: BookedUserAnswer
    slot_id: UUID
    hold_expires_at: dt.datetime | None
    checkout_url: str | None
    join_opens_at: dt.datetime
    join_closes_at: dt.datetime
    created_at: dt.datetime
    cancelled_at: dt.datetime | None = None
    cancelled_by: Role | None = None
    policy: DeadlinesAnswer | None = None
    reschedule_until: dt.datetime | None = None
    moved_from: dt.datetime | None = None
    absent: Absent | None = None
    refund: RefundAnswer | None = None
    dispute: Literal["open", "won", "lost"] | None = None


class CancellationAnswer(BaseModel):
    """What cancelling gives back now, and the last instant at which it still does."""

    model_config = ConfigDict(title="Cancellation")

    refund: str
    share: Share
    because: Literal["user_cancels", "professional_cancels"]
    full_until: dt.datetime
    half_until: dt.datetime
    changes_at: dt.datetime | None
    price: str
    currency: str


class PolicyAnswer(BaseModel):
    """A professional's cancellation policy, in minutes before the start."""

    model_config = ConfigDict(title="CancellationPolicy")

    full_until_minutes: int
    half_until_minutes: int


class FreeSlotAnswer(BaseModel):
    """A time that can be booked now."""

    model_config = ConfigDict(title="FreeSlot")

    id: UUID
    starts_at: dt.datetime
    ends_at: dt.datetime
    price: str
    currency: str


class FreeSlotsAnswer(BaseModel):
    """The free times of one date, as `time_zone` counts dates."""

    model_config = ConfigDict(title="FreeSlots")

    date: dt.date
    time_zone: str
    professional_time_zone: str
    items: list[FreeSlotAnswer]


class FreeDayAnswer(BaseModel):
    """How many times of this date are free."""

    model_config = ConfigDict(title="FreeDay")

    date: dt.date
    free: int


class FreeDaysAnswer(BaseModel):
    """The dates of a month that have free times."""

    model_config = ConfigDict(title="FreeDays")

    month: str
    time_zone: str
    days: list[FreeDayAnswer]


class OwnDayAnswer(BaseModel):
    """How many slots of this date there are, and how many of them are booked."""

    model_config = ConfigDict(title="OwnDay")

    date: dt.date
    slots: int
    booked: int


class OwnDaysAnswer(BaseModel):
    """The dates of a month on which the professional offers something, in their own zone."""

    model_config = ConfigDict(title="OwnDays")

    month: str
    time_zone: str
    days: list[OwnDayAnswer]


class EarnedWeekAnswer(BaseModel):
    """A week of the professional's own zone, by the start of its sessions; `week` is its Monday."""

    model_config = ConfigDict(title="EarnedWeek")

    week: dt.date
    upcoming: str
    paid: str
    refunded: str
    sessions: int


class EarningsAnswer(BaseModel):
    """Upcoming and paid: after the platform's fee. Refunded: what users get back. With `fees` all that they paid.

    Upcoming is paid out when the session is over and what was decided about it is final. `on_hold`: what of `paid`
    cannot be paid out just now, as the provider wants something of the professional's `account`, or has `refused`.
    """

    model_config = ConfigDict(title="Earnings")

    currency: str
    time_zone: str
    upcoming: str
    paid: str
    refunded: str
    fees: str
    on_hold: str
    on_hold_reason: PayoutHold | None
    weeks: list[EarnedWeekAnswer]
