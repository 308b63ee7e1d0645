"""The demo's mails: instead of a mail server a table, and a page that shows them as a mail program would.

Anybody who reaches the demo can read them, which the page says. It exists only in a demo without SMTP_URL.
"""

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from importlib.resources import files
from typing import Annotated, cast

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import DictLoader, Environment, StrictUndefined
from sqlalchemy import select

from backend.kit.clock import Clock
from backend.kit.database import Database
from backend.kit.errors import NotFound
from backend.kit.http import DatabaseDep
from backend.kit.pages import our_path, page
from backend.mail.tables import SandboxMailRow

SHOWN = 100
_SANDBOXED = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "frame-ancestors 'self'"
)
"""What a mail may do in its frame: look as it looks. Its links open in tabs of their own."""


class SandboxInbox:
    """A `MailTransport` that takes every mail."""

    def __init__(self, database: Database, now: Clock) -> None:
        self._database = database
        self._now = now

    def send(self, message: EmailMessage) -> None:
        """The same mail twice is there once, as in a mail program (by its Message-ID)."""
        to = message["To"].addresses[0]
        with self._database.write() as session:
            session.merge(
                SandboxMailRow(
                    message_id=str(message["Message-ID"]).strip("<>"),
                    address=to.addr_spec,
                    received_at=self._now(),
                    content=message.as_bytes(),
                )
            )


@dataclass(frozen=True)
class _Shown:
    key: str
    subject: str
    sender: str
    to: str
    date: str
    text: str
    html: str
    calendar: bytes | None


def inbox_router() -> APIRouter:
    """The inbox, newest first, and each mail of it."""
    router = APIRouter(prefix="/sandbox/mails", include_in_schema=False, default_response_class=HTMLResponse)
    router.add_api_route("", _inbox, methods=["GET"])
    router.add_api_route("/{key}", _mail, methods=["GET"])
    router.add_api_route("/{key}/html", _html, methods=["GET"])
    router.add_api_route("/{key}/calendar", _calendar, methods=["GET"])
    return router


def _inbox(request: Request, database: DatabaseDep, to: Annotated[str, Query(max_length=254)] = "") -> Response:
    query = select(SandboxMailRow).order_by(SandboxMailRow.received_at.desc()).limit(SHOWN)
    if to:
        query = query.where(SandboxMailRow.address == to)
    with database.read() as session:
        mails = [_shown(row) for row in session.scalars(query)]
    return page("Demo inbox", _rendered("mails.html", mails=mails, address=to, root=our_path(request, "")))


def _mail(key: str, request: Request, database: DatabaseDep) -> Response:
    mail = _found(database, key)
    return page(mail.subject, _rendered("mail.html", mail=mail, root=our_path(request, "")), frames=True)


def _html(key: str, database: DatabaseDep) -> Response:
    html = _found(database, key).html.replace("<head>", '<head><base target="_blank">', 1)
    headers = {
        "Content-Security-Policy": _SANDBOXED,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return HTMLResponse(html, headers=headers)


def _calendar(key: str, database: DatabaseDep) -> Response:
    found = _found(database, key).calendar
    if found is None:
        raise NotFound
    headers = {"Content-Disposition": 'attachment; filename="session.ics"'}
    return Response(found, media_type="text/calendar", headers=headers)


def _found(database: Database, key: str) -> _Shown:
    with database.read() as session:
        row = session.get(SandboxMailRow, key)
    if row is None:
        raise NotFound
    return _shown(row)


def _shown(row: SandboxMailRow) -> _Shown:
    message = message_from_bytes(row.content, policy=policy.default)
    return _Shown(
        key=row.message_id,
        subject=str(message["Subject"]),
        sender=str(message["From"]),
        to=str(message["To"]),
        date=str(message["Date"]),
        text=_part(message, "text/plain").decode(),
        html=_part(message, "text/html").decode(),
        calendar=_part(message, "text/calendar") or None,
    )


def _part(message: EmailMessage, content_type: str) -> bytes:
    """The first part of this type; empty if there is none."""
    found = next((part for part in message.walk() if part.get_content_type() == content_type), None)
    return cast(bytes, found.get_payload(decode=True)) if found is not None else b""


def _rendered(name: str, **values: object) -> str:
    return _environment().get_template(name).render(**values)


@cache
def _environment() -> Environment:
    folder = files("backend.integrations").joinpath("pages")
    loader = DictLoader({name: folder.joinpath(name).read_text("utf-8") for name in ("mails.html", "mail.html")})
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
