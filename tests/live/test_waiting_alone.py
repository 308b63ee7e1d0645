"""Waiting for the other costs next to nothing, and is not taken for a lost connection."""

import asyncio

from app.call.contract.call_state import CallState
from tests.live.conftest import MakeSide
from tests.live.sides import ANNA_NUMBERS, Side
from tests.waiting import until

SILENT_FOR_S = 8.0
"""Longer than a connection without own media is given."""
LITTLE = 10
"""Packets a second; a voice alone has 50."""


async def sent(side: Side) -> tuple[int, int]:
    """Frames encoded and packets sent so far."""
    call, media = side.engine._call, side.engine._media
    assert call is not None
    assert call._session is not None
    assert media is not None
    counters = await media.run(call._session.connection.counters(5))
    return (counters.sent_video.frames, counters.sent) if counters is not None else (-1, -1)


async def encodes_nothing(side: Side, limit_s: float = 25.0) -> None:
    async with asyncio.timeout(limit_s):
        before, _ = await sent(side)
        while True:
            await asyncio.sleep(1)
            now, _ = await sent(side)
            if now == before >= 0:
                return
            before = now


async def test_nothing_is_encoded_for_nobody_and_whoever_comes_sees_a_frame(side: MakeSide) -> None:
    anna, ben = await side("anna"), await side("ben")
    await anna.join()
    await until(lambda: anna.now.camera.working, "her camera works")
    await encodes_nothing(anna)
    await ben.join()
    await ben.seen(ANNA_NUMBERS)
    await ben.engine.close()
    await anna.state(CallState.WAITING)
    await encodes_nothing(anna)


async def test_a_muted_person_who_waits_alone_has_no_lost_connection_though_hardly_anything_is_sent(
    side: MakeSide,
) -> None:
    anna = await side("anna")
    await anna.join()
    await anna.engine.set_microphone(False)
    await encodes_nothing(anna)
    anna.states.clear()
    _, before = await sent(anna)
    await asyncio.sleep(SILENT_FOR_S)
    _, after = await sent(anna)
    assert after - before < LITTLE * SILENT_FOR_S, "hardly anything is sent that the server could acknowledge"
    assert set(anna.states) <= {CallState.WAITING}
