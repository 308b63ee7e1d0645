"""What a professional is paid: payouts, earnings, and the policy by which users get their money back."""

from app.api import models
from app.api.carrier import Carrier
from app.api.protocol import Request

POLICY = "/professional/cancellation-policy"


class PayoutsApi(Carrier):
    """What a professional is paid: payouts, earnings, and the policy by which users get their money back."""

    async def payouts(self) -> models.Payouts:
        """Whether this professional can be paid; asked of the provider while it is not so."""
        return await self._get(models.Payouts, Request("GET", "/professional/payouts"))

    async def set_up_payouts(self, country: str | None = None) -> models.Payouts:
        """Links made now: `url` is the page of the provider to go on with, `dashboard_url` that of payouts once all
        is set up. Offline when the provider is; Problem TooManyAttempts (429).

        `country` (ISO 3166-1 alpha-2) is needed the first time. Problem InvalidPayload, UnsupportedCountry with
        `fields`, PayoutsRefused.
        """
        body = {"country": country}
        return await self._get(models.Payouts, Request("POST", "/professional/payouts", body=body))

    async def earnings(self, weeks: int = 12) -> models.Earnings:
        """The last `weeks` (1..52) weeks of the professional's own zone, and what is to come."""
        return await self._get(models.Earnings, Request("GET", "/professional/earnings", {"weeks": weeks}))

    async def cancellation_policy(self) -> models.CancellationPolicy:
        """The policy of bookings made now."""
        return await self._get(models.CancellationPolicy, Request("GET", POLICY))

    async def set_cancellation_policy(
        self, full_until_minutes: int, half_until_minutes: int
    ) -> models.CancellationPolicy:
        """Minutes before the start, 0 to 20160, half not before full; holds for bookings made from now on.

        Problem InvalidPayload with `fields`.
        """
        body = {"full_until_minutes": full_until_minutes, "half_until_minutes": half_until_minutes}
        return await self._get(models.CancellationPolicy, Request("PUT", POLICY, body=body, repeatable=True))
