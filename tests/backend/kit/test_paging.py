"""Cursors are opaque, survive the way to the client and back, and cannot be forged."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kit.errors import InvalidPayload
from backend.kit.paging import decode_cursor, decode_time_cursor, encode_cursor, encode_time_cursor
from tests.backend.stage import START


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), min_size=1, max_size=3))
def test_a_key_survives_its_cursor(key: list[str]) -> None:
    assert decode_cursor(encode_cursor(*key), len(key)) == tuple(key)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)), st.uuids())  # noqa: DTZ001 - made aware below
def test_an_instant_survives_its_cursor_to_the_microsecond(moment: datetime, row_id: UUID) -> None:
    instant = moment.replace(tzinfo=START.tzinfo) + timedelta(microseconds=1)
    assert decode_time_cursor(encode_time_cursor(instant, row_id)) == (instant, row_id)


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "AAAA",
        "!!!!",
        "bnVsbA",
        "WzFd",
        "é",
        encode_cursor("a"),
        encode_cursor("\0", "b"),
        encode_cursor("\ud800", "b"),
        encode_cursor("a", "b", "c"),
    ],
)
def test_a_cursor_that_was_not_given_out_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidPayload):
        decode_cursor(cursor, 2)


@pytest.mark.parametrize(
    "key", [("yesterday", str(UUID(int=1))), ("2027-03-01", str(UUID(int=1))), (START.isoformat(), "x")]
)
def test_a_time_cursor_of_other_parts_is_refused(key: tuple[str, str]) -> None:
    with pytest.raises(InvalidPayload):
        decode_time_cursor(encode_cursor(*key))
