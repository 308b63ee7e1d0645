"""Leaving so that the peer knows: they acknowledge it before the connection is closed.

The reason that a disconnect carries can be lost: the SDK closes its socket right behind it, and what the server sends
at that moment resets the connection (RFC 9293, 3.6.1). The peer would then wait for somebody who has left.

The message names who leaves by `join_ids_of`: it can arrive before the server has announced them, and after it the SDK
can still make one more connection of the same join. What the SDK keeps of a room that others are still in (0.6 MB) is
left to it (docs/decisions/0027).
"""

import asyncio
import contextlib
from collections.abc import Callable

from livekit import rtc

from app.call.room.remote_peer import is_person, join_ids_of

METHOD = "goodbye"
ANSWER_LIMIT_S = 2.0

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
        """To every person in the room; recorders and agents cannot answer. Returns when all have acknowledged it, or
        after a limit of 2 s.
        """
        if self._room.connection_state != rtc.ConnectionState.CONN_CONNECTED:
            return
        people = [each.identity for each in self._room.remote_participants.values() if is_person(each)]
        await asyncio.gather(*(self._notify(identity) for identity in people))

    async def _notify(self, identity: str) -> None:
        call = self._room.local_participant.perform_rpc(
            destination_identity=identity,
            method=METHOD,
            payload=" ".join(sorted(join_ids_of(self._room.local_participant))),
            response_timeout=ANSWER_LIMIT_S,
            max_round_trip_latency=ANSWER_LIMIT_S,
        )
        with contextlib.suppress(rtc.RpcError, TimeoutError):  # gone, without an answer, or without this method
            await asyncio.wait_for(call, ANSWER_LIMIT_S)
