"""Whether a professional can be paid, and the way there: the provider's page, and what comes of it."""

import datetime as dt
from dataclasses import dataclass

import flet as ft

from app.api.models import Payouts
from app.errors import AppError
from app.state.core.fetching import Fetching
from app.state.core.services import Services
from app.state.payouts.countries import country_of_zone
from app.state.payouts.payout_words import PayoutWords, payout_words, why_not_publish

OPENED_POLL_S = 3.0
UNREADY_POLL_S = 20.0
READY_POLL_S = 600.0
FRESH_LINK_S = 60.0
URL_GOOD_FOR = dt.timedelta(minutes=2)
"""The provider's links die within minutes; an older one is fetched again before anybody presses it."""


@ft.observable
@dataclass(eq=False)
class PayoutSetup(Fetching):
    """`known` is None until the first answer; `error` says why the last poll failed.

    `chosen` is the country picked here and not sent yet. `page_url` is where the set-up goes on; `opened` says that it
    was opened from here and is not finished yet; `just_ready` that it was finished while this was polling; `page_error`
    why the page could not be had when it was asked for. Kept in the session: several screens show it.
    """

    known: Payouts | None = None
    page_url: str = ""
    page_error: str = ""
    chosen: str = ""
    opened: bool = False
    just_ready: bool = False
    asking: bool = False
    _url_from: dt.datetime | None = None

    @classmethod
    def of(cls, services: Services) -> "PayoutSetup":
        """The session's own one of whoever is signed in."""
        return services.kept(cls, lambda: cls(services))

    @property
    def state(self) -> str:
        """none | pending | ready | restricted; empty while it is not known."""
        return self.known.state if self.known else ""

    @property
    def is_ready(self) -> bool:
        return self.state == "ready"

    @property
    def is_wanted(self) -> bool:
        """Whether something is to be done before hours can be offered, as far as is known."""
        return self.known is not None and not self.is_ready

    @property
    def country(self) -> str:
        """Where the professional is paid: chosen here, or before, or where their clock is; empty where that is none."""
        known = self.known
        if known is None:
            return ""
        return self.chosen or known.country or country_of_zone(self.services.zone.key, known.countries)

    @property
    def may_choose(self) -> bool:
        """The account keeps its country, so it is asked for until somebody went on to the provider's page."""
        return self.state == "none" and not self.page_url

    def choose(self, country: str) -> None:
        """Picks a country."""
        self.chosen, self.page_error = country, ""

    @property
    def words(self) -> PayoutWords:
        return payout_words(self.state, self.opened)

    @property
    def why_not_publish(self) -> str:
        """Why no hour can be offered; empty when one can, and while nothing is known: then the backend judges."""
        return why_not_publish(self.state) if self.is_wanted else ""

    async def poll(self) -> float:
        """Asks again; returns the seconds until the next poll: sooner where the link to the provider's
        page of payouts stands, which does not live long and goes with that look.
        """
        shows_dashboard = self.known is not None and self.known.dashboard_url is not None
        await self.refresh()
        if self.opened and self._url_is_old():
            await self.refresh_link()
        if self.is_ready:
            return FRESH_LINK_S if shows_dashboard else READY_POLL_S
        return OPENED_POLL_S if self.opened else UNREADY_POLL_S

    async def refresh(self) -> None:
        """Fetches the state; what is shown stays until the answer is there."""
        await self.fetch(self.services.api.payouts, self._take, is_shown=lambda: self.known is not None)

    async def set_up(self) -> str | None:
        """Asks for the provider's page. Its address; None when that failed (`page_error`) or nothing is left to do."""
        if self.asking:
            return None
        self.page_error = await self._fetch_page()
        self.opened = bool(self.page_url)
        return self.page_url or None

    async def see_payouts(self) -> str | None:
        """A link to the provider's page of payouts, made now; None when it cannot be had, and `page_error` says why."""
        if self.asking:
            return None
        self.page_error = await self._fetch_page()
        return self.known.dashboard_url if self.known and not self.page_error else None

    def used_dashboard(self) -> None:
        """The link was opened, and is used up by that."""
        if self.known is not None:
            self.known = self.known.model_copy(update={"dashboard_url": None})

    def acknowledge(self) -> None:
        """The person went on: that payouts are set up is no news any more."""
        self.just_ready = False

    async def reopen(self) -> None:
        """The page was opened by its link, which is used up by that."""
        self.opened = True
        await self.refresh_link()

    async def refresh_link(self) -> None:
        """A fresh link to the provider's page, because each is good once and for minutes."""
        await self._fetch_page()  # unasked for: when it fails, the old link stays, and the next poll asks again

    async def _fetch_page(self) -> str:
        """What went wrong, or nothing."""
        self.asking = True
        try:
            answer = await self.services.api.set_up_payouts(self.country or None)
        except AppError as error:
            return error.detail
        finally:
            self.asking = False
        self.requests.outdate()
        self._take(answer)
        self.page_url, self._url_from = answer.url or "", self.services.now()
        return ""

    def _url_is_old(self) -> bool:
        return self._url_from is None or self.services.now() - self._url_from > URL_GOOD_FOR

    def _take(self, answer: Payouts) -> None:
        ready = answer.state == "ready"
        self.just_ready = ready and (self.just_ready or self.is_wanted)
        self.known, self.error = answer, ""
        if ready:
            self.opened, self.page_url = False, ""
