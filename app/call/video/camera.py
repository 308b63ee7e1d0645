"""This side's camera: wanted or not, which one, what is wrong. Lives on the media loop."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from app.call.contract.devices import Device, DeviceFault, DeviceState
from app.call.runtime.threads import Worker
from app.call.video.background_blur import LiteRtSegmenter, PersonSegmenter
from app.call.video.blur_processor import BlurProcessor
from app.call.video.camera_list import camera_named, list_cameras, source_of
from app.call.video.capturer import FrameSink, Nowhere, VideoCapturer
from app.call.video.latest_frame import LatestFrame
from app.call.video.sources import CameraUnavailable

log = logging.getLogger(__name__)

OPEN_LIMIT_S = 10.0
SILENT_AFTER_S = 3.0
RELEASE_LIMIT_S = 2.0
LIST_LIMIT_S = 10.0
LATE_POLL_S = 1.5
"""A poll is due every quarter of a second: one that comes so late was suspended itself (a laptop, a busy machine)."""
TRY_AGAIN_AFTER_S = (2.0, 4.0, 8.0)
"""A camera that was lost is opened again by itself, as after a sleep it has to be; the last pause for all further."""


class Camera:
    """`on_change` is called on the media loop after each change of `state`.

    While `state.working`, frames go to `frames` (the own tile) and to `sink` (the room), as `blur` lets them pass.
    `load` makes the segmenter for it.
    """

    def __init__(
        self,
        chosen: str | None,
        worker: Worker,
        on_change: Callable[[], None],
        load: Callable[[], PersonSegmenter] = LiteRtSegmenter,
    ) -> None:
        self.frames = LatestFrame()
        self.sink: FrameSink = Nowhere()
        self.state = DeviceState(chosen=camera_named(chosen) if chosen else None)
        self._worker = worker
        self._on_change = on_change
        self._capture: VideoCapturer | None = None
        self._should_be_open = False
        self._polled_at_s = self._awake_since_s = time.monotonic()
        self._lost = False
        self._lost_at_s = 0.0
        self._tries = 0
        self._released = asyncio.Event()
        self._opened = asyncio.Event()
        self._turn = asyncio.Lock()
        self._loop = asyncio.get_running_loop()
        self.blur = BlurProcessor(self._blur_changed, load)
        self._switching_off: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Starts the capture if the camera is wanted; returns when the first frame is there or a fault is known."""
        async with self._turn:
            self._should_be_open = True
            await self._reopen()

    async def _reopen(self) -> None:
        self._lost = False
        await self._release()
        if not (self._should_be_open and self.state.enabled):
            return
        device = self.state.chosen or await self._first_camera()
        if device is None:
            self._change(working=False, fault=DeviceFault.MISSING, detail="No camera was found.")
            return
        self._change(chosen=device, working=False, fault=None, detail="")
        await self._start(device)

    async def _start(self, device: Device) -> None:
        self.frames.open()
        changed = self._opened = asyncio.Event()
        capture = self._capture = VideoCapturer(
            source_of(device), self.blur, self.frames, lambda: self.sink, lambda: self._post(changed.set)
        )
        try:
            await asyncio.wait_for(changed.wait(), OPEN_LIMIT_S)
        except TimeoutError:
            capture.failure = CameraUnavailable(DeviceFault.BUSY, "The camera does not answer.")
        if capture.failure is not None:
            await self._give_up(capture.failure)
        else:
            self._lost, self._tries = False, 0
            self._change(working=self._should_be_open, fault=None, detail="")

    async def _first_camera(self) -> Device | None:
        """The first real one: the test pattern is only ever somebody's own choice."""
        found = await self.devices()
        return found[0] if len(found) > 1 else None

    def _post(self, call: Callable[[], object]) -> None:
        try:
            self._loop.call_soon_threadsafe(call)
        except RuntimeError:  # an abandoned capture that woke up after the call
            return

    async def _give_up(self, failure: CameraUnavailable) -> None:
        await self._release()
        self._lost_at_s = time.monotonic()
        self._change(working=False, fault=failure.fault, detail=failure.detail)

    async def _release(self) -> None:
        """Stops the capture and waits until the device is free, or hangs for longer than we wait."""
        capture, self._capture = self._capture, None
        if capture is None:
            return
        capture.stop()
        self.frames.close()
        released = self._released = asyncio.Event()
        capture.when_released(lambda: self._post(released.set))
        try:
            await asyncio.wait_for(released.wait(), RELEASE_LIMIT_S)
        except TimeoutError:
            log.warning("a camera does not close")

    async def set_enabled(self, enabled: bool) -> None:
        """Off frees the device; on opens it again."""
        async with self._turn:
            if enabled == self.state.enabled:
                return
            if enabled:
                self.blur.allow_unblurred()
            self._change(enabled=enabled, working=False, fault=None, detail="")
            await self._reopen()

    def set_blur(self, on: bool) -> None:
        """Once this returns, no frame passes that is not as it is wanted now; the capture goes on."""
        self.blur.set_enabled(on)
        if self._capture is not None:
            self._capture.flush()
            if on:  # the last one may be from before
                self.frames.close()
                self.frames.open()

    def _blur_changed(self) -> None:
        if self.blur.state.blocked and self.state.enabled:
            self._switching_off = self._loop.create_task(self.set_enabled(False), name="camera off without a blur")
        self._on_change()

    async def choose(self, device: Device) -> None:
        async with self._turn:
            if device == self.state.chosen and self.state.working:
                return
            self._change(chosen=device, working=False, fault=None, detail="")
            await self._reopen()

    async def check(self) -> None:
        """To be called a few times a second: notices a camera that has failed, hangs or was unplugged, and opens one
        that was lost again, in growing pauses.
        """
        now_s = time.monotonic()
        if now_s - self._polled_at_s > LATE_POLL_S:
            self._awake_since_s = now_s
        self._polled_at_s = now_s
        if self._turn.locked():
            return
        capture = self._capture
        if capture is None:
            await self._try_again(now_s)
        elif failure := self._failure_of(capture, now_s):
            async with self._turn:
                if self._capture is capture:
                    self._lost = True
                    await self._give_up(failure)

    def _failure_of(self, capture: VideoCapturer, now_s: float) -> CameraUnavailable | None:
        silent_s = min(capture.age_s(), now_s - self._awake_since_s)
        if capture.failure is None and silent_s > SILENT_AFTER_S:
            return CameraUnavailable(DeviceFault.SILENT, "The camera gives no picture. Is it still connected?")
        return capture.failure

    async def _try_again(self, now_s: float) -> None:
        """What is wrong stays shown until it works. A driver that still holds the thread before is left alone."""
        pause_s = TRY_AGAIN_AFTER_S[min(self._tries, len(TRY_AGAIN_AFTER_S) - 1)]
        if not self._lost or not self._released.is_set() or now_s - self._lost_at_s < pause_s:
            return
        async with self._turn:
            if self._lost and self._should_be_open and self._capture is None and self.state.chosen is not None:
                self._tries += 1
                await self._start(self.state.chosen)

    async def devices(self) -> list[Device]:
        in_use = self.state.chosen
        try:
            return await self._worker.run(lambda: list_cameras(in_use), LIST_LIMIT_S)
        except TimeoutError:  # a driver hangs: what is known can still be chosen
            return [in_use] if in_use else []

    async def close(self) -> None:
        """Frees the device, also one that is still being opened."""
        self._should_be_open = False
        self._opened.set()
        async with self._turn:
            await self._release()
            self._change(working=False)

    def _change(self, **fields: Any) -> None:
        following = replace(self.state, **fields)
        if following != self.state:
            self.state = following
            self._on_change()
