"""Carries the requests for more or less video between the two, as data messages in the room."""

import asyncio
import logging
import time
from typing import Any

from livekit import rtc

from app.call.adaptation.controller import REQUEST_TOPIC, AdaptationController
from app.call.room.room_session import RoomSession
from app.call.runtime.task_scope import TaskScope

log = logging.getLogger(__name__)

SENDING_LIMIT_S = 5.0


class ReceiverVideoConstraints:
    """Lives on the media loop; outlasts the connection of a call that rejoined."""

    def __init__(self, session: RoomSession, adaptation: AdaptationController, scope: TaskScope) -> None:
        self._session = session
        self._adaptation = adaptation
        self._scope = scope
        self._was_present = False
        self._sending = False
        session.subscribe_messages(REQUEST_TOPIC, self._on_message)

    def send_due(self) -> None:
        """To be called now and then: sends what is due, one message at a time. Of two at once the older one could
        arrive last, and would stand.
        """
        self._adaptation.expire_request(time.monotonic())
        peer = self._session.peer.present
        if peer is not None and not self._was_present:
            self._adaptation.on_new_peer()
        self._was_present = peer is not None
        if peer is None or self._sending:
            return
        if (request := self._adaptation.next_request(time.monotonic())) is not None:
            self._sending = True
            self._scope.start(self._send_all(request, peer.identity), "requesting other video")

    async def _send_all(self, request: bytes | None, identity: str) -> None:
        """This one, and what has become due meanwhile."""
        try:
            while request is not None:
                await self._send(request, identity)
                request = self._adaptation.next_request(time.monotonic())
        finally:
            self._sending = False

    async def _send(self, request: bytes, identity: str) -> None:
        try:
            own = self._session.room.local_participant
            sending: Any = own.publish_data(request, destination_identities=[identity], topic=REQUEST_TOPIC)
            await asyncio.wait_for(sending, SENDING_LIMIT_S)
        except Exception as error:  # the SDK's are plain; not connected just now, and it is sent again
            log.info("a video request was not sent: %s", type(error).__name__)

    def _on_message(self, packet: "rtc.DataPacket") -> None:
        state, sender = self._session.peer.state, packet.participant
        if sender is not None and state is not None and sender.identity == state.identity:
            self._adaptation.on_request(packet.data, time.monotonic())
