"""Carries the shared timer over the room as data messages."""

import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from livekit import rtc

from app.call.chat.flood_gate import FloodGate
from app.call.chat.timer import (
    LARGEST_PACKET,
    PACKETS_A_SECOND,
    PACKETS_AT_ONCE,
    TOPIC,
    TimerKeeper,
    read_timer_packet,
)
from app.call.contract.engine import CallCredentials
from app.call.contract.timer import SharedTimer, leads
from app.call.room.messages.sealed_topic import SealedTopic
from app.call.room.room_session import RoomSession


class RoomTimer(SealedTopic):
    """How it stands is said again and again. `now` is the server's clock, `kept` what this side knew of it before."""

    topic = TOPIC
    check_every_s = 0.5

    def __init__(
        self,
        session: RoomSession,
        credentials: CallCredentials,
        now: Callable[[], datetime],
        kept: SharedTimer | None = None,
    ) -> None:
        self._now = now
        self._keeper = TimerKeeper(leads(credentials.participant_identity))
        self._gate = FloodGate(PACKETS_AT_ONCE, PACKETS_A_SECOND)
        super().__init__(session, credentials.encryption_key)
        if kept is not None:
            self.take_kept(kept)

    def set(self, length: timedelta | None) -> None:
        """Starts one of this length, or stops it (None). Of the user's side it changes nothing."""
        if length is None:
            self._keeper.stop()
        else:
            self._keeper.start(length, self._now())
        self._changed()

    def take_kept(self, kept: SharedTimer) -> None:
        """What this side knew of it before."""
        self._keeper.take_kept(kept, self._now())
        self._changed()

    def packets_due(self) -> Iterable[bytes]:
        packet = self._keeper.due(time.monotonic(), self._now())
        return () if packet is None else (packet,)

    def peer_is_back(self) -> None:
        self._keeper.peer_is_back()

    def admits(self, received: "rtc.DataPacket", sender: str) -> bool:
        """Only the professional's, and of a flood only so much."""
        return leads(sender) and len(received.data) <= LARGEST_PACKET and self._gate.lets_through(time.monotonic())

    def take(self, packet: bytes) -> bool:
        read = read_timer_packet(packet)
        if read is None:
            return False
        self._keeper.receive(read, self._now())
        self._changed()
        return True

    def _changed(self) -> None:
        self.session.status.store.update(timer=self._keeper.timer)
        self.wake()
