"""What is written in a call is kept and read by the real client."""

from datetime import timedelta
from uuid import uuid4

import pytest

from app.api.client import ApiClient
from app.api.models import Message
from app.errors import Problem
from tests.backend.stage import MovableClock
from tests.contract.bookings_stage import confirmed
from tests.contract.conftest import Pay


async def test_messages_are_kept_for_both_and_deleted_by_either(
    nora: ApiClient, sam: ApiClient, pay: Pay, clock: MovableClock
) -> None:
    booking = await confirmed(nora, sam, pay)
    first = Message(id=str(uuid4()), role="user", text="See https://example.org", sent_at=booking.starts_at)
    with pytest.raises(Problem, match="too early"):
        await sam.keep_messages(booking.id, [first])
    clock.set(booking.starts_at + timedelta(minutes=1))
    second = Message(id=str(uuid4()), role="professional", text="Thanks", sent_at=clock())
    await nora.keep_messages(booking.id, [second])
    await sam.keep_messages(booking.id, [first])
    await sam.keep_messages(booking.id, [first])
    assert await nora.messages(booking.id) == await sam.messages(booking.id) == (first, second)
    assert "example.org" not in repr(first), "a log says nothing of it"
    await nora.delete_messages(booking.id)
    assert await sam.messages(booking.id) == ()
