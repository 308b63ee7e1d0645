"""Carries the shared timer over the room as data messages, from before the call is joined to its end."""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from livekit import rtc

from app.call.chat.sealing import Seal
from app.call.chat.timer import LARGEST_PACKET, TOPIC, FloodGate, TimerKeeper, read_timer_packet
from app.call.contract.call_state import CallState
from app.call.contract.engine import CallCredentials
from app.call.contract.timer import SharedTimer, leads
from app.call.room.room_session import RoomSession

log = logging.getLogger(__name__)

SENDING_LIMIT_S = 5.0
CHECK_EVERY_S = 0.5


class RoomTimer:
    """Lives on the media loop; outlasts the connection of a call that rejoined. `now` is the server's clock, `kept`
    what this side knew of the timer before.
    """

    def __init__(
        self,
        session: RoomSession,
        credentials: CallCredentials,
        now: Callable[[], datetime],
        kept: SharedTimer | None = None,
    ) -> None:
        self._session = session
        self._seal = Seal(credentials.encryption_key)
        self._now = now
        self._keeper = TimerKeeper(leads(credentials.participant_identity))
        self._gate = FloodGate()
        self._woken = asyncio.Event()
        self._visits: tuple[int, int] = (0, 0)
        session.subscribe_messages(TOPIC, self._on_message)
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

    async def run(self) -> None:
        """For as long as the call lasts: says how it stands while the other is there."""
        while True:
            await self._send_due()
            self._woken.clear()
            try:
                await asyncio.wait_for(self._woken.wait(), CHECK_EVERY_S)
            except TimeoutError:
                continue

    async def _send_due(self) -> None:
        peer = self._session.peer
        if self._session.status.state is not CallState.IN_CALL or peer.state is None:
            return
        visits = (peer.arrivals, self._session.restorations)
        if visits != self._visits:
            self._visits = visits
            self._keeper.peer_is_back()
        if (packet := self._keeper.due(time.monotonic(), self._now())) is None:
            return
        own = self._session.room.local_participant
        sealed = self._seal.close(packet, own.identity)
        sending: Any = own.publish_data(sealed, destination_identities=[peer.state.identity], topic=TOPIC)
        try:
            await asyncio.wait_for(sending, SENDING_LIMIT_S)
        except Exception as error:  # the SDK's are plain; not connected just now, and it is said again
            log.info("a timer packet was not sent: %s", type(error).__name__)

    def _on_message(self, received: "rtc.DataPacket") -> None:
        """Only of the professional, by the identity that the server vouches for."""
        sender, state = received.participant, self._session.peer.state
        if sender is None or state is None or sender.identity != state.identity or not leads(sender.identity):
            return
        if len(received.data) > LARGEST_PACKET or not self._gate.lets_through(time.monotonic()):
            return
        opened = self._seal.open(received.data, sender.identity)
        packet = read_timer_packet(opened) if opened is not None else None
        if packet is None:
            log.warning("a timer packet could not be read")
            return
        self._keeper.receive(packet, self._now())
        self._changed()

    def _changed(self) -> None:
        self._session.status.store.update(timer=self._keeper.timer)
        self._woken.set()
