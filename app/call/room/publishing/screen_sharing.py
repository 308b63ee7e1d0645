"""Shares one of this machine's screens in the room, over one connection after the other. Lives on the media loop."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from livekit import rtc

from app.call.contract.screen import SCREEN_BITS_PER_S, SCREEN_RATE_HZ, Screen, ScreenFault, ScreenState
from app.call.room.publishing.publisher import RETRY_AFTER_S
from app.call.runtime.threads import Worker
from app.call.screen.capturer import ScreenCapturer, ScreenSink
from app.call.screen.screens import ScreenUnavailable, list_screens
from app.call.state.store import SnapshotStore
from app.call.video.convert import UInt8Array

log = logging.getLogger(__name__)

LIST_LIMIT_S = 8.0
SCREENSHARE = rtc.TrackSource.SOURCE_SCREENSHARE
Start = Callable[[Coroutine[Any, Any, Any], str], Any]


def publish_options() -> rtc.TrackPublishOptions:
    """Over a narrow path there are fewer frames, and none smaller: text has to stay legible."""
    return rtc.TrackPublishOptions(
        source=SCREENSHARE,
        simulcast=False,
        degradation_preference=rtc.DegradationPreference.MAINTAIN_RESOLUTION.value,
        video_encoding=rtc.VideoEncoding(max_bitrate=SCREEN_BITS_PER_S, max_framerate=SCREEN_RATE_HZ),
        video_codec=rtc.VideoCodec.VP8,
    )


class ScreenTrack:
    """The track of one connection; a `ScreenSink`."""

    def __init__(self, room: rtc.Room, screen: Screen, may_send: Callable[[], bool]) -> None:
        self.room = room
        self._may_send = may_send
        self._source = rtc.VideoSource(screen.width, screen.height, is_screencast=True)
        self._sending, self._closed = threading.Lock(), False
        self._publishing: asyncio.Task[None] | None = None

    def publish(self) -> None:
        """Until it is published or closed. An attempt is not cancelled: the SDK could publish all the same."""
        self._publishing = asyncio.get_running_loop().create_task(self._publish(), name="publishing the screen")

    async def _publish(self) -> None:
        failures = 0
        while not self._closed:
            track = rtc.LocalVideoTrack.create_video_track("screen", self._source)  # see LocalTracks.renew
            try:
                await self.room.local_participant.publish_track(track, publish_options())
                return
            except Exception as error:  # the SDK's are plain
                log.warning("publishing the screen failed: %s", type(error).__name__)
            await asyncio.sleep(RETRY_AFTER_S[min(failures, len(RETRY_AFTER_S) - 1)])
            failures += 1

    def wants_frame(self) -> bool:
        return not self._closed and self._may_send()

    def send_frame(self, width: int, height: int, i420: UInt8Array) -> None:
        with self._sending:
            if not self._closed:
                self._source.capture_frame(rtc.VideoFrame(width, height, rtc.VideoBufferType.I420, i420.data))

    async def published(self) -> None:
        """Returns when what is just being published is."""
        if self._publishing is not None:
            await asyncio.wait({self._publishing})

    async def unpublish(self) -> None:
        """Ends it while the connection goes on. The SDK gives another SID after a reconnect, so it is looked for."""
        self.stop()
        await self.published()
        own = self.room.local_participant
        for publication in [each for each in own.track_publications.values() if each.source == SCREENSHARE]:
            with contextlib.suppress(Exception):  # the connection is being lost: the track goes with it
                await own.unpublish_track(publication.sid)
        await self._source.aclose()

    def stop(self) -> None:
        """No frame goes out after this returns."""
        with self._sending:
            self._closed = True

    async def close(self) -> None:
        """After its connection is over."""
        self.stop()
        await self._source.aclose()


class ScreenSharing:
    """`may_send`, called in the capture's thread: whether video may be sent at all now. A recording has each frame by
    `recording` too, and hears by `on_stop` that there are no more.
    """

    def __init__(self, store: SnapshotStore, start: Start, may_send: Callable[[], bool]) -> None:
        self._store = store
        self._start = start
        self._may_send = may_send
        self._worker: Worker | None = None
        self._room: rtc.Room | None = None
        self._capturer: ScreenCapturer | None = None
        self._track: ScreenTrack | None = None
        self._closed = False
        self.recording: ScreenSink | None = None
        self.on_stop: Callable[[], object] = lambda: None

    async def screens(self) -> list[Screen]:
        """What can be chosen now. Where there is none, the snapshot says why."""
        if self._closed:
            return []
        if self._worker is None:
            self._worker = Worker("call-screens")
        try:
            return await self._worker.run(list_screens, LIST_LIMIT_S)
        except ScreenUnavailable as unavailable:
            self._show(ScreenState(fault=unavailable.fault))
        except TimeoutError:
            self._show(ScreenState(fault=ScreenFault.FAILED))
        return []

    async def share(self, screen: Screen) -> None:
        """Instead of another, if there is one. Returns at once; the snapshot says when it is shared, or why not."""
        await self.stop()
        if self._closed:
            return
        loop = asyncio.get_running_loop()

        def changed() -> None:
            with contextlib.suppress(RuntimeError):  # the call is over, and its loop with it
                loop.call_soon_threadsafe(self._captured, capturer)

        self._show(ScreenState(screen))
        capturer = self._capturer = ScreenCapturer(screen, self._sinks, changed)
        self._publish()

    async def stop(self) -> None:
        """Of a screen, or of the notice why there is none."""
        capturer, self._capturer = self._capturer, None
        track, self._track = self._track, None
        if capturer is not None:
            capturer.stop()
            self.on_stop()
        self._show(ScreenState())
        if track is not None:
            track.stop()
            self._start(track.unpublish(), "ending the shared screen")

    def attach(self, room: rtc.Room) -> None:
        """A connection over which media may be sent; what is shared is shared over it too."""
        self._room = room
        self._publish()

    def detach(self) -> ScreenTrack | None:
        """The track of the connection that is over; it is closed after it."""
        track, self._track, self._room = self._track, None, None
        if track is not None:
            track.stop()
        return track

    async def published(self, limit_s: float) -> None:
        """Returns when what is just being published is, or after the limit."""
        if self._track is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._track.published(), limit_s)

    def close(self) -> None:
        """The call is over: the screen is not read any more when this returns."""
        self._closed = True
        if self._capturer is not None:
            self._capturer.stop()
            self._capturer = None
            self.on_stop()
        self._show(ScreenState())
        if self._worker is not None:
            self._worker.close(0)

    def _sinks(self) -> list[ScreenSink]:
        return [each for each in (self._track, self.recording) if each is not None]

    def _publish(self) -> None:
        chosen = self._store.snapshot.screen.chosen
        if self._room is None or chosen is None or (self._track is not None and self._track.room is self._room):
            return
        track = self._track = ScreenTrack(self._room, chosen, self._may_send)
        track.publish()

    def _captured(self, capturer: ScreenCapturer) -> None:
        if capturer is not self._capturer:
            return
        if capturer.failure is not None:
            self._start(self._give_up(capturer.failure), "ending a screen that failed")
        else:
            self._show(ScreenState(self._store.snapshot.screen.chosen, sharing=True))

    async def _give_up(self, fault: ScreenFault) -> None:
        await self.stop()
        self._show(ScreenState(fault=fault))

    def _show(self, state: ScreenState) -> None:
        self._store.update(screen=state)
