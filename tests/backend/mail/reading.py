"""Reading mails and calendar files as their receivers do; the calendar without the library that wrote it."""

from email.message import EmailMessage
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from backend.kit.database import Database
from backend.mail.tables import MailRow


class Line(NamedTuple):
    """A content line: name, parameters, value."""

    name: str
    parameters: dict[str, str]
    value: str


def part(message: EmailMessage, content_type: str) -> str:
    """The text of the part of this type."""
    (found,) = [each for each in message.walk() if each.get_content_type() == content_type]
    content = found.get_content()
    return content if isinstance(content, str) else content.decode()


def calendar_lines(text: str) -> list[Line]:
    """The lines of an iCalendar object: unfolded, parted, unescaped (RFC 5545, 3.1 and 3.3.11)."""
    lines = []
    for line in text.replace("\r\n ", "").split("\r\n"):
        if line:
            head, _, value = line.partition(":")
            name, *parameters = head.split(";")
            given = dict(each.split("=", 1) for each in parameters)
            plain = value.replace("\\n", "\n").replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\")
            lines.append(Line(name, given, plain))
    return lines


def event_of(message: EmailMessage) -> dict[str, str]:
    """The properties of a mail's only event, and the METHOD, which the part names too (RFC 5546, 3.2)."""
    (found,) = [each for each in message.walk() if each.get_content_type() == "text/calendar"]
    raw = found.get_payload(decode=True)
    assert isinstance(raw, bytes)
    lines = calendar_lines(raw.decode())
    names = [line.name for line in lines]
    assert (lines[0].value, lines[-1].value) == ("VCALENDAR", "VCALENDAR")
    assert names.count("BEGIN") == names.count("END")
    assert [line.value for line in lines if line.name == "BEGIN"].count("VEVENT") == 1
    method = next(line.value for line in lines if line.name == "METHOD")
    assert found.get_param("method") == method
    event = lines[next(i for i, line in enumerate(lines) if line.value == "VEVENT") + 1 :]
    inner = event[: next(i for i, line in enumerate(event) if line.name in ("BEGIN", "END"))]
    return {line.name: line.value for line in inner} | {"METHOD": method}


def by_kind(database: Database, kind: str) -> list[MailRow]:
    """The outbox's rows of one kind."""
    with database.read() as session:
        return list(session.scalars(select(MailRow).where(MailRow.kind == kind).order_by(MailRow.created_at)))


def row_of(database: Database, mail_id: UUID) -> MailRow:
    with database.read() as session:
        return session.get_one(MailRow, mail_id)
