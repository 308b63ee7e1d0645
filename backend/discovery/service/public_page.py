"""What stands on a professional's public page, in words: who it is, what it costs, which hours are free next."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from uuid import UUID
from zlib import crc32
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from backend.bookings.repository.slots import OfferedSlot, free_soon
from backend.bookings.service.policies import policy_of
from backend.discovery import repository
from backend.discovery.service import page_url
from backend.kit.money import CURRENCY, format_price
from backend.profiles.repository import current_handle, handle_row, profile_by_id
from backend.profiles.rules import Profile
from backend.profiles.rules.handles import possible_handle

HOURS_SHOWN = 12
SUMMARY_LENGTH = 200
TONES = 8
"""Colours of initials where there is no photo, the same as in the app."""

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS_TEXT = "January February March April May June July August September October November December"
_MONTHS = _MONTHS_TEXT.split()


class NoSuchPage(Exception):
    """Nobody has this handle, and nobody had it."""


class PageGone(Exception):
    """Whose page this was is no longer here."""


class Moved(Exception):
    """The page is at another handle by now, or the handle was written in another case."""

    def __init__(self, handle: str) -> None:
        super().__init__(handle)
        self.handle = handle


@dataclass(frozen=True)
class Links:
    """Where the page's links lead: the backend's public address, and the app's in a browser (empty: there is none)."""

    public_url: str
    web_app_url: str

    def app(self, professional_id: UUID, starts_at: datetime | None = None) -> str:
        """The professional's page in the app, with the hour that begins then chosen."""
        path = f"professional/{professional_id}"
        if starts_at is not None:
            path += f"/{starts_at.astimezone(UTC):%Y%m%dT%H%MZ}"
        return f"{self.web_app_url}/{path}" if self.web_app_url else f"rendezvous://open/{path}"


@dataclass(frozen=True)
class Hour:
    """A free time; `time` is the clock of the professional's zone, `link` the app with this hour chosen."""

    starts_at: datetime
    time: str
    length: str
    price: str
    link: str

    @property
    def instant(self) -> str:
        """For `<time datetime>`."""
        return f"{self.starts_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True)
class FreeDay:
    """A day of the professional's zone with its hours."""

    words: str
    hours: tuple[Hour, ...]


@dataclass(frozen=True)
class PublicPage:
    """Everything that the template shows; all of it plain text, which the template escapes."""

    profile: Profile
    url: str
    photo_url: str | None
    days: tuple[FreeDay, ...]
    zone: str
    from_price: str
    policy: str
    app_link: str
    in_browser: bool
    facts: dict[str, Any]

    @property
    def paragraphs(self) -> list[str]:
        """The about text, an empty line between two of them."""
        return [each for each in re.split(r"\n\s*\n", self.profile.about) if each.strip()]

    @property
    def summary(self) -> str:
        """What a preview of the link says."""
        return shortened(self.profile.headline or self.profile.about, SUMMARY_LENGTH) or "Book a video session."

    @property
    def initials(self) -> str:
        """First and last name's, as the app shows them."""
        words = [word for word in self.profile.name.split() if word[0].isalnum()]
        return "".join(word[0] for word in words[:1] + words[1:][-1:]).upper() or "?"

    @property
    def tone(self) -> int:
        """Which of the colours stands behind the initials; the same for the same name everywhere."""
        return crc32(self.profile.name.encode()) % TONES


def public_page(session: Session, typed_handle: str, links: Links, now: datetime) -> PublicPage:
    """The page at `/p/{typed_handle}`; raises NoSuchPage, PageGone or Moved."""
    handle = possible_handle(typed_handle)
    row = handle_row(session, handle) if handle else None
    if row is None:
        raise NoSuchPage
    profile = profile_by_id(session, row.professional_id) if row.professional_id else None
    if profile is None:
        raise PageGone
    if not row.is_current or row.handle != typed_handle:
        raise Moved(current_handle(session, profile.id) or row.handle)
    free = free_soon(session, profile.id, now, HOURS_SHOWN)
    offer = repository.offers(session, [profile.id], now).get(profile.id)
    url, zone = page_url(links.public_url, row.handle), ZoneInfo(profile.time_zone)
    photo_url = f"{links.public_url}{profile.photo_url}" if profile.photo_url else None
    policy = policy_of(session, profile.id)
    return PublicPage(
        profile=profile,
        url=url,
        photo_url=photo_url,
        days=_by_day(free, zone, profile.id, links),
        zone=zone.key.rsplit("/", 1)[-1].replace("_", " "),
        from_price=price_words(offer.from_price_minor) if offer else "",
        policy=_policy_words(policy.full_until_min, policy.half_until_min),
        app_link=links.app(profile.id),
        in_browser=bool(links.web_app_url),
        facts=_facts(profile, url, photo_url, free),
    )


def price_words(price_minor: int) -> str:
    """ "$45.00"."""
    return f"${format_price(price_minor)}"


def shortened(text: str, most: int) -> str:
    """One line of at most so many characters, cut after a word where there is one."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    cut = line[: most - 1]
    return f"{cut.rpartition(' ')[0] or cut}…"


def _by_day(free: Sequence[OfferedSlot], zone: ZoneInfo, professional_id: UUID, links: Links) -> tuple[FreeDay, ...]:
    def hour(slot: OfferedSlot) -> Hour:
        wall = slot.starts_at.astimezone(zone)
        length = _length_words(slot.ends_at - slot.starts_at)
        link = links.app(professional_id, slot.starts_at)
        return Hour(slot.starts_at, f"{wall:%H:%M}", length, price_words(slot.price_minor), link)

    days = groupby(free, key=lambda slot: slot.starts_at.astimezone(zone).date())
    return tuple(
        FreeDay(f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}", tuple(hour(each) for each in slots))
        for day, slots in days
    )


def _length_words(length: Any) -> str:
    hours, minutes = divmod(round(length.total_seconds() / 60), 60)
    parts = ([f"{hours} h"] if hours else []) + ([f"{minutes} min"] if minutes else [])
    return " ".join(parts)


def _before(minutes: int) -> str:
    if minutes % (24 * 60) == 0:
        days = minutes // (24 * 60)
        return "1 day" if days == 1 else f"{days} days"
    hours, rest = divmod(minutes, 60)
    return " ".join(([f"{hours} h"] if hours else []) + ([f"{rest} min"] if rest else []))


def _policy_words(full_until_min: int, half_until_min: int) -> str:
    if not full_until_min:
        return "Free cancellation until the start."
    words = f"Free cancellation until {_before(full_until_min)} before the start"
    if not half_until_min:
        return f"{words}, half the price back after."
    if half_until_min == full_until_min:
        return f"{words}, nothing back after."
    return f"{words}, half the price back until {_before(half_until_min)} before, nothing after."


def _facts(profile: Profile, url: str, photo_url: str | None, free: Sequence[OfferedSlot]) -> dict[str, Any]:
    """The same for machines: https://schema.org/ProfilePage."""
    person: dict[str, Any] = {"@type": "Person", "@id": f"{url}#person", "name": profile.name, "url": url}
    person |= {"description": shortened(profile.about, SUMMARY_LENGTH)} if profile.about else {}
    person |= {"jobTitle": profile.headline} if profile.headline else {}
    person |= {"image": photo_url} if photo_url else {}
    service = {"@type": "Service", "name": f"Video session with {profile.name}", "provider": {"@id": person["@id"]}}
    if profile.category_label:
        service["serviceType"] = profile.category_label
    offers = [
        {
            "@type": "Offer",
            "price": format_price(slot.price_minor),
            "priceCurrency": CURRENCY,
            "availability": "https://schema.org/InStock",
            "availabilityEnds": slot.starts_at.astimezone(UTC).isoformat(),
            "itemOffered": service,
            "url": url,
        }
        for slot in free[:3]
    ]
    if offers:
        person["makesOffer"] = offers
    return {"@context": "https://schema.org", "@type": "ProfilePage", "url": url, "mainEntity": person}
