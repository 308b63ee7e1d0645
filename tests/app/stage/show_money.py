"""Shows a professional's screens of money over the fake backend, to look at and to photograph.

    python -m tests.app.stage.show_money 8598

then open http://127.0.0.1:8598/earnings?moment=MOMENT (or /availability, /upcoming, /profile), a name of `MOMENTS`.
"""

import datetime as dt
import sys
from collections.abc import Callable
from urllib.parse import parse_qs, urlparse

import flet as ft

from app.api.models import Earnings, EarningsWeek
from app.components.design.theme import build_theme
from app.components.frame.page_events import page_events
from app.errors import Offline
from app.routes import SignedInRoutes
from app.state.core.services import SERVICES
from tests.app.stage.serving import show
from tests.app.stage.session_stage import services_of
from tests.fakes.api import NOW, FakeApi

FEE_MINOR, PRICE_MINOR = 450, 4_500
LAST_WEEK_AHEAD = 3


def earned_over(weeks: int, today: dt.date) -> Earnings:
    """Weeks of a practice that grows, with a holiday and a few refunds in them; three weeks ahead have bookings."""
    monday = today - dt.timedelta(days=today.weekday())
    shown = []
    for ago in range(weeks - 1, -LAST_WEEK_AHEAD - 1, -1):
        held = 0 if ago < 0 or ago % 9 == 4 else max(0, 9 - ago // 6 + (ago * 7) % 5 - 2)
        ahead = {0: 4, -1: 5, -2: 3, -3: 1}.get(ago, 0)
        refunds = 1 if ago in (2, 7, 19, 33) else 0
        left = PRICE_MINOR - FEE_MINOR
        shown.append(
            EarningsWeek(
                week=monday - ago * dt.timedelta(weeks=1),
                upcoming_minor=ahead * left,
                paid_minor=held * left,
                refunded_minor=refunds * PRICE_MINOR,
                sessions=held + ahead,
            )
        )
    return Earnings(
        time_zone="Europe/Berlin",
        upcoming_minor=sum(week.upcoming_minor for week in shown),
        paid_minor=sum(week.paid_minor for week in shown),
        refunded_minor=sum(week.refunded_minor for week in shown),
        fees_minor=sum(week.sessions for week in shown) * FEE_MINOR,
        weeks=tuple(shown),
    )


class ShownApi(FakeApi):
    """Earns as `earned_over` says; `nothing` does not."""

    nothing = False

    async def earnings(self, weeks: int = 12) -> Earnings:
        await self._enter("earnings", weeks)
        earned = earned_over(weeks, self.now.date())
        if not self.nothing:
            return earned
        none = {"upcoming_minor": 0, "paid_minor": 0, "refunded_minor": 0}
        empty = tuple(week.model_copy(update=none | {"sessions": 0}) for week in earned.weeks[:weeks])
        return earned.model_copy(update=none | {"fees_minor": 0, "weeks": empty})


def new(state: str) -> Callable[[ShownApi], None]:
    def act(api: ShownApi) -> None:
        api.payouts_state, api.nothing = state, True

    return act


def offline(api: ShownApi) -> None:
    for method in ("earnings", "payouts"):
        api.fail[method] = Offline()


def restricted(api: ShownApi) -> None:
    api.payouts_state = "restricted"
    api.add_slot("slot-1", NOW + dt.timedelta(hours=3))
    api.add_booking("booking-1", "slot-1")


def loading(api: ShownApi) -> None:
    for method in ("earnings", "payouts"):
        api.hold(method)


MOMENTS: dict[str, Callable[[ShownApi], None]] = {
    "earning": lambda api: None,
    "new": new("none"),
    "pending": new("pending"),
    "ready": new("ready"),
    "restricted": restricted,
    "offline": offline,
    "loading": loading,
}


def main(page: ft.Page) -> None:
    api = ShownApi(NOW)
    api.add_professional()
    MOMENTS[parse_qs(urlparse(page.route).query).get("moment", ["earning"])[0]](api)
    page.theme, page.dark_theme = build_theme(dark=False), build_theme(dark=True)
    page.padding = 0
    page_events(page)
    services = services_of(api, "professional")
    page.render_views(lambda: SERVICES(services, lambda: SignedInRoutes(professional=True)))


if __name__ == "__main__":
    show(main, int(sys.argv[1]))
