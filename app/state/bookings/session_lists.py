"""A person's sessions, coming or past: what UpcomingSessions and UpcomingUserSessions show, for either role."""

import asyncio
import datetime as dt
from dataclasses import dataclass, field
from itertools import groupby
from zoneinfo import ZoneInfo

import flet as ft

from app.api.models import PROFESSIONAL, Booking, Page, Role, other_role
from app.errors import AppError
from app.state.bookings.start_window import hold_left_s, is_ahead, start_window
from app.state.core.fetching import Fetching, Phase
from app.state.core.wall_time import day_words

PAGE_SIZE = 20
LARGEST_PAGE = 100
IDLE_POLL_S = 20.0
WAITING_POLL_S = 6.0  # the room is open: whether the other has come matters now
LONG_AGO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
RETRY_MORE_S = 2.0  # every scroll near the end asks for more; after a failure only one now and then gets through
PAYING_POLL_S = 3.0  # the person comes back from the payment page and wants to see it


@dataclass(frozen=True)
class SessionDay:
    """The sessions of one day in the viewer's zone, in the list's order; `words` reads "Today" or "Tue 24 Nov"."""

    date: dt.date
    words: str
    sessions: tuple[Booking, ...]


def by_day(bookings: tuple[Booking, ...], zone: ZoneInfo, now: dt.datetime) -> tuple[SessionDay, ...]:
    """Groups a list that is ordered by start (either way) into its days, keeping the order."""
    days = groupby(bookings, key=lambda each: each.starts_at.astimezone(zone).date())
    grouped = ((date, tuple(each)) for date, each in days)
    return tuple(SessionDay(date, day_words(each[0].starts_at, zone, now), each) for date, each in grouped)


@ft.observable
@dataclass(eq=False)
class SessionList(Fetching):
    """One list.

    `more` says that an older or later page exists. `loading_more` and `releasing` are requests under way.
    `paying` are holds whose payment page was opened, `paid` counts those that were then paid;
    `other_waiting` is the session whose room the other person is in.
    """

    role: Role
    when: str = "upcoming"
    items: tuple[Booking, ...] = ()
    more: bool = False
    loading_more: bool = False
    releasing: frozenset[str] = frozenset()
    paying: frozenset[str] = frozenset()
    paid: int = 0
    other_waiting: str = ""
    _refreshing: bool = False
    _cursor: str | None = None
    _more_failed_at: dt.datetime = LONG_AGO
    _one_fetch: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def next(self) -> Booking | None:
        """The session that comes first and can still lead to a call."""
        if self.when != "upcoming":
            return None
        now = self.services.now()
        return next((each for each in self.items if is_ahead(each, now)), None)

    @property
    def holds(self) -> tuple[Booking, ...]:
        """Times held for this user and not paid yet."""
        now = self.services.now()
        return tuple(each for each in self.items if hold_left_s(each, now))

    @property
    def poll_s(self) -> float:
        """How long until this list polls again."""
        if self.paying:
            return PAYING_POLL_S
        now, following = self.services.now(), self.next
        if following is None:
            return IDLE_POLL_S
        if start_window(following, now, self.services.zone).can_start:
            return WAITING_POLL_S
        opens_in_s = (following.join_opens_at - now).total_seconds()
        return min(IDLE_POLL_S, max(opens_in_s, 1.0))

    async def refresh(self) -> None:
        """Fetches as many sessions as are shown again, so that the place in the list is kept."""
        if self._refreshing:
            return
        self._refreshing = True
        try:
            await self.fetch(
                self._fetch_shown, lambda found: self._show(*found), is_shown=lambda: self.phase is Phase.READY
            )
        finally:
            self._refreshing = False

    async def load_more(self) -> None:
        """Appends the next page; nothing happens while one is on its way or when there is none."""
        since_failure_s = (self.services.now() - self._more_failed_at).total_seconds()
        if self.loading_more or not self.more or since_failure_s < RETRY_MORE_S:
            return
        self.loading_more = True
        try:
            async with self._one_fetch:
                page = await self._page(self._cursor, PAGE_SIZE)
        except AppError as error:
            self.error, self._more_failed_at = error.detail, self.services.now()
        else:
            known = {each.id for each in self.items}
            self._show((*self.items, *(each for each in page.items if each.id not in known)), page.next_cursor)
        finally:
            self.loading_more = False

    async def poll(self) -> float:
        """One quiet poll: the list, and who is in the next session's room. Answers the seconds until the next poll."""
        if self.poll_s != WAITING_POLL_S or self._is_old():
            await self.refresh()
        await self._see_who_waits()
        return self.poll_s

    async def release(self, booking: Booking) -> str:
        """Gives a hold back. Returns what went wrong, empty when nothing did."""
        if booking.id in self.releasing:
            return ""
        self.releasing |= {booking.id}
        try:
            await self.services.api.release(booking.id)
        except AppError as error:
            await self.refresh()  # paid or run out meanwhile: show what it is now
            return error.detail
        finally:
            self.releasing -= {booking.id}
        self.requests.outdate()
        self.paying -= {booking.id}
        self.items = tuple(each for each in self.items if each.id != booking.id)
        return ""

    def start_paying(self, booking: Booking) -> str | None:
        """The address of the payment page to open, and from now on a closer look; None when there is nothing to pay."""
        if not hold_left_s(booking, self.services.now()) or not booking.checkout_url:
            return None
        self.paying |= {booking.id}
        return booking.checkout_url

    async def _see_who_waits(self) -> None:
        following = self.next
        if not following or not start_window(following, self.services.now(), self.services.zone).can_start:
            self.other_waiting = ""
            return
        try:
            present = (await self.services.api.presence(following.id)).present
        except AppError:
            return  # a courtesy: the list's own error already reports a lost connection
        self.other_waiting = following.id if other_role(self.role) in present else ""

    def _is_old(self) -> bool:
        if self._fetched_at is None:
            return True
        return (self.services.now() - self._fetched_at).total_seconds() >= IDLE_POLL_S

    async def _fetch_shown(self) -> tuple[tuple[Booking, ...], str | None]:
        wanted = max(len(self.items), PAGE_SIZE)
        async with self._one_fetch:
            page = await self._page(None, min(wanted, LARGEST_PAGE))
            items = page.items
            while page.next_cursor and len(items) < wanted:
                page = await self._page(page.next_cursor, min(wanted - len(items), LARGEST_PAGE))
                items += page.items
        return items, page.next_cursor

    async def _page(self, cursor: str | None, limit: int) -> Page[Booking]:
        api = self.services.api
        fetch = api.professional_sessions if self.role == PROFESSIONAL else api.my_bookings
        return await fetch(when=self.when, cursor=cursor, limit=limit)

    def _show(self, items: tuple[Booking, ...], cursor: str | None) -> None:
        self.items, self._cursor, self.more = items, cursor, cursor is not None
        self.is_fresh()
        now = self.services.now()
        self.paid += sum(each.id in self.paying and each.status == "confirmed" for each in items)
        self.paying &= frozenset(each.id for each in items if hold_left_s(each, now))
