"""Publishes this side's tracks, as often as it takes: one that fails is tried again, and then the call rejoins."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from livekit import rtc

from app.call.adaptation.video_adapter import VideoAdapter
from app.call.contract.call_state import Publication
from app.call.contract.devices import DeviceKind, VideoEncoder
from app.call.local_devices import LocalDevices
from app.call.room.publishing.local_tracks import PUBLISHED_KINDS, LocalTracks
from app.call.runtime.task_scope import TaskScope
from app.call.runtime.threads import EventLoopThread

log = logging.getLogger(__name__)

OPENING_LIMIT_S = 3.0
LATE_AFTER_S = 3.0
"""What takes longer is shown to the person."""
ANSWER_LIMIT_S = 15.0
"""For one attempt; the SDK gives one up after 10 s by itself."""
RETRY_AFTER_S = (1.0, 2.0, 4.0, 8.0, 15.0)
"""After each failure; the last one for all further."""
FAILURES_BEFORE_REJOIN = 2
MAX_REJOINS = 3
"""In a row, for a publication's sake: where even new connections do not help, the one at hand is kept, which at least
receives, and only retried over.
"""


@dataclass
class _Track:
    """One track's publication over one connection. `participant_sid` is whose it was when `sid` was given."""

    state: Publication = Publication.NONE
    since_s: float = 0.0
    publication: rtc.LocalTrackPublication | None = None
    sid: str = ""
    participant_sid: str = ""


class Publisher:
    """Publishes this side into its room, over one connection after the other. Lives on the media loop; frames of the
    microphone and the camera come in their capture threads.
    """

    def __init__(
        self,
        devices: LocalDevices,
        video_adapter: VideoAdapter,
        audio_loop: EventLoopThread,
        scope: TaskScope,
        on_change: Callable[[], None],
        rejoin: Callable[[], None],
        video_encoder: VideoEncoder = VideoEncoder.SOFTWARE,
    ) -> None:
        """`on_change`: `publications` have changed. `rejoin` takes a new connection, if the call can have one."""
        self._devices = devices
        self._video_adapter = video_adapter
        self._audio_loop, self._audio_scope = audio_loop, TaskScope()
        self._scope = scope
        self._on_change = on_change
        self._rejoin = rejoin
        self._video_encoder = video_encoder
        self._rejoins = 0
        self._room: rtc.Room | None = None
        self._tracks: LocalTracks | None = None
        self._states = {kind: _Track() for kind in PUBLISHED_KINDS}
        self._in_flight: set[asyncio.Task[rtc.LocalTrackPublication]] = set()

    @property
    def publications(self) -> dict[str, Publication]:
        """As the snapshot names them."""
        return {
            "camera_publication": self._states[DeviceKind.CAMERA].state,
            "microphone_publication": self._states[DeviceKind.MICROPHONE].state,
        }

    async def publish(self, room: rtc.Room, is_current: Callable[[], bool], on_tracks: Callable[[], None]) -> None:
        """Publishes into a room that is just connected, unless it is no longer `is_current` once the devices are open.
        `on_tracks` is called when there are tracks that can be muted. Returns when each has been tried once; what has
        failed is tried again behind its back.
        """
        # A track that is unmuted while the peer subscribes to it can stay silent there (livekit 1.2.1 leaves it
        # disabled): what is about to work is waited for, so that it is published as it will be.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._devices.opened.wait(), OPENING_LIMIT_S)
        if not is_current():
            return
        tracks = self._tracks = LocalTracks(
            self._video_adapter, self._audio_loop, self._audio_scope, self._devices.audio.source, self._video_encoder
        )
        self._room = room
        self._states = {kind: _Track() for kind in PUBLISHED_KINDS}
        on_tracks()
        self._devices.camera.sink = tracks
        await asyncio.gather(*(self._first_attempt(kind, tracks, room) for kind in PUBLISHED_KINDS))

    async def _first_attempt(self, kind: DeviceKind, tracks: LocalTracks, room: rtc.Room) -> None:
        if not await self._attempt(kind, tracks, room):
            self._scope.start(self._retry(kind, tracks, room), f"publishing the {kind} again")

    async def _retry(self, kind: DeviceKind, tracks: LocalTracks, room: rtc.Room) -> None:
        """After a failure: until it is published, or another connection has taken this one's place."""
        failures = 1
        while tracks is self._tracks:
            await asyncio.sleep(RETRY_AFTER_S[min(failures, len(RETRY_AFTER_S)) - 1])
            if tracks is not self._tracks:
                return
            tracks.renew(kind)
            if await self._attempt(kind, tracks, room):
                return
            failures += 1
            if failures == FAILURES_BEFORE_REJOIN:
                self._ask_to_rejoin(tracks)

    async def _attempt(self, kind: DeviceKind, tracks: LocalTracks, room: rtc.Room) -> bool:
        """Whether it is published. Nothing cancels the attempt itself: leaving waits for it."""
        if self._states[kind].state is not Publication.DELAYED:
            self._set(kind, Publication.UNDERWAY)
        attempt = asyncio.get_running_loop().create_task(tracks.publish(room, kind), name=f"publishing the {kind}")
        self._in_flight.add(attempt)
        attempt.add_done_callback(self._landed)
        await asyncio.wait({attempt}, timeout=ANSWER_LIMIT_S)
        if not attempt.done() and tracks is self._tracks:
            # It may still succeed, and a second one beside it would be shown twice: only a new connection helps.
            log.warning("publishing the %s is not answered", kind)
            self._set(kind, Publication.DELAYED)
            self._ask_to_rejoin(tracks)
        while not attempt.done() and tracks is self._tracks:
            await asyncio.wait({attempt}, timeout=ANSWER_LIMIT_S)
        if tracks is not self._tracks:
            return False
        if (error := attempt.exception()) is not None:
            log.warning("publishing the %s failed: %s", kind, error)
            self._set(kind, Publication.DELAYED)
            return False
        self._published(kind, room, attempt.result())
        return True

    def _landed(self, attempt: "asyncio.Task[rtc.LocalTrackPublication]") -> None:
        self._in_flight.discard(attempt)
        if not attempt.cancelled():
            attempt.exception()  # which nobody may be waiting for any more

    def _published(self, kind: DeviceKind, room: rtc.Room, publication: rtc.LocalTrackPublication) -> None:
        state = self._states[kind]
        state.publication, state.sid = publication, publication.sid
        state.participant_sid = room.local_participant.sid
        self._set(kind, Publication.PUBLISHED)
        if all(each.state is Publication.PUBLISHED for each in self._states.values()):
            self._rejoins = 0

    def _set(self, kind: DeviceKind, state: Publication) -> None:
        if self._states[kind].state is not state:
            self._states[kind].state, self._states[kind].since_s = state, time.monotonic()
            self._on_change()

    def _ask_to_rejoin(self, tracks: LocalTracks) -> None:
        if tracks is self._tracks and self._rejoins < MAX_REJOINS:
            self._rejoins += 1
            self._rejoin()

    def check(self, now_s: float) -> None:
        """To be called now and then while connected: whether what is published is what should be."""
        room, tracks = self._room, self._tracks
        if room is None or tracks is None or room.connection_state != rtc.ConnectionState.CONN_CONNECTED:
            return
        for kind, state in self._states.items():
            if state.state is Publication.UNDERWAY and now_s - state.since_s > LATE_AFTER_S:
                self._set(kind, Publication.DELAYED)
            if state.publication is not None:
                self._check_published(kind, state, tracks, room, now_s)

    def _check_published(
        self, kind: DeviceKind, state: _Track, tracks: LocalTracks, room: rtc.Room, now_s: float
    ) -> None:
        """A full reconnect of the SDK makes another participant of this one, and publishes again: a publication that
        still has the number from before got lost in that.
        """
        own, publication = room.local_participant, state.publication
        if publication is None:
            return
        if publication.sid not in own.track_publications:
            log.warning("the publication of the %s is gone", kind)
            state.publication = None
            self._set(kind, Publication.DELAYED)
            self._scope.start(self._retry(kind, tracks, room), f"publishing the {kind} again")
        elif own.sid == state.participant_sid or publication.sid != state.sid:
            state.participant_sid, state.sid = own.sid, publication.sid
            self._set(kind, Publication.PUBLISHED)
        elif state.state is Publication.PUBLISHED:
            self._set(kind, Publication.UNDERWAY)
        elif state.state is Publication.DELAYED and now_s - state.since_s > ANSWER_LIMIT_S:
            log.warning("the %s was not published again after a reconnect", kind)
            state.since_s = now_s
            self._ask_to_rejoin(tracks)

    def apply_mute(self) -> None:
        """As the devices are now: what gives nothing is muted."""
        if self._tracks is not None:
            states = self._devices.states
            seen = states["camera"].is_sending and not self._devices.camera.blur.state.starting
            self._tracks.set_muted(microphone=not states["microphone"].is_sending, camera=not seen)

    def resend_mute_state(self) -> None:
        if self._tracks is not None:
            self._tracks.resend_mute_state()

    def send_audio(self, frame: rtc.AudioFrame) -> None:
        """PortAudio's thread, every 10 ms."""
        if (tracks := self._tracks) is not None:
            tracks.audio.send(frame)

    def detach(self) -> LocalTracks | None:
        """The tracks of the connection that is over; they are closed after it."""
        tracks, self._tracks, self._room = self._tracks, None, None
        self._states = {kind: _Track() for kind in PUBLISHED_KINDS}
        self._on_change()
        return tracks

    async def published(self, limit_s: float) -> None:
        """Returns when what is just being published is, or after the limit."""
        if self._in_flight:
            await asyncio.wait(self._in_flight, timeout=limit_s)

    async def close(self) -> None:
        """Ends what runs on the audio loop."""
        await self._audio_loop.run(self._audio_scope.close())
