"""What was written in a session's call, as its details show it. Pure."""

from zoneinfo import ZoneInfo

from app.api.models import Message, Role
from app.state.core.wall_time import time_words

TITLE, DELETE = "Messages", "Delete messages"
ASK_TITLE = "Delete all messages of this session?"
DELETED = "The messages are deleted."
FEW = 6


def ask_words(name: str) -> str:
    """Before they are deleted; `name` is the other's."""
    return f"They are deleted for you and for {name}. This cannot be undone."


def shown_of(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """The last few."""
    return messages[-FEW:]


def show_words(number: int) -> str:
    return f"Show all {number} messages"


def head_words(message: Message, role: Role, name: str, zone: ZoneInfo) -> str:
    """Who and when."""
    return f"{'You' if message.role == role else name}, {time_words(message.sent_at, zone)}"
