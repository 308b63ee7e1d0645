"""The one follow-up that a professional can send after a session: what is written, whether it may be sent, what came of
it.
"""

import datetime as dt
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import flet as ft

from app.api.models import PROFESSIONAL, Booking, FollowUp, Role
from app.errors import AppError
from app.state.core.services import Services
from app.state.core.wall_time import moment_words

TITLE = "Follow-up"
FIELD = "Links and next steps"
SEND = "Send follow-up"
EXPLAINED = "You can send one message after a session. It stays with the session, and links can be opened."
ASK_TITLE = "Send this follow-up?"
SENT = "The follow-up is sent."
LONGEST = 5000
POSSIBLE_FOR = dt.timedelta(days=30)
"""After the session's end (backend/calls/rules/notes.py)."""


def ask_words(name: str) -> str:
    """Before it is sent; `name` is the user's."""
    return f"{name} gets a mail that it is there. You cannot change it or send another one."


def head_words(sent: FollowUp, role: Role, name: str, zone: ZoneInfo, now: dt.datetime) -> str:
    """Who sent it, and when; `name` is the professional's."""
    when = moment_words(sent.sent_at, zone, now)
    return f"You sent this {when}" if role == PROFESSIONAL else f"{name} sent this {when}"


def may_send(booking: Booking, role: Role, now: dt.datetime) -> bool:
    """Whether the professional can send one now, if none was sent."""
    took_place = booking.status in ("confirmed", "completed", "no_show")
    return role == PROFESSIONAL and took_place and booking.ends_at <= now < booking.ends_at + POSSIBLE_FOR


@ft.observable
@dataclass(eq=False)
class FollowUpForm:
    """What is being written; `error`: why it was not sent."""

    services: Services
    session_id: str
    text: str = field(default="", repr=False)
    error: str = ""

    def write(self, text: str) -> None:
        self.text, self.error = text, ""

    @property
    def why_not(self) -> str:
        """Why it cannot be sent; empty when it can."""
        return "" if self.text.strip() else "Write something first."

    async def send(self) -> FollowUp | None:
        """Sends it for good; None when it was not sent."""
        try:
            sent = await self.services.api.send_follow_up(self.session_id, self.text)
        except AppError as error:
            self.error = error.detail
            return None
        self.text = ""
        return sent
