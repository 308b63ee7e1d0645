"""Pages by key: a cursor holds the sort key of the last row, so that page 1,000 costs what page 1 costs."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Query
from pydantic import BaseModel

from backend.kit.errors import InvalidPayload

Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """One page; `next_cursor` is null on the last."""

    items: list[Item]
    next_cursor: str | None = None


@dataclass(frozen=True)
class PageRequest:
    """Which page is wanted: at most `limit` rows after `cursor`."""

    limit: int
    cursor: str | None = None


async def _page_request(
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
) -> PageRequest:
    return PageRequest(limit, cursor or None)


PageQuery = Annotated[PageRequest, Depends(_page_request)]
"""An endpoint's `limit` and `cursor`."""


def encode_cursor(*key: str) -> str:
    """An opaque cursor for a row's sort key."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, parts: int) -> tuple[str, ...]:
    """The sort key again; InvalidPayload for what `encode_cursor` did not make."""
    try:
        key = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError) as error:
        raise _not_a_cursor() from error
    if not isinstance(key, list) or len(key) != parts or not all(isinstance(part, str) for part in key):
        raise _not_a_cursor()
    if any("\0" in part or any("\ud800" <= letter <= "\udfff" for letter in part) for part in key):
        raise _not_a_cursor()  # no database can look for what is no text
    return tuple(key)


def encode_time_cursor(instant: datetime, row_id: UUID) -> str:
    """The cursor of lists sorted by an instant, then by id."""
    return encode_cursor(instant.astimezone(UTC).isoformat(), str(row_id))


def decode_time_cursor(cursor: str) -> tuple[datetime, UUID]:
    """The instant and id again; InvalidPayload for anything else."""
    instant_text, id_text = decode_cursor(cursor, 2)
    try:
        instant, row_id = datetime.fromisoformat(instant_text), UUID(id_text)
        if instant.tzinfo is None:
            raise _not_a_cursor()
        return instant.astimezone(UTC), row_id
    except (ValueError, OverflowError) as error:
        raise _not_a_cursor() from error


def _not_a_cursor() -> InvalidPayload:
    return InvalidPayload({"cursor": "This page does not exist. Start again from the first."})
