"""Bookings and free times on the wire."""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict

from backend.bookings.rules import BookingStatus, PaymentStatus
from backend.kit.text import Payload

When = Literal["upcoming", "past"]


def _idempotency_key(key: str) -> str:
    if not 8 <= len(key) <= 128 or not all(" " <= letter <= "~" for letter in key):
        raise ValueError("An idempotency key is 8 to 128 printable characters.")
    return key


IdempotencyKey = Annotated[str, AfterValidator(_idempotency_key)]


class BookSlot(Payload):
    """Which slot to hold."""

    slot_id: UUID


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
