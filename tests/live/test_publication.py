"""A publication that the server does not answer: tried again, and meanwhile nobody is told that they are seen."""

import asyncio

import pytest
from livekit import rtc

from app.call.contract.call_state import CallState, Publication
from app.call.room.publishing.local_tracks import LocalTracks
from tests.live.conftest import MakeSide
from tests.live.sides import ANNA_NUMBERS, BEN_NUMBERS, Side
from tests.live.test_rejoin import Backend
from tests.stage.livekit_server import LivekitServer
from tests.waiting import until

STALL_S = 10.5
"""The SDK gives a publication up after 10 s, and the connection only after about 15. So the server gets the request
that was given up, and after it the next one.
"""


def publications(side: Side) -> set[Publication]:
    return {side.now.camera_publication, side.now.microphone_publication}


async def test_a_server_that_stalls_while_the_tracks_are_published_gets_them_once_it_answers(
    side: MakeSide, own_server: LivekitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ben = await side("ben", at=own_server)
    await ben.join()
    anna = await side("anna", at=own_server)
    publish, stalled = LocalTracks.publish, asyncio.Event()
    loop = asyncio.get_running_loop()

    async def stall_first(tracks: LocalTracks, *arguments: object) -> rtc.LocalTrackPublication:
        if not stalled.is_set():
            own_server.freeze()
            loop.call_soon_threadsafe(loop.call_later, STALL_S, own_server.thaw)
            loop.call_soon_threadsafe(stalled.set)
        return await publish(tracks, *arguments)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(LocalTracks, "publish", stall_first)
    joining = asyncio.ensure_future(anna.join())
    await asyncio.wait_for(stalled.wait(), 20)
    await until(lambda: publications(anna) == {Publication.DELAYED}, "Anna is told that nobody can get her", 12)
    await joining
    await until(lambda: publications(anna) == {Publication.PUBLISHED}, "they are published", 30)
    await asyncio.gather(anna.state(CallState.IN_CALL), ben.state(CallState.IN_CALL))
    await asyncio.gather(ben.seen(ANNA_NUMBERS), anna.seen(BEN_NUMBERS))
    await until(lambda: ben.now.peer and ben.now.peer.microphone_on, "and Ben can hear her")


async def test_two_publications_in_a_row_that_fail_have_the_call_take_a_new_connection(
    side: MakeSide, server: LivekitServer, room: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = Backend(server, room)
    ben = await side("ben")
    await ben.join()
    anna = await side("anna")
    publish, refused = LocalTracks.publish, list[int]()

    async def refuse_twice(tracks: LocalTracks, *arguments: object) -> rtc.LocalTrackPublication:
        if len(refused) < 4:  # two tracks
            refused.append(1)
            raise rtc.participant.PublishTrackError("as the SDK does when its connection is broken")
        return await publish(tracks, *arguments)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(LocalTracks, "publish", refuse_twice)
    await anna.join(backend.for_(anna))
    assert publications(anna) == {Publication.DELAYED}
    await ben.seen(ANNA_NUMBERS)
    await until(lambda: publications(anna) == {Publication.PUBLISHED}, "both are published")
    assert backend.asked > 0, "over a new connection"
    assert CallState.ENDED not in (*anna.states, *ben.states)
