"""Exact time: always aware, always UTC."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import BeforeValidator

from backend.kit.text import plain_digits

Clock = Callable[[], datetime]
"""Gives the present instant in UTC; an argument everywhere, so that a test can move it."""


def utc_now() -> datetime:
    """The present instant by this machine's clock."""
    return datetime.now(UTC)


def iso_instant(instant: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and `Z`, as every answer's `X-Server-Time` carries it."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def parse_iso_date(value: object) -> date:
    """`"2027-01-31"`; ValueError (its text is for people) for anything else, such as an instant or a number."""
    if isinstance(value, str) and _ISO_DATE.fullmatch(plain := plain_digits(value)):
        try:
            return date.fromisoformat(plain)
        except ValueError:
            pass
    raise ValueError("Please use a date such as 2027-01-31.")


IsoDate = Annotated[date, BeforeValidator(parse_iso_date)]
"""A date of the wire, YYYY-MM-DD and nothing else."""
