"""The one follow-up that a professional can send after a session: what is written, whether it may be sent, what came of
it.
"""

import contextlib
import datetime as dt
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import flet as ft

from app.api.error_names import is_named
from app.api.models import PROFESSIONAL, Booking, FollowUp, Role
from app.errors import AppError
from app.state.bookings.follow_up_files import FollowUpFiles, files_words
from app.state.core.services import Services
from app.state.core.wall_time import moment_words

TITLE = "Follow-up"
FIELD = "Links and next steps"
SEND = "Send follow-up"
EXPLAINED = "You can send one message after a session, with links and files. It stays with the session."
ASK_TITLE = "Send this follow-up?"
SENT = "The follow-up is sent."
LONGEST = 5000
POSSIBLE_FOR = dt.timedelta(days=30)
"""After the session's end (backend/calls/rules/notes.py)."""


def ask_words(name: str, files: int = 0) -> str:
    """Before it is sent; `name` is the user's."""
    with_files = f"It has {files_words(files)}. " if files else ""
    return f"{with_files}{name} gets a mail that it is there. You cannot change it or send another one."


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

    def __post_init__(self) -> None:
        self.files = FollowUpFiles(self.services, self.session_id)

    def write(self, text: str) -> None:
        self.text, self.error = text, ""

    @property
    def why_not(self) -> str:
        """Why it cannot be sent; empty when it can."""
        return self.files.why_not_send or ("" if self.text.strip() else "Write something first.")

    async def send(self) -> FollowUp | None:
        """Sends it for good; None when it was not sent."""
        try:
            sent = await self.services.api.send_follow_up(self.session_id, self.text, self.files.ids)
        except AppError as error:
            self.error = error.detail
            if is_named(error, "FileMissing"):
                await self._look_for_files()
            return None
        self.text = ""
        self.files.forget()
        return sent

    async def _look_for_files(self) -> None:
        """Which of them the backend does not have any more."""
        with contextlib.suppress(AppError):
            self.files.forget_missing((await self.services.api.follow_up(self.session_id)).unsent)


class FollowUpForms:
    """Of whoever is signed in, by session: what is being written and uploaded outlives the pane that shows it."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._by_session: dict[str, FollowUpForm] = {}

    @classmethod
    def kept_by(cls, services: Services) -> "FollowUpForms":
        return services.kept(cls, lambda: cls(services))

    def of(self, session_id: str) -> FollowUpForm:
        return self._by_session.setdefault(session_id, FollowUpForm(self._services, session_id))
