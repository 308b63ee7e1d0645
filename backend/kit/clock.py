"""Exact time: always aware, always UTC."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present instant in UTC; an argument everywhere, so that a test can move it."""


def utc_now() -> datetime:
    """The present instant by this machine's clock."""
    return datetime.now(UTC)


def iso_instant(instant: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and `Z`, as every answer's `X-Server-Time` carries it."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
