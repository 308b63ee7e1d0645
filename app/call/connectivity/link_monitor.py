"""Monitors a call's connection by what really arrives, whatever the SDK says, and decides when it is given up."""

import asyncio
import logging
import time
from collections.abc import Callable

from livekit import rtc

from app.call.adaptation.controller import AdaptationController
from app.call.connectivity.host import NetworkRoute, SuspendDetector
from app.call.contract.call_state import CallState, ReconnectCause
from app.call.contract.engine import CallLimits
from app.call.room.resubscribe import ResubscribeBackoff, resubscribe
from app.call.room.room_connection import server_quality
from app.call.room.room_session import Interruption, RoomSession
from app.call.room.video_constraints import ReceiverVideoConstraints
from app.call.runtime.task_scope import TaskScope
from app.call.state.machine import Presence
from app.call.stats.delivery import UNREAD_AUDIO_PACKETS, UNREAD_FRAMES, DeliveryCheck
from app.call.stats.lip_sync import FrameHold
from app.call.stats.quality_monitor import QualityMonitor
from app.call.stats.samples import RtcCounters
from app.call.stats.stall_detector import POLL_INTERVAL_S, ReceivedCounters, StallDetector

log = logging.getLogger(__name__)

CAMERA, MICROPHONE = rtc.TrackSource.SOURCE_CAMERA, rtc.TrackSource.SOURCE_MICROPHONE
SCREEN = rtc.TrackSource.SOURCE_SCREENSHARE
COUNTERS_LIMIT_S = 1.0
QUALITY_EVERY_S = 1.0
LONG_SUSPEND_S = 15.0
"""After so long the server has most likely counted this side out."""
SUSPEND_REMEMBERED_S = 30.0


class LinkMonitor:
    """Runs while the call is in its room. Feeds the stall detector and the quality monitor from one reading, and emits
    what they find: interruptions to the session, silence and stalls to the peer.

    `on_lost`: this connection will not come back, as far as patience goes. `on_poll` is called at each poll of a
    connection that is in use, with the monotonic time.
    """

    def __init__(
        self,
        session: RoomSession,
        quality: QualityMonitor,
        adaptation: AdaptationController,
        constraints: ReceiverVideoConstraints,
        scope: TaskScope,
        url: str,
        limits: CallLimits,
        may_rejoin: bool,
        on_lost: Callable[[], None],
        on_poll: Callable[[float], None],
    ) -> None:
        self._session = session
        self._quality = quality
        self._adaptation = adaptation
        self._constraints = constraints
        self._scope = scope
        self._url = url
        self._may_rejoin = may_rejoin
        self._patience_s = limits.rejoin_after_s if may_rejoin else limits.reconnect_s
        self._on_lost = on_lost
        self._on_poll = on_poll
        self._paused = False
        self._detector = StallDetector()
        self._arrivals = self._restorations = 0
        self._suspend_detector = SuspendDetector()
        self._woke_at_s, self._suspended_s = 0.0, 0.0
        self._received = ReceivedCounters()
        self._delivery = {CAMERA: DeliveryCheck(UNREAD_FRAMES), MICROPHONE: DeliveryCheck(UNREAD_AUDIO_PACKETS)}
        self._delivery[SCREEN] = DeliveryCheck(UNREAD_FRAMES)
        self._hold = FrameHold()
        self._sent, self._sending = 0, False
        self._quality_at_s = 0.0
        self._server = NetworkRoute()
        self._address: str | None = None
        self._cut_off_at_s: float | None = None
        self._backoff = ResubscribeBackoff()

    async def run(self) -> None:
        finding = asyncio.get_running_loop().create_task(self._find_server(), name="resolving the server's name")
        try:
            while self._session.status.in_room:
                await asyncio.sleep(POLL_INTERVAL_S)
                await self._poll()
        finally:
            finding.cancel()

    async def _find_server(self) -> None:
        """Beside the polls: a name server may take its time."""
        self._server = await NetworkRoute.of(self._url)
        self._address = self._server.local_address()

    def pause(self) -> None:
        """A new connection is being made: there is nothing to poll, and for the report it is an interruption."""
        if not self._paused:
            self._paused, self._quality_at_s = True, 0.0
            self._add_quality(None)

    def resume(self) -> None:
        """With the new connection."""
        self._paused = False
        self._address = self._server.local_address()
        self._cut_off_at_s = None

    @property
    def has_network(self) -> bool:
        return self._server.local_address() is not None

    async def _poll(self) -> None:
        if suspended_s := self._suspend_detector.gap_before(time.monotonic(), time.time()):
            self._suspended_s, self._woke_at_s = suspended_s, time.monotonic()
            self._detector.skip_gap()
        if self._paused:
            return
        connection = self._session.connection
        counters = await connection.counters(COUNTERS_LIMIT_S)
        if self._paused or connection is not self._session.connection or not self._session.status.in_room:
            return
        if counters is not None:
            self._sent, self._sending = counters.sent, counters.sent > self._sent
            self._received = received_of(counters, self._session.remote.frames_read)
        self._add_quality(counters)
        self._constraints.send_due()
        self._on_poll(time.monotonic())
        self._detect_stalls()
        if self._detector.connection_silent:
            self._session.on_interrupted(Interruption.STALL)
        else:
            self._session.on_restored(Interruption.STALL)
            self._session.peer.on_stalled(self._detector.audio_stalled, self._detector.video_stalled)
            self._session.peer.on_silence(self._detector.peer_silent)
            self._resubscribe_stalled(self._find_undelivered(counters) if counters is not None else [])
        self._evaluate()

    def _detect_stalls(self) -> None:
        session, peer = self._session, self._session.peer
        if session.restorations != self._restorations:
            self._detector.restart()
        elif peer.arrivals != self._arrivals:
            self._detector.restart_peer()
        self._restorations, self._arrivals = session.restorations, peer.arrivals
        state, now_s = peer.state, time.monotonic()
        video_expected = self._adaptation.remote_video_expected(session.remote.frames_read, now_s)
        self._detector.update(
            now_s,
            self._received,
            sending=self._sending,
            microphone_on=state is not None and state.microphone_on,
            camera_on=state is not None and state.camera_on and video_expected,
        )

    def _add_quality(self, counters: RtcCounters | None) -> None:
        """From the same reading, once a second."""
        if time.monotonic() - self._quality_at_s < QUALITY_EVERY_S:
            return
        self._quality_at_s = time.monotonic()
        peer = self._session.peer
        participant = peer.find() if peer.presence is Presence.PRESENT else None
        own = server_quality(self._session.room.local_participant)
        theirs = server_quality(participant) if participant is not None else None
        sample = self._quality.add(counters, own, theirs, self._adaptation.remote_video_visible)
        if sample is not None:
            self._session.remote.hold_s = self._hold.update(sample, self._session.remote.playout_ms) / 1000

    def _find_undelivered(self, counters: RtcCounters) -> list[rtc.TrackSource.ValueType]:
        remote = self._session.remote
        arrived_and_read = {CAMERA: (counters.received.frames, remote.frames_read)}
        arrived_and_read[SCREEN] = (counters.screen_frames, remote.screen_frames_read)
        if (blocks := remote.audio_blocks_read) is not None:
            arrived_and_read[MICROPHONE] = (counters.audio_packets, blocks)
        return [source for source, counts in arrived_and_read.items() if self._delivery[source].undelivered(*counts)]

    def _resubscribe_stalled(self, undelivered: list[rtc.TrackSource.ValueType]) -> None:
        stalled = [CAMERA] * self._detector.video_stalled + [MICROPHONE] * self._detector.audio_stalled
        if undelivered:
            log.warning("media arrives and is not handed over: subscribing again")
            stalled = undelivered
        attempt = self._backoff.due(time.monotonic(), bool(stalled), at_once=bool(undelivered))
        if attempt is not None and (participant := self._session.peer.find()) is not None:
            for source in stalled:
                resubscribe(participant, source, attempt, self._scope.start)

    def _evaluate(self) -> None:
        """While cut off: why, as far as can be known, and whether to wait any longer."""
        now_s = time.monotonic()
        if self._session.status.state is not CallState.RECONNECTING:
            if self._cut_off_at_s is not None:
                self.resume()
            return
        if self._cut_off_at_s is None:
            self._cut_off_at_s = now_s
        address = self._server.local_address()
        suspended_s = self._suspended_s if now_s - self._woke_at_s < SUSPEND_REMEMBERED_S else 0.0
        self._session.set_reconnect_cause(reconnect_cause_of(address, self._address, suspended_s))
        at_once = should_rejoin_now(address, self._address, suspended_s)
        in_a_hurry = self._may_rejoin and self._detector.connection_silent and at_once
        if in_a_hurry or now_s - self._cut_off_at_s > self._patience_s:
            self._on_lost()


def received_of(counters: RtcCounters, frames: int) -> ReceivedCounters:
    """What the stall detector goes by; `frames` of the peer's video have been read."""
    unknown = counters.unknown
    return ReceivedCounters(
        None if "packets_received" in unknown else counters.packets_received,
        None if "audio_packets" in unknown else counters.audio_packets,
        frames,
    )


def reconnect_cause_of(address: str | None, before: str | None, suspended_s: float) -> ReconnectCause:
    """Why nothing comes, from the own address towards the server, now and `before`, and a suspend just over."""
    if address is None and before is not None:
        return ReconnectCause.NO_NETWORK
    if address != before:
        return ReconnectCause.NETWORK_CHANGED
    return ReconnectCause.SUSPENDED if suspended_s else ReconnectCause.NO_ANSWER


def should_rejoin_now(address: str | None, before: str | None, suspended_s: float) -> bool:
    """Whether a silent connection will stay so, while a new one may be had: there is no point in patience."""
    return address is not None and (address != before or suspended_s > LONG_SUSPEND_S)
