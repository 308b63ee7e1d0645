"""Back into a call by itself over a new connection, and where that must not happen."""

import asyncio
from collections.abc import Callable

from app.call.contract.call_state import CallState, EndReason, ReconnectCause
from app.call.contract.engine import CallCredentials, CallLimits, RefreshCredentials, RejoinRefused
from app.call.state.machine import CallEvent
from tests.live.conftest import MakeSide
from tests.live.sides import ANNA_NUMBERS, BEN_NUMBERS, Side
from tests.stage.livekit_server import LivekitServer
from tests.stage.tokens import create_room, credentials, delete_room
from tests.waiting import until

HASTY = CallLimits(rejoin_after_s=0.5)
"""Takes a new connection as soon as the old one is silent."""


class Backend:
    """`generate-call-link` of a test: `asked` counts, `answer` may be replaced."""

    def __init__(self, server: LivekitServer, room: str) -> None:
        self.asked = 0
        self.answer: Callable[[str], CallCredentials] = lambda identity: credentials(server, room, identity)
        self._server, self._room = server, room

    def for_(self, side: Side) -> RefreshCredentials:
        async def refresh() -> CallCredentials:
            self.asked += 1
            given = self.answer(side.identity)
            await create_room(self._server, self._room)
            return given

        return refresh


def away(identity: str) -> CallCredentials:
    raise ConnectionError("the backend is away")


def over(identity: str) -> CallCredentials:
    raise RejoinRefused(EndReason.ROOM_CLOSED)


def elsewhere(identity: str) -> CallCredentials:
    """As the backend answers a rejoin of a join that is not the person's newest (tests/backend/calls)."""
    raise RejoinRefused(EndReason.JOINED_ELSEWHERE)


async def test_a_device_that_comes_back_from_a_dead_network_leaves_the_persons_newer_device_in_the_call(
    side: MakeSide, server: LivekitServer, room: str
) -> None:
    backend = Backend(server, room)
    laptop, phone, ben = await side("anna"), await side("anna"), await side("ben")
    await asyncio.gather(laptop.join(backend.for_(laptop)), ben.join())
    await asyncio.gather(laptop.seen(BEN_NUMBERS), ben.seen(ANNA_NUMBERS))
    call, media = laptop.engine._call, laptop.engine._media
    assert call is not None
    assert call._session is not None
    assert media is not None
    media.post(call._session.connection.mute_events)  # nothing that the server says reaches it any more
    await phone.join()
    await phone.seen(BEN_NUMBERS)
    backend.answer = elsewhere
    phone.states.clear()
    media.post(call._connection_ended, CallEvent.CONNECTION_LOST)
    await laptop.state(CallState.ENDED)
    assert laptop.now.end_reason is EndReason.JOINED_ELSEWHERE
    await laptop.engine.close()
    pictures = phone.engine._call
    assert pictures is not None
    await phone.seen(BEN_NUMBERS, after=pictures.remote_frames.count)
    await ben.state(CallState.IN_CALL)
    assert set(phone.states) <= {CallState.IN_CALL}, "the phone has not been evicted"


async def test_a_server_that_was_killed_and_started_again_finds_both_in_the_call_again(
    side: MakeSide, own_server: LivekitServer, room: str
) -> None:
    backend = Backend(own_server, room)
    anna, ben = await side("anna", at=own_server), await side("ben", at=own_server)
    await asyncio.gather(anna.join(backend.for_(anna)), ben.join(backend.for_(ben)))
    await asyncio.gather(anna.seen(BEN_NUMBERS), ben.seen(ANNA_NUMBERS))
    since = anna.now.in_call_since
    own_server.kill()
    await asyncio.gather(anna.state(CallState.RECONNECTING), ben.state(CallState.RECONNECTING))
    own_server.start()
    await asyncio.gather(anna.state(CallState.IN_CALL, 60), ben.state(CallState.IN_CALL, 60))
    for one, other in ((anna, BEN_NUMBERS), (ben, ANNA_NUMBERS)):
        call = one.engine._call
        assert call is not None
        await one.seen(other, after=call.remote_frames.count)
        assert CallState.ENDED not in one.states
    assert anna.now.in_call_since == since, "it is the same call, and so is its timer"
    assert anna.now.camera.working, "the camera stayed open"


async def test_a_call_server_that_is_away_while_the_backend_answers_is_named_and_end_works(
    side: MakeSide, own_server: LivekitServer, room: str
) -> None:
    anna = await side("anna", at=own_server, limits=HASTY)

    async def refresh() -> CallCredentials:
        return credentials(own_server, room, "anna")

    await anna.join(refresh)
    own_server.kill()
    await until(lambda: anna.now.reconnect_cause is ReconnectCause.SERVER_GONE, "Anna is told", 40)
    assert anna.now.state is CallState.RECONNECTING
    await anna.engine.leave()
    assert (anna.now.state, anna.now.end_reason) == (CallState.ENDED, EndReason.LEFT)


async def test_without_the_backend_the_credentials_at_hand_are_enough(
    side: MakeSide, own_server: LivekitServer, room: str
) -> None:
    backend = Backend(own_server, room)
    anna = await side("anna", at=own_server, limits=HASTY)
    await anna.join(backend.for_(anna))
    await until(lambda: anna.now.camera.working, "Anna sends")
    backend.answer = away
    own_server.freeze()
    await until(lambda: backend.asked > 0, "fresh credentials are asked for")
    own_server.thaw()
    await anna.state(CallState.WAITING, 40)


async def test_a_session_that_is_over_meanwhile_ends_the_call_as_closed(
    side: MakeSide, own_server: LivekitServer, room: str
) -> None:
    backend = Backend(own_server, room)
    anna = await side("anna", at=own_server, limits=HASTY)
    await anna.join(backend.for_(anna))
    backend.answer = over
    own_server.kill()
    await anna.state(CallState.ENDED, 40)
    assert anna.now.end_reason is EndReason.ROOM_CLOSED


async def test_nobody_goes_back_by_itself_after_a_closed_room_or_joining_elsewhere(
    side: MakeSide, server: LivekitServer, room: str
) -> None:
    backend = Backend(server, room)
    anna, again = await side("anna"), await side("anna")
    await anna.join(backend.for_(anna))
    await again.join(backend.for_(again))
    await anna.state(CallState.ENDED)
    assert anna.now.end_reason is EndReason.JOINED_ELSEWHERE
    await delete_room(server, room)
    await again.state(CallState.ENDED)
    assert again.now.end_reason is EndReason.ROOM_CLOSED
    assert backend.asked == 0
