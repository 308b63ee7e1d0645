"""What a professional earns, and whether it can be paid out."""

import datetime as dt
from decimal import Decimal

from pydantic import AliasChoices, Field

from app.api.models.wire import PriceMinor, WireModel


class Payouts(WireModel):
    """`state`: none, pending, ready or restricted. `url` is the provider's page to go on with, good for some minutes;
    `dashboard_url` its page of payouts; both only where a link was asked for. The fee is the platform's share of a
    price, in percent. `country` is the chosen one of `countries` (ISO 3166-1 alpha-2), None before. A price is from
    `minimum_price_minor` to `maximum_price_minor`.
    """

    state: str
    url: str | None = Field(None, repr=False)
    dashboard_url: str | None = Field(None, repr=False)
    platform_fee_percent: Decimal
    country: str | None = None
    countries: tuple[str, ...] = ()
    minimum_price_minor: PriceMinor = Field(100, validation_alias=AliasChoices("minimum_price", "minimum_price_minor"))
    maximum_price_minor: PriceMinor = Field(
        25_000, validation_alias=AliasChoices("maximum_price", "maximum_price_minor")
    )


class EarningsWeek(WireModel):
    """The week that begins on the Monday `week`, by its sessions' starts. Amounts are what the professional gets."""

    week: dt.date
    upcoming_minor: PriceMinor = Field(validation_alias=AliasChoices("upcoming", "upcoming_minor"))
    paid_minor: PriceMinor = Field(validation_alias=AliasChoices("paid", "paid_minor"))
    refunded_minor: PriceMinor = Field(validation_alias=AliasChoices("refunded", "refunded_minor"))
    sessions: int


class Earnings(WireModel):
    """`upcoming` is booked and not final, `paid` was paid out or is about to be, `refunded` returned to users.

    `on_hold` of `paid` cannot be paid out now, by `on_hold_reason`: `account` or `refused`. The weeks are of
    `time_zone`, oldest first, gaps included.
    """

    currency: str = "USD"
    time_zone: str
    upcoming_minor: PriceMinor = Field(validation_alias=AliasChoices("upcoming", "upcoming_minor"))
    paid_minor: PriceMinor = Field(validation_alias=AliasChoices("paid", "paid_minor"))
    refunded_minor: PriceMinor = Field(validation_alias=AliasChoices("refunded", "refunded_minor"))
    fees_minor: PriceMinor = Field(validation_alias=AliasChoices("fees", "fees_minor"))
    on_hold_minor: PriceMinor = Field(0, validation_alias=AliasChoices("on_hold", "on_hold_minor"))
    on_hold_reason: str | None = None
    weeks: tuple[EarningsWeek, ...] = ()
