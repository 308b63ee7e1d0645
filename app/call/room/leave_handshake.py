"""Saying goodbye so that it arrives: the other side confirms it, before the connection is closed.

The reason that a disconnect carries can be lost: the SDK closes its socket right behind it, and what the server sends
at that moment resets the connection (RFC 9293, 3.6.1). The other would then wait for somebody who has left.

The goodbye names who leaves by the keys of `visit_of`: it can arrive before the server has told of them, and after it
the SDK can still make one more connection of the same visit.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from livekit import rtc
from livekit.rtc.participant import UnpublishTrackError

from app.call.room.remote_peer import visit_of

log = logging.getLogger(__name__)

METHOD = "goodbye"
ANSWER_LIMIT_S = 2.0
LETTING_GO_LIMIT_S = 1.0

OnGoodbye = Callable[[str, frozenset[str]], None]


class Farewell:
    """Both ends of one room's goodbyes, by LiveKit's remote procedure calls. Lives on the media loop."""

    def __init__(self, room: rtc.Room) -> None:
        self._room = room
        self._listening = False

    def listen(self, on_goodbye: OnGoodbye) -> None:
        """Once the room is connected. `on_goodbye` is told the identity and the visit of whoever leaves."""

        async def confirm(call: rtc.RpcInvocationData) -> str:
            on_goodbye(call.caller_identity, frozenset(call.payload.split()))
            return ""

        self._room.local_participant.register_rpc_method(METHOD, confirm)
        self._listening = True

    def deafen(self) -> None:
        """Before the room is let go of: a method that stays registered keeps it in memory (livekit 1.2.1)."""
        if self._listening:
            self._listening = False
            self._room.local_participant.unregister_rpc_method(METHOD)

    async def say(self) -> None:
        """Tells everybody in the room. Returns when all have confirmed it, or after a limit of 2 s."""
        if self._room.connection_state != rtc.ConnectionState.CONN_CONNECTED:
            return
        others = list(self._room.remote_participants)
        told = await asyncio.gather(*(self._tell(identity) for identity in others))
        if others and all(told):
            await self._let_go_of_participants()

    async def _tell(self, identity: str) -> bool:
        call = self._room.local_participant.perform_rpc(
            destination_identity=identity,
            method=METHOD,
            payload=" ".join(sorted(visit_of(self._room.local_participant))),
            response_timeout=ANSWER_LIMIT_S,
            max_round_trip_latency=ANSWER_LIMIT_S,
        )
        try:
            await asyncio.wait_for(call, ANSWER_LIMIT_S)
        except (rtc.RpcError, TimeoutError):  # gone, without an answer, or a client that knows no goodbye
            return False
        return True

    async def _let_go_of_participants(self) -> None:
        """The SDK keeps a room that is closed while somebody else is in it for ever (livekit 1.2.1,
        docs/decisions/0005). The first step of a full reconnect makes it forget the others; closing stops the second,
        or comes a little late. Nobody is shown that, for all have confirmed the goodbye.
        """
        forgotten = asyncio.Event()
        self._room.on("participant_disconnected", lambda participant: forgotten.set())
        # closed meanwhile, or it takes too long
        with contextlib.suppress(RuntimeError, TimeoutError, UnpublishTrackError):
            async with asyncio.timeout(LETTING_GO_LIMIT_S):
                await self._withdraw_tracks()
                await self._room.simulate_scenario(rtc.SimulateScenarioKind.SIMULATE_FULL_RECONNECT)
                if self._room.remote_participants:
                    await forgotten.wait()

    async def _withdraw_tracks(self) -> None:
        """The reconnect would publish them once more; one that is closed meanwhile ends the process (livekit 1.2.1)."""
        own = self._room.local_participant
        for sid in list(own.track_publications):
            await own.unpublish_track(sid)
