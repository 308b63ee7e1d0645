"""Leaving so that the peer knows: they acknowledge it before the connection is closed.

The reason that a disconnect carries can be lost: the SDK closes its socket right behind it, and what the server sends
at that moment resets the connection (RFC 9293, 3.6.1). The peer would then wait for somebody who has left.

The message names who leaves by `join_ids_of`: it can arrive before the server has announced them, and after it the SDK
can still make one more connection of the same join.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from livekit import rtc
from livekit.rtc.participant import UnpublishTrackError

from app.call.room.remote_peer import join_ids_of

log = logging.getLogger(__name__)

METHOD = "goodbye"
ANSWER_LIMIT_S = 2.0
RELEASE_LIMIT_S = 1.0

OnPeerLeft = Callable[[str, frozenset[str]], None]


class LeaveHandshake:
    """Both ends of one room's leave messages, by LiveKit's remote procedure calls. Lives on the media loop."""

    def __init__(self, room: rtc.Room) -> None:
        self._room = room
        self._registered = False

    def register(self, on_peer_left: OnPeerLeft) -> None:
        """Once the room is connected. `on_peer_left` gets the identity and the join ids of whoever leaves."""

        async def confirm(call: rtc.RpcInvocationData) -> str:
            on_peer_left(call.caller_identity, frozenset(call.payload.split()))
            return ""

        self._room.local_participant.register_rpc_method(METHOD, confirm)
        self._registered = True

    def unregister(self) -> None:
        """Before the room is dropped: a method that stays registered keeps it in memory (livekit 1.2.1)."""
        if self._registered:
            self._registered = False
            self._room.local_participant.unregister_rpc_method(METHOD)

    async def announce(self) -> None:
        """To everybody in the room. Returns when all have acknowledged it, or after a limit of 2 s."""
        if self._room.connection_state != rtc.ConnectionState.CONN_CONNECTED:
            return
        others = list(self._room.remote_participants)
        acknowledged = await asyncio.gather(*(self._notify(identity) for identity in others))
        if others and all(acknowledged):
            await self._release_peers()

    async def _notify(self, identity: str) -> bool:
        call = self._room.local_participant.perform_rpc(
            destination_identity=identity,
            method=METHOD,
            payload=" ".join(sorted(join_ids_of(self._room.local_participant))),
            response_timeout=ANSWER_LIMIT_S,
            max_round_trip_latency=ANSWER_LIMIT_S,
        )
        try:
            await asyncio.wait_for(call, ANSWER_LIMIT_S)
        except (rtc.RpcError, TimeoutError):  # gone, without an answer, or a client without this method
            return False
        return True

    async def _release_peers(self) -> None:
        """The SDK keeps a room that is closed while somebody else is in it for ever (livekit 1.2.1,
        docs/decisions/0005). The first step of a full reconnect makes it forget the others; closing stops the second,
        or comes a little late. Nobody is shown that, for all have acknowledged the leave.
        """
        forgotten = asyncio.Event()
        self._room.on("participant_disconnected", lambda participant: forgotten.set())
        # closed meanwhile, or it takes too long
        with contextlib.suppress(RuntimeError, TimeoutError, UnpublishTrackError):
            async with asyncio.timeout(RELEASE_LIMIT_S):
                await self._withdraw_tracks()
                await self._room.simulate_scenario(rtc.SimulateScenarioKind.SIMULATE_FULL_RECONNECT)
                if self._room.remote_participants:
                    await forgotten.wait()

    async def _withdraw_tracks(self) -> None:
        """The reconnect would publish them once more; one that is closed meanwhile ends the process (livekit 1.2.1)."""
        own = self._room.local_participant
        for sid in list(own.track_publications):
            await own.unpublish_track(sid)
