"""Payouts on the wire."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from backend.kit.text import Payload


class PayoutsSetUp(Payload):
    """`country`: where the professional lives and has their bank account; only needed before it was chosen."""

    country: Annotated[str, Field(pattern="^[A-Z]{2}$", examples=["DE"], description="ISO 3166-1 alpha-2")] | None = (
        None
    )


class PayoutsAnswer(BaseModel):
    """Whether a professional can be paid. Links are made when they are asked for, by POST, and good for some minutes:
    `url` to the page to go on with, `dashboard_url` to the page of payouts of who can be paid.

    `country` is null until they have chosen one of `countries`. A price is from `minimum_price` to `maximum_price`.
    """

    model_config = ConfigDict(title="Payouts")

    state: Literal["none", "pending", "ready", "restricted"]
    url: str | None
    dashboard_url: str | None
    platform_fee_percent: str
    country: str | None
    countries: list[str]
    minimum_price: str
    maximum_price: str
