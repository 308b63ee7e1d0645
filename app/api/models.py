"""What the backend answers (docs/api.md), read tolerantly: unknown fields pass, unknown enum values stay strings."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, AliasChoices, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

CURRENCY_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}


def money_words(price_minor: int, currency: str = "USD") -> str:
    """4500 -> "$45.00"; a currency without a known sign is named: "45.00 CHF"."""
    amount = f"{Decimal(price_minor) / 100:,.2f}"
    sign = CURRENCY_SIGNS.get(currency)
    return f"{sign}{amount}" if sign else f"{amount} {currency}"


def _minor_units(value: Any) -> Any:
    """The wire's decimal string "45.00" as 4500; an int is taken as minor units already."""
    if isinstance(value, str):
        return int((Decimal(value) * 100).to_integral_exact())
    return value


def _utc(value: dt.datetime) -> dt.datetime:
    return value.astimezone(dt.UTC)


def _wall_time(value: Any) -> Any:
    """Midnight at a slot's end is "24:00" on the wire, which `datetime.time` cannot hold: it reads as 00:00."""
    return "00:00" if value == "24:00" else value


Instant = Annotated[AwareDatetime, AfterValidator(_utc)]
PriceMinor = Annotated[int, BeforeValidator(_minor_units)]
WallTime = Annotated[dt.time, BeforeValidator(_wall_time)]


class WireModel(BaseModel):
    """Frozen, so that a model can be a memoised component's argument and a set's member."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


class Account(WireModel):
    """Whoever is signed in. `role` is "professional" or "user"."""

    id: str
    role: str
    email: str
    name: str
    time_zone: str

    @property
    def is_professional(self) -> bool:
        return self.role == "professional"


class SignedIn(WireModel):
    token: str = Field(repr=False)
    expires_at: Instant
    account: Account


class DemoPerson(WireModel):
    """Someone who can be signed in with one click; only a demo backend names them."""

    role: str
    name: str
    email: str
    password: str = Field(repr=False)


class Category(WireModel):
    id: str
    label: str


class _Priced(WireModel):
    """A price: decimal string `price` on the wire, integer minor units here."""

    price_minor: PriceMinor = Field(validation_alias=AliasChoices("price", "price_minor"))
    currency: str = "USD"

    @property
    def price_words(self) -> str:
        """The price for people, such as "$45.00"."""
        return money_words(self.price_minor, self.currency)


class ProfessionalCard(WireModel):
    """One result of the search. `photo_url` is a path on the backend (`ApiClient.photo_url` makes it absolute)."""

    id: str
    name: str
    headline: str = ""
    category: str | None = None
    category_label: str | None = None
    photo_url: str | None = None
    time_zone: str
    from_price_minor: PriceMinor | None = Field(None, validation_alias=AliasChoices("from_price", "from_price_minor"))
    currency: str = "USD"
    next_free_at: Instant | None = None

    @property
    def from_price_words(self) -> str:
        """The lowest price for people, such as "$45.00"; empty when nothing is offered."""
        return "" if self.from_price_minor is None else money_words(self.from_price_minor, self.currency)


class Professional(ProfessionalCard):
    about: str = ""


class Slot(_Priced):
    """A published time. `date` and the times are wall times in `time_zone`; `status`: free, held or booked."""

    id: str
    starts_at: Instant
    ends_at: Instant
    time_zone: str
    date: dt.date
    start_time: WallTime
    end_time: WallTime
    status: str


class NewSlots(Slot):
    """The slot just made, and its weekly repeats."""

    repeats: tuple[Slot, ...] = ()


class SlotDay(WireModel):
    """A day of the professional's month: how many slots it has and how many of them are booked."""

    date: dt.date
    slots: int
    booked: int = 0


class OwnDays(WireModel):
    month: str
    time_zone: str
    days: tuple[SlotDay, ...] = ()


class FreeSlot(_Priced):
    id: str
    starts_at: Instant
    ends_at: Instant


class FreeSlots(WireModel):
    """The free slots of `date`, read in `time_zone`."""

    date: dt.date
    time_zone: str
    professional_time_zone: str
    items: tuple[FreeSlot, ...] = ()


class FreeDay(WireModel):
    date: dt.date
    free: int


class FreeDays(WireModel):
    month: str
    time_zone: str
    days: tuple[FreeDay, ...] = ()


class ProfessionalParty(WireModel):
    """The professional of a booking."""

    id: str
    name: str
    headline: str = ""
    photo_url: str | None = None
    time_zone: str


class UserParty(WireModel):
    """The user of a booking."""

    id: str
    name: str


class Booking(_Priced):
    """A session. `status` and `payment_status` as in docs/api.md; an unknown value stays readable."""

    id: str
    status: str
    payment_status: str
    starts_at: Instant
    ends_at: Instant
    time_zone: str
    professional: ProfessionalParty
    user: UserParty
    slot_id: str
    hold_expires_at: Instant | None = None
    checkout_url: str | None = None
    join_opens_at: Instant
    join_closes_at: Instant
    created_at: Instant


class CallLink(WireModel):
    """What one participant needs to join. Never logged, never part of a route."""

    session_id: str
    room_name: str
    livekit_url: str
    access_token: str = Field(repr=False)
    participant_identity: str
    participant_role: str
    call_url: str = Field(repr=False)


class Presence(WireModel):
    """The roles that are in the room now."""

    present: tuple[str, ...] = ()


ItemT = TypeVar("ItemT")


class Page(WireModel, Generic[ItemT]):
    """One page of a list; `next_cursor` is None on the last."""

    items: tuple[ItemT, ...] = ()
    next_cursor: str | None = None


class Listed(WireModel, Generic[ItemT]):
    """A short list that never pages."""

    items: tuple[ItemT, ...] = ()
