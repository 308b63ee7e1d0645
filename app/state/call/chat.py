"""The chat of a call: what is kept of it by the backend, what is read, and how a line of it reads."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from app.api.client import ApiClient
from app.api.models import Message, Role
from app.call.contract.call_state import CallSnapshot
from app.call.contract.chat import ChatMessage
from app.call.contract.engine import CallEngine
from app.errors import AppError, Problem
from app.state.call.call_devices import CallDevices
from app.state.call.trying_again import pause_after
from app.state.core.wall_time import time_words

KEPT_AT_ONCE = 50
LOAD_AGAIN_AFTER_S = (0.0, 2.0, 10.0, 30.0)
OPEN, CLOSE, TITLE, FIELD, SEND, YOU = "Chat", "Close the chat", "Chat", "Write a message", "Send", "You"
EMPTY = "No messages yet. What you write here stays with the session, for both of you."
SENDING, SENT, DELIVERED, NOT_KEPT = "Sending…", "Sent", "Delivered", "Not kept"


def open_words(unread: int) -> str:
    """On the button: "Chat, 3 new messages"."""
    if not unread:
        return OPEN
    return f"{OPEN}, {unread} new message{'s' if unread > 1 else ''}"


def mark_words(message: ChatMessage, kept: frozenset[str], refused: frozenset[str]) -> str:
    """How far one's own message has come; empty for one of theirs."""
    if not message.mine:
        return ""
    if message.id in refused and not message.delivered:
        return NOT_KEPT
    if message.delivered:
        return DELIVERED
    return SENT if message.id in kept else SENDING


def head_words(message: ChatMessage, name: str, zone: ZoneInfo) -> str:
    """Who and when."""
    return f"{YOU if message.mine else name}, {time_words(message.sent_at, zone)}"


def from_wire(message: Message, role: Role) -> ChatMessage:
    """A kept message, as one who has `role` sees it."""
    mine = message.role == role
    return ChatMessage(message.id, message.text, message.sent_at, mine=mine, delivered=not mine)


class Keeping:
    """Has the backend keep one's own messages, as often as it takes. `on_change`: more is `kept`, or `refused`."""

    def __init__(self, api: ApiClient, session_id: str, role: Role, on_change: Callable[[], None]) -> None:
        self.kept: frozenset[str] = frozenset()
        self.refused: frozenset[str] = frozenset()
        self._api = api
        self._session_id = session_id
        self._role = role
        self._on_change = on_change
        self._waiting: dict[str, ChatMessage] = {}

    async def load(self) -> tuple[ChatMessage, ...]:
        """What is kept already, of both. Raises `AppError`."""
        found = tuple(from_wire(each, self._role) for each in await self._api.messages(self._session_id))
        self.kept |= {each.id for each in found}
        return found

    def note(self, messages: tuple[ChatMessage, ...]) -> bool:
        """Whether there is anything to keep that was not there before."""
        done = self.kept | self.refused
        new = {each.id: each for each in messages if each.mine and each.id not in done}
        grown = bool(new.keys() - self._waiting.keys())
        self._waiting |= new
        return grown

    async def keep(self) -> None:
        """Until nothing waits; a refusal is final for what was refused."""
        failures = 0
        while batch := list(self._waiting.values())[:KEPT_AT_ONCE]:
            ids = frozenset(each.id for each in batch)
            told = [Message(id=each.id, role=self._role, text=each.text, sent_at=each.sent_at) for each in batch]
            try:
                await self._api.keep_messages(self._session_id, told)
            except Problem as problem:
                if problem.status not in (409, 422):
                    failures = await pause_after(failures)
                    continue
                self.refused |= ids
            except AppError:
                failures = await pause_after(failures)
                continue
            else:
                self.kept |= ids
            failures = 0
            self._waiting = {each: message for each, message in self._waiting.items() if each not in ids}
            self._on_change()


@dataclass(eq=False)
class CallChat(CallDevices):
    """What a person can do in the chat, and what follows from it."""

    def __post_init__(self) -> None:
        self._messages = Keeping(self.services.api, self.session_id, self.role, self._messages_changed)
        self._keeping: asyncio.Task[None] | None = None

    async def send_message(self, text: str) -> None:
        if self.engine is not None:
            await self.engine.send_message(text)

    def read_chat(self) -> None:
        """All that has come by now is in sight."""
        theirs = frozenset(each.id for each in self.snapshot.chat if not each.mine)
        if theirs - self.read_messages:
            self.read_messages |= theirs

    async def _load_messages(self, engine: CallEngine) -> None:
        """What both wrote in this session before, on whatever device."""
        for wait_s in LOAD_AGAIN_AFTER_S:
            await asyncio.sleep(wait_s)
            with contextlib.suppress(AppError):  # the next try is the remedy
                found = await self._messages.load()
                self._messages_changed()
                await engine.take_messages(found)
                return

    def _messages_changed(self) -> None:
        kept, refused = self._messages.kept, self._messages.refused

        def show() -> None:
            self.kept_messages, self.refused_messages = kept, refused

        self.post(show)

    def _keep_messages(self, snapshot: CallSnapshot) -> None:
        """What was written is kept by the backend; one request at a time."""
        if self._messages.note(snapshot.chat) and (self._keeping is None or self._keeping.done()):
            self._keeping = asyncio.get_running_loop().create_task(self._messages.keep())
