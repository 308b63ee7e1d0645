"""What every model of the wire stands on: instants, prices, pages."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Final, Generic, Literal, TypeVar

from pydantic import AfterValidator, AliasChoices, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

Role = Literal["professional", "user"]
"""Which of a session's two people somebody is."""
PROFESSIONAL: Final = "professional"
USER: Final = "user"

CURRENCY_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}


def money_words(price_minor: int, currency: str = "USD") -> str:
    """4500 -> "$45.00"; a currency without a known sign is named: "45.00 CHF"."""
    amount = f"{Decimal(price_minor) / 100:,.2f}"
    sign = CURRENCY_SIGNS.get(currency)
    return f"{sign}{amount}" if sign else f"{amount} {currency}"


def other_role(role: Role) -> Role:
    """Whom `role` meets."""
    return USER if role == PROFESSIONAL else PROFESSIONAL


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


class Priced(WireModel):
    """A price: decimal string `price` on the wire, integer minor units here."""

    price_minor: PriceMinor = Field(validation_alias=AliasChoices("price", "price_minor"))
    currency: str = "USD"

    @property
    def price_words(self) -> str:
        """The price for people, such as "$45.00"."""
        return money_words(self.price_minor, self.currency)


ItemT = TypeVar("ItemT")


class Page(WireModel, Generic[ItemT]):
    """One page of a list; `next_cursor` is None on the last."""

    items: tuple[ItemT, ...] = ()
    next_cursor: str | None = None


class Listed(WireModel, Generic[ItemT]):
    """A short list that never pages."""

    items: tuple[ItemT, ...] = ()
