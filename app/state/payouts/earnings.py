"""What a professional earns, week by week: what the earnings screen shows."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from zoneinfo import ZoneInfo

import flet as ft

from app.api.models import Earnings
from app.state.core.fetching import Fetching, Phase
from app.state.core.wall_time import zone_or

RANGES = (12, 26, 52)
POLL_S = 30.0


@ft.observable
@dataclass(eq=False)
class OwnEarnings(Fetching):
    """`weeks` is the chosen range, one of RANGES. A range once seen is shown at once, and checked.

    `phase` is the chosen range's. `error` beside a shown range says why it may be old.
    """

    weeks: int = RANGES[0]
    seen: Mapping[int, Earnings] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def shown(self) -> Earnings | None:
        """The chosen range, once it is there."""
        return self.seen.get(self.weeks)

    @property
    def zone(self) -> ZoneInfo:
        """The professional's own, in which weeks begin."""
        account = self.services.account.account
        name = self.shown.time_zone if self.shown else account.time_zone if account else ""
        return zone_or(name, self.services.zone)

    @property
    def today(self) -> dt.date:
        return self.services.now().astimezone(self.zone).date()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was earned, booked or refunded at all."""
        shown = self.shown
        if shown is None:
            return False
        amounts = (shown.upcoming_minor, shown.paid_minor, shown.refunded_minor, shown.fees_minor)
        return not any(amounts) and not any(week.sessions for week in shown.weeks)

    async def poll(self) -> float:
        """Fetches the chosen range; returns the seconds until the next poll."""
        await self.refresh()
        return POLL_S

    async def choose(self, weeks: int) -> None:
        """Shows another range."""
        self.weeks, self.error = weeks, ""
        self.phase = Phase.READY if self.shown else Phase.LOADING
        await self.refresh()

    async def refresh(self) -> None:
        """Fetches the chosen range again; what is on the screen stays until the answer is there."""
        weeks = self.weeks

        def take(answer: Earnings) -> None:
            self.seen = MappingProxyType({**self.seen, weeks: answer})

        await self.fetch(
            lambda: self.services.api.earnings(weeks),
            take,
            what=weeks,
            is_wanted=lambda: weeks == self.weeks,
            is_shown=lambda: self.shown is not None,
        )
