"""Payouts on the wire."""

from typing import Literal

from pydantic import BaseModel, ConfigDict


class PayoutsAnswer(BaseModel):
    """Whether a professional can be paid; `url` is the provider's page to go on with, good for some minutes."""

    model_config = ConfigDict(title="Payouts")

    state: Literal["none", "pending", "ready", "restricted"]
    url: str | None
    dashboard_url: str | None
    platform_fee_percent: str
