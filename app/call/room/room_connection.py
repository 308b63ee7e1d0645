"""The connection to one LiveKit room: made with a limit of our own, never cancelled, given up in the background."""

import asyncio
import contextlib
import logging
import re
import time
from collections.abc import Callable, Mapping
from enum import StrEnum

from livekit import rtc

from app.call.room.leave_handshake import LeaveHandshake, OnPeerLeft
from app.call.room.log_redaction import install_token_filter
from app.call.room.remote_peer import LEFT_ON_PURPOSE
from app.call.room.sdk_private import skip_capture_events
from app.call.state.machine import CallEvent
from app.call.stats.rating import ServerQuality
from app.call.stats.rtc_stats import counters_of, track_identifier, unknown_counters
from app.call.stats.samples import RtcCounters

log = logging.getLogger(__name__)

_STATUS = re.compile(r"client error: (\d{3})")
SCREEN_SOURCES = (rtc.TrackSource.SOURCE_SCREENSHARE, rtc.TrackSource.SOURCE_SCREENSHARE_AUDIO)
_REFUSALS = {"401", "403"}
_NO_SUCH_ROOM = "404"

ENDINGS: dict[int, CallEvent] = {
    rtc.DisconnectReason.DUPLICATE_IDENTITY: CallEvent.JOINED_ELSEWHERE,
    rtc.DisconnectReason.ROOM_DELETED: CallEvent.ROOM_CLOSED,
    rtc.DisconnectReason.ROOM_CLOSED: CallEvent.ROOM_CLOSED,
    rtc.DisconnectReason.PARTICIPANT_REMOVED: CallEvent.ROOM_CLOSED,
}
"""What the server's reasons mean to the call; every other one is a lost connection."""


class JoinOutcome(StrEnum):
    CONNECTED = "connected"
    REFUSED = "refused"
    NO_ROOM = "no_room"
    FAILED = "failed"


class RoomConnection:
    """One room, joined at most once. Made and used on the media loop.

    `room.connect` must not be cancelled: the SDK ends the whole process then. So it is a task of its own that nobody
    cancels; one that comes too late is disconnected by `disconnect`.
    """

    def __init__(
        self,
        handlers: Mapping[str, Callable[..., None]],
        on_peer_left: OnPeerLeft = lambda identity, join_ids: None,
        encryption: rtc.E2EEOptions | None = None,
    ) -> None:
        """`on_peer_left` is called for a participant who leaves on purpose. Without `encryption` the server could see
        and hear what is sent.
        """
        install_token_filter()
        self.room = rtc.Room(loop=asyncio.get_running_loop())
        self._handshake = LeaveHandshake(self.room)
        self._on_peer_left = on_peer_left
        self._events_muted = False
        self._encryption = encryption
        for event, handler in handlers.items():
            self.room.on(event, self._unless_muted(handler))  # type: ignore[arg-type]  # the names are the SDK's, a typo shows in the first test
        self._connecting: asyncio.Task[None] | None = None
        self._identifiers: dict[rtc.Track, str] = {}

    def mute_events(self) -> None:
        """From now on nothing that happens to this room is heard."""
        self._events_muted = True

    def _unless_muted(self, handler: Callable[..., None]) -> Callable[..., None]:
        def handle(*arguments: object) -> None:
            if not self._events_muted:
                handler(*arguments)

        return handle

    async def connect(
        self, url: str, token: str, limit_s: float | None, given_up: asyncio.Event, attempt_s: float | None = None
    ) -> JoinOutcome:
        """Returns after `limit_s`, or when `given_up` is set, at the latest. The SDK makes four attempts of `attempt_s`
        each, if that is given.
        """
        loop = asyncio.get_running_loop()
        # dynacast: the encoder rests while nobody is subscribed, as when waiting alone
        options = rtc.RoomOptions(connect_timeout=attempt_s, dynacast=True, encryption=self._encryption)
        connecting = self._connecting = loop.create_task(self.room.connect(url, token, options))
        giving_up = loop.create_task(given_up.wait())
        try:
            await asyncio.wait({connecting, giving_up}, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            giving_up.cancel()
        if not connecting.done():
            return JoinOutcome.FAILED
        if (error := connecting.exception()) is not None:
            return _outcome_of(error)
        skip_capture_events(self.room)
        self._handshake.register(self._unless_muted(self._on_peer_left))
        return JoinOutcome.CONNECTED

    async def disconnect(self, on_purpose: bool) -> None:
        """Disconnects; on purpose, this is announced first. Takes up to 7 s when nothing answers, up to half a
        minute while a connection is still being made.
        """
        if self._connecting is not None:
            await asyncio.wait({self._connecting})
            self._connecting.exception()
        if on_purpose:
            await self._handshake.announce()
        reason = LEFT_ON_PURPOSE if on_purpose else rtc.DisconnectReason.CLIENT_INITIATED
        try:
            self._handshake.unregister()
            await self.room.disconnect(reason=reason)
        except Exception:  # the SDK raises plain exceptions; the call is over in any case
            log.exception("disconnecting failed")

    async def counters(self, limit_s: float) -> RtcCounters | None:
        """The connection's counters now. None while it is not made, and where the SDK takes longer than the limit."""
        if not self.room.isconnected():
            return None
        try:
            async with asyncio.timeout(limit_s):
                screens = await self._screens()
                stats = await self.room.get_rtc_stats()
        except (RuntimeError, TimeoutError):  # not connected at this moment
            return None
        at_s = time.monotonic()
        try:
            return counters_of((*stats.publisher_stats, *stats.subscriber_stats), at_s, screens)
        except AttributeError:  # another SDK than this was written for
            log.exception("the statistics cannot be read")
            return unknown_counters(at_s)

    async def _screens(self) -> frozenset[str]:
        """What the statistics call the tracks of shared screens, of either side: not by their SIDs (livekit 1.2.1), so
        each track is asked for its own, once.
        """
        participants = (self.room.local_participant, *self.room.remote_participants.values())
        publications = [each for one in participants for each in one.track_publications.values()]
        tracks = [each.track for each in publications if each.source in SCREEN_SOURCES and each.track is not None]
        known = {track: self._identifiers[track] for track in tracks if track in self._identifiers}
        for track in tracks:
            with contextlib.suppress(Exception):  # the SDK's are plain: a track that has just gone
                if track not in known and (identifier := track_identifier(await track.get_stats())):
                    known[track] = identifier
        self._identifiers = known
        return frozenset(known.values())


def _outcome_of(error: BaseException) -> JoinOutcome:
    """The SDK gives text only; it is not logged here, for it repeats the refused token."""
    found = _STATUS.search(getattr(error, "message", "") or str(error))
    status = found[1] if found else ""
    log.info("joining failed (%s)", f"HTTP {status}" if status else type(error).__name__)
    if status in _REFUSALS:
        return JoinOutcome.REFUSED
    return JoinOutcome.NO_ROOM if status == _NO_SUCH_ROOM else JoinOutcome.FAILED


_SERVER_QUALITIES = {
    int(rtc.ConnectionQuality.QUALITY_EXCELLENT): ServerQuality.GOOD,
    int(rtc.ConnectionQuality.QUALITY_GOOD): ServerQuality.GOOD,
    int(rtc.ConnectionQuality.QUALITY_POOR): ServerQuality.POOR,
    int(rtc.ConnectionQuality.QUALITY_LOST): ServerQuality.LOST,
}


def server_quality(participant: "rtc.Participant") -> ServerQuality:
    """The server's last rating of their connection."""
    return _SERVER_QUALITIES.get(int(participant.connection_quality), ServerQuality.UNKNOWN)
