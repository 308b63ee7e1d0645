"""Slots on the wire, as their professional sees them."""

import datetime as dt
from typing import Annotated, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from backend.availability.rules import (
    MAX_REPEAT_WEEKS,
    SlotStatus,
    Span,
    Which,
    minutes_of_day,
    price_in_range,
    wall_end,
)
from backend.kit.clock import IsoDate
from backend.kit.money import CURRENCY, format_price
from backend.kit.text import JsonInt, Payload, plain_digits


def _wall_time(text: str) -> str:
    minutes_of_day(text)
    return plain_digits(text)


def _price(text: str) -> str:
    return format_price(price_in_range(text))


# For readers of the OpenAPI document; what is said to people comes from the rules.
_WALL_TIME = {"pattern": "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"}
_PRICE = {"pattern": r"^(([1-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9])(\.[0-9]{1,2})?|250(\.00?)?)$"}

WallTime = Annotated[
    str, Field(max_length=5, examples=["14:30"], json_schema_extra=_WALL_TIME), AfterValidator(_wall_time)
]


class NewSlot(Payload):
    """Wall times in the professional's own zone; an `end_time` of `24:00` is midnight, one before the start the next
    day's. `which` of two counts where the clocks go back and `start_time` comes twice.
    """

    date: IsoDate
    start_time: WallTime
    end_time: WallTime
    price: Annotated[str, Field(max_length=12, examples=["45.00"], json_schema_extra=_PRICE), AfterValidator(_price)]
    repeat_weeks: Annotated[JsonInt, Field(ge=0, le=MAX_REPEAT_WEEKS)] = 0
    which: Which = Which.FIRST


class SlotAnswer(BaseModel):
    """A slot: exact in UTC, and as wall time in `time_zone`."""

    model_config = ConfigDict(title="Slot")

    id: UUID
    starts_at: dt.datetime
    ends_at: dt.datetime
    time_zone: str
    date: dt.date
    start_time: str
    end_time: str
    price: str
    currency: str = CURRENCY
    status: SlotStatus

    @classmethod
    def of(cls, slot_id: UUID, span: Span, price_minor: int, zone: ZoneInfo, status: SlotStatus) -> Self:
        """The answer for a slot with this status."""
        starts_at = span.starts_at.astimezone(zone)
        return cls(
            id=slot_id,
            starts_at=span.starts_at,
            ends_at=span.ends_at,
            time_zone=zone.key,
            date=starts_at.date(),
            start_time=f"{starts_at:%H:%M}",
            end_time=wall_end(span, zone),
            price=format_price(price_minor),
            status=status,
        )


class LeftOutAnswer(BaseModel):
    """A date of a series on which a clock change skips the start; `detail` says so."""

    model_config = ConfigDict(title="LeftOut")

    date: dt.date
    detail: str


class NewSlotsAnswer(SlotAnswer):
    """The first slot, with the weekly repeats made beside it and the dates that have no such time."""

    model_config = ConfigDict(title="NewSlots")

    repeats: list[SlotAnswer] = []
    left_out: list[LeftOutAnswer] = []
