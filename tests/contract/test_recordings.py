"""Who asked to record a call and who agreed, told and read by the real client."""

from datetime import timedelta
from uuid import uuid4

import pytest

from app.api.client import ApiClient
from app.errors import Problem
from tests.backend.stage import MovableClock
from tests.contract.bookings_stage import confirmed
from tests.contract.conftest import Pay


async def test_each_tells_their_own_acts_and_both_read_all(
    nora: ApiClient, sam: ApiClient, pay: Pay, clock: MovableClock
) -> None:
    booking, ask = await confirmed(nora, sam, pay), str(uuid4())
    clock.set(booking.starts_at + timedelta(minutes=1))
    await nora.note_recording(booking.id, ask, "asked", clock())
    await nora.note_recording(booking.id, ask, "asked", clock())
    with pytest.raises(Problem) as refused:
        await nora.note_recording(booking.id, ask, "agreed", clock())
    assert refused.value.error == "NotYourRecording"
    await sam.note_recording(booking.id, ask, "agreed", clock())
    assert await nora.recordings(booking.id) == await sam.recordings(booking.id)
    (kept,) = await sam.recordings(booking.id)
    assert (kept.asked_by, kept.answer, kept.answered_at, kept.began_at) == ("professional", "agreed", clock(), None)
