"""Searching professionals: what BrowseProfessionals shows. Kept in the session: coming back finds it as it was."""

import asyncio
import contextlib
from dataclasses import dataclass, field
from functools import partial

import flet as ft

from app.api.models import Booking, Category, Page, ProfessionalCard
from app.errors import AppError
from app.state.bookings.start_window import is_ahead
from app.state.core.fetching import Fetching, Phase
from app.state.core.hooks import Ref
from app.state.core.paging import first_that
from app.state.core.wall_time import day_words, time_words

PAGE_SIZE = 20
LARGEST_PAGE = 100  # that the backend gives
DEBOUNCE_S = 0.25


@ft.observable
@dataclass(eq=False)
class Browsing(Fetching):
    """`searching` says that the shown cards are not yet those of `q` and `category`. `scroll` is how far down the list
    stands, in logical pixels; changing it draws nothing.
    """

    debounce_s: float = DEBOUNCE_S
    q: str = ""
    category: str | None = None
    categories: tuple[Category, ...] = ()
    items: tuple[ProfessionalCard, ...] = ()
    more: bool = False
    loading_more: bool = False
    searching: bool = False
    next: Booking | None = None
    scroll: Ref[float] = field(default_factory=lambda: Ref(0.0))
    _cursor: str | None = None
    _polling: bool = False

    @property
    def is_filtered(self) -> bool:
        return bool(self.q.strip() or self.category)

    @property
    def category_label(self) -> str:
        return next((each.label for each in self.categories if each.id == self.category), "")

    async def refresh(self) -> None:
        """The same search again, with what is not there yet; what is shown stays until the answer is there."""
        await asyncio.gather(self._load_categories(), self._load_next(), self._fetch())

    async def poll(self) -> None:
        """As `refresh`, without a sign of it, for nobody has asked; as many as are shown stay there."""
        quiet = self.phase is Phase.READY and not self.searching
        await asyncio.gather(self._load_categories(), self._load_next(), self._fetch(quiet))

    async def search(self, text: str) -> None:
        """Filters by `text` once typing pauses; the answer of an older text is dropped."""
        self.q = text
        self.searching = True
        mine = self.requests.start()
        await asyncio.sleep(self.debounce_s)
        if self.requests.is_newest(mine):
            self.scroll.current = 0.0
            await self._fetch()

    async def choose(self, category: str | None) -> None:
        """Filters by one category; None shows every one."""
        self.category = category
        self.scroll.current = 0.0
        await self._fetch()

    async def clear(self) -> None:
        """Back to everybody."""
        self.q = ""
        await self.choose(None)

    async def load_more(self) -> None:
        """The next page, if there is one and nothing is under way."""
        if not self.more or self.loading_more or self.searching or self._polling:
            return
        self.loading_more, self.error = True, ""
        shown = self.items
        try:
            page = await self._ask(self._cursor)
        except AppError as error:
            self.error = error.detail
        else:
            if self.items is shown and not self.searching:  # not of an older search
                known = {each.id for each in self.items}
                self._show(self.items + tuple(each for each in page.items if each.id not in known), page)
        finally:
            self.loading_more = False

    async def _fetch(self, quiet: bool = False) -> None:
        mine = self.requests.start()
        self.searching, self._polling = not quiet, quiet
        if not self.items and not quiet:
            self.phase = Phase.LOADING
        try:
            await self.fetch(
                lambda: self._ask_shown() if quiet else self._ask(None),
                lambda page: self._show(page.items, page),
                is_shown=lambda: bool(self.items),
                number=mine,
            )
        finally:
            if self.requests.is_newest(mine):
                self.searching = self._polling = False

    async def _ask(self, cursor: str | None, limit: int = PAGE_SIZE) -> Page[ProfessionalCard]:
        return await self.services.api.professionals(
            q=self.q.strip(), category=self.category, cursor=cursor, limit=limit
        )

    async def _ask_shown(self) -> Page[ProfessionalCard]:
        wanted = max(len(self.items), PAGE_SIZE)
        page = await self._ask(None, min(wanted, LARGEST_PAGE))
        items = page.items
        while page.next_cursor and len(items) < wanted:
            page = await self._ask(page.next_cursor, min(wanted - len(items), LARGEST_PAGE))
            items += page.items
        return page.model_copy(update={"items": items})

    def _show(self, items: tuple[ProfessionalCard, ...], page: Page[ProfessionalCard]) -> None:
        self._cursor = page.next_cursor
        self.more = page.next_cursor is not None
        self.items, self.error = items, ""

    async def _load_categories(self) -> None:
        if not self.categories:
            with contextlib.suppress(AppError):  # the search works without chips, and the next refresh asks again
                self.categories = await self.services.api.categories()

    async def _load_next(self) -> None:
        account = self.services.account.account
        if account is None or account.is_professional:
            return
        with contextlib.suppress(AppError):  # My sessions shows them, and says what is wrong
            upcoming, now = partial(self.services.api.my_bookings, "upcoming"), self.services.now()
            self.next = await first_that(upcoming, lambda booking: is_ahead(booking, now))  # holds may stand before it

    def next_free_words(self, card: ProfessionalCard) -> str:
        """ "Next free today 14:30", in the viewer's zone; says so when there is nothing."""
        if card.next_free_at is None:
            return "No free times now"
        zone = self.services.zone
        day = day_words(card.next_free_at, zone, self.services.now())
        return f"Next free {day.lower() if day in ('Today', 'Tomorrow') else day} {time_words(card.next_free_at, zone)}"
