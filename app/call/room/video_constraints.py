"""Carries the wishes for more or less of a picture between the two, as data messages in the room."""

import asyncio
import logging
import time
from typing import Any

from livekit import rtc

from app.call.adaptation.controller import WISH_TOPIC, PictureCare
from app.call.room.remote_peer import Presence
from app.call.room.room_session import InRoom
from app.call.runtime.task_scope import Scope

log = logging.getLogger(__name__)

SENDING_LIMIT_S = 5.0


class PictureWishes:
    """Lives on the media loop; outlasts the link of a call that found its way back."""

    def __init__(self, in_room: InRoom, care: PictureCare, scope: Scope) -> None:
        self._in_room = in_room
        self._care = care
        self._scope = scope
        self._were_here = False
        in_room.on_message = self._received

    def tell(self) -> None:
        """To be called now and then: says what is due."""
        other = self._in_room.other
        here = other.presence is Presence.HERE and other.known is not None
        if here and not self._were_here:
            self._care.other_is_new()
        self._were_here = here
        if here and other.known is not None and (wish := self._care.wish_due(time.monotonic())) is not None:
            self._scope.start(self._send(wish, other.known.identity), "asking for less picture")

    async def _send(self, wish: bytes, identity: str) -> None:
        sending: Any = self._in_room.room.local_participant.publish_data(
            wish, destination_identities=[identity], topic=WISH_TOPIC
        )
        try:
            await asyncio.wait_for(sending, SENDING_LIMIT_S)
        except Exception as error:  # the SDK's are plain; no link at the moment, and a wish that lasts is said again
            log.info("a wish for the picture was not sent: %s", type(error).__name__)

    def _received(self, packet: "rtc.DataPacket") -> None:
        known, sender = self._in_room.other.known, packet.participant
        theirs = sender is not None and known is not None and sender.identity == known.identity
        if theirs and packet.topic == WISH_TOPIC:
            self._care.heard(packet.data, time.monotonic())
