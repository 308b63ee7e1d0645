"""Payouts, earnings and the cancellation policy of the fake backend's professional."""

import datetime as dt
from decimal import Decimal
from typing import Any

from app.api import models
from app.errors import Problem

LONGEST_MIN = 14 * 24 * 60
COUNTRIES = ("CH", "DE", "FR", "GB", "SE", "US")


class Paying:
    """Mixed into FakeApi. A test sets `payouts_state` (none, pending, ready, restricted) and `earned`."""

    base_url: str
    account_id: str
    people: dict[str, dict[str, Any]]

    def __init__(self) -> None:
        super().__init__()
        self.payouts_state = "ready"
        self.payouts_country: str | None = None
        self.minimum_price_minor = 100
        self.earned = models.Earnings(
            time_zone="Europe/Berlin",
            upcoming_minor=4050,
            paid_minor=12150,
            refunded_minor=4050,
            fees_minor=1800,
            weeks=(
                models.EarningsWeek(
                    week=dt.date(2026, 11, 16), upcoming_minor=0, paid_minor=12150, refunded_minor=4050, sessions=3
                ),
                models.EarningsWeek(
                    week=dt.date(2026, 11, 23), upcoming_minor=4050, paid_minor=0, refunded_minor=0, sessions=1
                ),
            ),
        )

    async def _enter(self, method: str, *arguments: object) -> None:
        raise NotImplementedError

    async def payouts(self) -> models.Payouts:
        await self._enter("payouts")
        return self._payouts()

    async def set_up_payouts(self, country: str | None = None) -> models.Payouts:
        """The page that it names is filled in by setting `payouts_state`."""
        await self._enter("set_up_payouts", *([country] if country else []))
        if self.payouts_country is None and country not in COUNTRIES:
            told = "Please choose the country in which you live and have your bank account."
            raise Problem("InvalidPayload", 422, told, fields={"country": told})
        self.payouts_country = self.payouts_country or country
        if self.payouts_state == "none":
            self.payouts_state = "pending"
        if self.payouts_state == "ready":
            dashboard = f"{self.base_url}/sandbox/payouts/{self.account_id}"
            return self._payouts().model_copy(update={"dashboard_url": dashboard})
        return self._payouts().model_copy(update={"url": f"{self.base_url}/sandbox/onboarding/{self.account_id}"})

    async def earnings(self, weeks: int = 12) -> models.Earnings:
        await self._enter("earnings", weeks)
        return self.earned.model_copy(update={"weeks": self.earned.weeks[-weeks:]})

    async def cancellation_policy(self) -> models.CancellationPolicy:
        await self._enter("cancellation_policy")
        return models.CancellationPolicy.model_validate(self.people[self.account_id]["cancellation_policy"])

    async def set_cancellation_policy(
        self, full_until_minutes: int, half_until_minutes: int
    ) -> models.CancellationPolicy:
        await self._enter("set_cancellation_policy", full_until_minutes, half_until_minutes)
        if not 0 <= half_until_minutes <= full_until_minutes <= LONGEST_MIN:
            told = "The deadline for half a refund cannot be earlier than the one for a full refund."
            raise Problem("InvalidPayload", 422, told, fields={"half_until_minutes": told})
        policy = {"full_until_minutes": full_until_minutes, "half_until_minutes": half_until_minutes}
        self.people[self.account_id]["cancellation_policy"] = policy
        return models.CancellationPolicy.model_validate(policy)

    def _payouts(self) -> models.Payouts:
        return models.Payouts(
            state=self.payouts_state,
            platform_fee_percent=Decimal(10),
            country=self.payouts_country,
            countries=COUNTRIES,
            minimum_price_minor=self.minimum_price_minor,
        )
