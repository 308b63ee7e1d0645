"""What a mail is made of before it is written: words, and where it leads. Pure."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from backend.mail.rules.dates import day_words, place_words, time_words
from backend.mail.rules.facts import Reader


@dataclass(frozen=True)
class Letter:
    """One mail's words. `rows` are facts with their names; `code` is shown large; `link` is a label and an address."""

    subject: str
    headline: str
    lines: tuple[str, ...]
    rows: tuple[tuple[str, str], ...] = ()
    code: str = ""
    link: tuple[str, str] | None = None
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class Places:
    """Where mails lead: `web_app_url` is empty where the app is not served to browsers, then they name the place.

    `support_contact`: whom people can write to; may be empty.
    """

    public_url: str
    web_app_url: str
    support_contact: str = ""

    def session(self, reader: Reader, booking_id: UUID) -> tuple[str, str] | None:
        """The link to a session in the app; on a phone that has it, the app opens."""
        tab = "upcoming" if reader.professional else "my-sessions"
        return ("Open the session", f"{self.web_app_url}/{tab}/{booking_id}") if self.web_app_url else None


def moment(reader: Reader, instant: datetime) -> str:
    """An instant as the reader writes it, with its place."""
    zone = ZoneInfo(reader.time_zone)
    day, at = day_words(instant, zone, reader.language), time_words(instant, zone, reader.language)
    return f"{day} at {at} ({place_words(reader.time_zone)} time)"
