"""Payouts on the wire."""

from typing import Literal

from pydantic import BaseModel, ConfigDict


class PayoutsAnswer(BaseModel):
    """Whether a professional can be paid. Links are made when they are asked for, by POST, and good for some minutes:
    `url` to the page to go on with, `dashboard_url` to the page of payouts of who can be paid.
    """

    model_config = ConfigDict(title="Payouts")

    state: Literal["none", "pending", "ready", "restricted"]
    url: str | None
    dashboard_url: str | None
    platform_fee_percent: str
