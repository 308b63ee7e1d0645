"""What a person should hear of while they look elsewhere: the other one waits, a booking came in, a session is near."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from app.api.models import PROFESSIONAL, Booking, Role, other_role
from app.errors import AppError
from app.state.bookings.start_window import is_ahead, start_window
from app.state.core.services import Services
from app.state.core.wall_time import day_words, time_words, until_words

SOON = timedelta(minutes=10)
POLL_S = 20.0
OPENS_LISTS = {PROFESSIONAL: "/upcoming"}
"""Where a session's details are, by role; users have theirs elsewhere."""


@dataclass(frozen=True)
class Notice:
    """`route` is the place that a click leads to; `key` says what it is about, so that it is said once."""

    key: str
    title: str
    text: str
    route: str
    session_id: str


class Notifier(Protocol):
    """Shows a notice outside the window, with a sound. Where the system has nothing for that, it is not shown."""

    async def show(self, notice: Notice, on_click: Callable[[], object]) -> None: ...


@dataclass
class NoticeBook:
    """Decides what is new; pure. What was there at the first look is no news."""

    role: Role
    zone: ZoneInfo
    _known: set[str] | None = None
    _said: set[str] = field(default_factory=set)

    def news(self, bookings: tuple[Booking, ...], waiting: Booking | None, now: datetime) -> list[Notice]:
        """`bookings` are the sessions to come, `waiting` the one whose room the other person is in alone."""
        ahead = [each for each in bookings if is_ahead(each, now)]
        found = [self._waits(waiting)] if waiting else []
        found += [self._near(each, now) for each in ahead if timedelta() < each.starts_at - now <= SOON]
        if self._known is not None and self.role == PROFESSIONAL:
            found += [self._booked(each, now) for each in ahead if each.id not in self._known]
        self._known = (self._known or set()) | {each.id for each in ahead}
        new = [notice for notice in found if notice.key not in self._said]
        self._said |= {notice.key for notice in new}
        if waiting is None:  # who leaves and comes again is said again
            self._said = {key for key in self._said if not key.startswith("waits")}
        return new

    def _waits(self, booking: Booking) -> Notice:
        return self._notice("waits", booking, f"{self._name(booking)} is waiting", "Press Start to join the call.")

    def _near(self, booking: Booking, now: datetime) -> Notice:
        minutes = max(1, round((booking.starts_at - now).total_seconds() / 60))
        title = f"Session with {self._name(booking)} in {minutes} min"
        return self._notice(f"near {booking.starts_at}", booking, title, self._when(booking))

    def _booked(self, booking: Booking, now: datetime) -> Notice:
        text = f"{day_words(booking.starts_at, self.zone, now)} {self._when(booking)}"
        return self._notice("booked", booking, f"{self._name(booking)} booked a session", text)

    def _name(self, booking: Booking) -> str:
        return booking.other(self.role).name

    def _notice(self, about: str, booking: Booking, title: str, text: str) -> Notice:
        route = f"{OPENS_LISTS.get(self.role, '/my-sessions')}/{booking.id}"
        return Notice(f"{about} {booking.id}", title, text, route, booking.id)

    def _when(self, booking: Booking) -> str:
        ends = until_words(booking.starts_at, booking.ends_at, self.zone)
        return f"{time_words(booking.starts_at, self.zone)} to {ends}"


class NoticeWatch:
    """Asks the backend, also while the window is minimised and its lists rest."""

    def __init__(self, services: Services, role: Role) -> None:
        self._services = services
        self._role = role
        self._book = NoticeBook(role, services.zone)

    async def look(self) -> list[Notice]:
        """What is new since the last look; nothing while the backend cannot be asked."""
        api = self._services.api
        try:
            ask = api.professional_sessions if self._role == PROFESSIONAL else api.my_bookings
            bookings = (await ask("upcoming")).items
            waiting = await self._waiting(bookings)
        except AppError:
            return []
        return self._book.news(bookings, waiting, self._services.now())

    async def _waiting(self, bookings: tuple[Booking, ...]) -> Booking | None:
        now = self._services.now()
        following = next((each for each in bookings if is_ahead(each, now)), None)
        if following is None or not start_window(following, now, self._services.zone).can_start:
            return None
        present = (await self._services.api.presence(following.id)).present
        return following if other_role(self._role) in present and self._role not in present else None
