"""A mail from what the outbox keeps: plain text, HTML, and the session's calendar file. Jinja escapes every value."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from importlib.resources import files
from unicodedata import category
from uuid import UUID

from jinja2 import DictLoader, Environment, StrictUndefined, Template

from backend.kit.calendar_event import CalendarEvent, calendar_file
from backend.mail.rules import OPTIONAL, MailKind
from backend.mail.rules.facts import FACTS, Facts, Reader, SessionFacts
from backend.mail.rules.letter import Letter, Places
from backend.mail.rules.letters import letter
from backend.mail.service.unsubscribing import off_token

_BREAKS = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Control characters, halves of letters, and Unicode's own line and paragraph breaks."""
_WITH_CALENDAR = frozenset({MailKind.BOOKED, MailKind.NEW_BOOKING, MailKind.MOVED, MailKind.CANCELLED})


@dataclass(frozen=True)
class Writer:
    """Writes mails of this sender. `key` signs the addresses that switch a kind off."""

    sender: Address
    places: Places
    key: bytes

    def write(self, mail_id: UUID, kind: MailKind, reader_json: str, facts_json: str, now: datetime) -> EmailMessage:
        """The whole mail. Its Message-ID is the outbox row's, the same at each attempt to send it."""
        reader = Reader.model_validate_json(reader_json)
        facts = FACTS[kind].model_validate_json(facts_json)
        words = letter(kind, reader, facts, self.places)
        token = off_token(self.key, reader.account_id, kind) if kind in OPTIONAL else ""
        off_url = f"{self.places.public_url}/mail/off/{token}" if token else ""
        message = self._addressed(mail_id, reader, words, now)
        if off_url:
            message["List-Unsubscribe"] = f"<{off_url}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(_template("mail.txt").render(letter=words, off_url=off_url))
        message.add_alternative(_template("mail.html").render(letter=words, off_url=off_url), subtype="html")
        if kind in _WITH_CALENDAR:
            self._attach_calendar(message, kind, facts, now)
        return message

    def _addressed(self, mail_id: UUID, reader: Reader, words: Letter, now: datetime) -> EmailMessage:
        """The headers. EmailMessage itself refuses line breaks in any; names that have some lose them before."""
        message = EmailMessage(policy=SMTP)
        message["From"] = self.sender
        local, _, domain = reader.email.rpartition("@")
        message["To"] = Address(one_line(reader.name), local, domain)
        message["Subject"] = one_line(words.subject)
        message["Date"] = format_datetime(now)
        message["Message-ID"] = f"<{mail_id}@{self.sender.domain}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no automatic answers
        return message

    def _attach_calendar(self, message: EmailMessage, kind: MailKind, facts: Facts, now: datetime) -> None:
        if not isinstance(facts, SessionFacts):
            return
        cancelled = kind is MailKind.CANCELLED
        event = CalendarEvent(
            booking_id=facts.booking_id,
            starts_at=facts.starts_at,
            ends_at=facts.ends_at,
            other=facts.other,
            sequence=facts.sequence,
            status="CANCELLED" if cancelled else "CONFIRMED",
        )
        message.add_attachment(
            calendar_file(event, self.places.public_url, now).decode(),
            subtype="calendar",
            filename="session.ics",
            params={"method": "CANCEL" if cancelled else "PUBLISH"},
        )


def one_line(text: str) -> str:
    """Without line breaks and other control characters: a header is one line."""
    return "".join(" " if category(each) in _BREAKS else each for each in text).strip()


@cache
def _template_file(name: str) -> str:
    return files("backend.mail").joinpath("templates", name).read_text("utf-8")


@cache
def _environment(html: bool) -> Environment:
    name = "mail.html" if html else "mail.txt"
    return Environment(
        loader=DictLoader({name: _template_file(name)}),
        autoescape=html,  # noqa: S701  # plain text is no markup: a name with "&" has to stay one
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _template(name: str) -> Template:
    return _environment(name.endswith(".html")).get_template(name)
