"""This side's camera: wanted or not, which one, what is wrong. Lives on the media loop."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from app.call.contract.devices import TEST_PATTERN, Device, DeviceFault, DeviceState
from app.call.runtime.device_permission import Access, Capability, DevicePermission, decided, of_this_system
from app.call.runtime.threads import Worker
from app.call.video import held_cameras
from app.call.video.background_blur import LiteRtSegmenter, PersonSegmenter
from app.call.video.blur_processor import BlurProcessor
from app.call.video.camera_list import camera_named, list_cameras, source_of
from app.call.video.capturer import FrameSink, Nowhere, VideoCapturer
from app.call.video.held_cameras import HeldCameras
from app.call.video.latest_frame import LatestFrame
from app.call.video.sources import CameraUnavailable

log = logging.getLogger(__name__)

OPEN_LIMIT_S = 10.0
SILENT_AFTER_S = 3.0
RELEASE_LIMIT_S = 2.0
LIST_LIMIT_S = 10.0
LATE_POLL_S = 1.5
"""A poll is due every quarter of a second: one that comes so late was suspended itself (a laptop, a busy machine)."""
TRY_AGAIN_AFTER_S = (2.0, 4.0, 8.0, 16.0)
"""A camera that does not work is opened again by itself, as after a sleep it has to be; the last pause for all further.
"""
STUCK_DETAIL = "The camera does not close: it may still record. Unplug it, or cover it and start the computer again."


class Camera:
    """`on_change` is called on the media loop after each change of `state`.

    While `state.working`, frames go to `frames` (the own tile), to `sink` (the room) and to `recording`, as `blur` lets
    them pass.
    Switching off takes effect at once, also while the camera opens: no frame passes after it. A driver that hangs while
    it closes is the fault STUCK, switched off or not, and that camera is not opened before it is free.
    `load` makes the segmenter for the blur, `permission` asks the system, `held` knows the cameras that do not close.
    """

    def __init__(
        self,
        chosen: str | None,
        worker: Worker,
        on_change: Callable[[], None],
        load: Callable[[], PersonSegmenter] = LiteRtSegmenter,
        permission: DevicePermission | None = None,
        held: HeldCameras = held_cameras.OF_THIS_PROCESS,
    ) -> None:
        self.frames = LatestFrame()
        self.sink: FrameSink = Nowhere()
        self.recording: FrameSink = Nowhere()
        self.state = DeviceState(chosen=camera_named(chosen) if chosen else None)
        self._worker = worker
        self._on_change = on_change
        self._permission = permission or of_this_system()
        self._held = held
        self._capture: VideoCapturer | None = None
        self._captured: Device | None = None
        self._should_be_open = False
        self._polled_at_s = self._awake_since_s = time.monotonic()
        self._failed_at_s = 0.0
        self._tries = 0
        self._opened = asyncio.Event()
        self._turn = asyncio.Lock()
        self._loop = asyncio.get_running_loop()
        self.blur = BlurProcessor(self._blur_changed, load)
        self._switching_off: asyncio.Task[None] | None = None

    @property
    def _wanted(self) -> bool:
        return self._should_be_open and self.state.enabled

    async def open(self) -> None:
        """Starts the capture if the camera is wanted; returns when the first frame is there or a fault is known."""
        self._should_be_open = True
        async with self._turn:
            self._tries = 0
            await self._reopen()

    async def _reopen(self) -> None:
        await self._release()
        device = (self.state.chosen or await self._first_camera()) if self._wanted else None
        if not self._wanted:  # perhaps only since they were listed
            self._change(working=False, **self._stuck_or(None, ""))
        elif device is None:
            self._fail(CameraUnavailable(DeviceFault.MISSING, "No camera was found."))
        elif self._held.holds(device.id):
            self._change(chosen=device, working=False, fault=DeviceFault.STUCK, detail=STUCK_DETAIL)
        else:
            self._change(chosen=device, working=False, fault=None, detail="")
            await self._start(device)

    async def _start(self, device: Device) -> None:
        if device != TEST_PATTERN and await self._access() is Access.REFUSED:
            self._fail(CameraUnavailable(DeviceFault.REFUSED, "The system's privacy settings forbid the camera."))
            return
        if not self._wanted:
            return
        self.frames.open()
        changed = self._opened = asyncio.Event()
        capture = self._capture = VideoCapturer(
            source_of(device),
            self.blur,
            self.frames,
            lambda: (self.sink, self.recording),
            lambda: self._post(changed.set),
        )
        self._captured = device
        try:
            await asyncio.wait_for(changed.wait(), OPEN_LIMIT_S)
        except TimeoutError:
            capture.failure = CameraUnavailable(DeviceFault.BUSY, "The camera does not answer.")
        if capture.is_stopped:  # switched off meanwhile, and perhaps on again
            await self._release()
            self._change(working=False, **self._stuck_or(None, ""))
        elif capture.failure is not None:
            await self._give_up(capture.failure)
        else:
            self._tries = 0
            self._change(working=True, **self._stuck_or(None, ""))

    async def _access(self) -> Access:
        """Waits for the person's answer, unless they switch the camera off instead."""
        return await decided(self._permission, Capability.CAMERA, lambda: not self._wanted)

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
        self._fail(failure)

    def _fail(self, failure: CameraUnavailable) -> None:
        if self._wanted:
            self._failed_at_s = time.monotonic()
            self._change(working=False, fault=failure.fault, detail=failure.detail)

    def _stuck_or(self, fault: DeviceFault | None, detail: str) -> dict[str, Any]:
        """A camera that does not close is said before anything else: it may record."""
        if self._held.holds():
            return {"fault": DeviceFault.STUCK, "detail": STUCK_DETAIL}
        return {"fault": fault, "detail": detail}

    def _cut(self) -> None:
        """No frame passes from here on; what is being opened is closed when it comes."""
        self._opened.set()
        if self._capture is not None:
            self._capture.stop()
            self.frames.close()

    async def _release(self) -> None:
        """Stops the capture and waits until the device is free, or hangs for longer than we wait."""
        capture, self._capture = self._capture, None
        if capture is None or self._captured is None:
            return
        capture.stop()
        self.frames.close()
        released = asyncio.Event()
        capture.when_released(lambda: self._post(released.set))
        try:
            await asyncio.wait_for(released.wait(), RELEASE_LIMIT_S)
        except TimeoutError:
            log.warning("a camera does not close")
            self._held.add(self._captured.id, capture)

    async def set_enabled(self, enabled: bool) -> None:
        """Off frees the device, and no frame passes once this has been called; on opens it again."""
        if enabled == self.state.enabled:
            return
        if enabled:
            self.blur.allow_unblurred()
        else:
            self._cut()
        self._change(enabled=enabled, working=False, **self._stuck_or(None, ""))
        async with self._turn:
            runs = self._capture is not None and not self._capture.is_stopped
            if enabled != self.state.enabled or (enabled and runs):  # switched back while another had its turn
                return
            self._tries = 0
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

    async def choose(self, device: Device, instead_of: Device | None = None) -> None:
        """Does not wait for another camera that is still being opened."""
        if device != self.state.chosen and not self.state.working:
            self._cut()
        async with self._turn:
            if device == self.state.chosen and self.state.working:
                self._change(instead_of=instead_of)
                return
            self._tries = 0
            self._change(chosen=device, instead_of=instead_of, working=False, **self._stuck_or(None, ""))
            await self._reopen()

    async def check(self) -> None:
        """To be called a few times a second: notices a camera that has failed, hangs or was unplugged, and opens one
        that does not work again, in growing pauses.
        """
        now_s = time.monotonic()
        if now_s - self._polled_at_s > LATE_POLL_S:
            self._awake_since_s = now_s
        self._polled_at_s = now_s
        if self._turn.locked():
            return
        async with self._turn:
            if self.state.fault is DeviceFault.STUCK and not self._held.holds():
                await self._let_go()
            elif self._capture is None:
                await self._try_again(now_s)
            elif failure := self._failure_of(self._capture, now_s):
                await self._give_up(failure)

    async def _let_go(self) -> None:
        """The driver has come back."""
        self._change(fault=None, detail="")
        if self._capture is None:
            await self._reopen()

    def _failure_of(self, capture: VideoCapturer, now_s: float) -> CameraUnavailable | None:
        silent_s = min(capture.age_s(), now_s - self._awake_since_s)
        if capture.failure is None and silent_s > SILENT_AFTER_S:
            if self._permission.access(Capability.CAMERA).explains_failure:
                return CameraUnavailable(DeviceFault.REFUSED, "The system's privacy settings forbid the camera.")
            return CameraUnavailable(DeviceFault.SILENT, "The camera gives no picture. Is it still connected?")
        return capture.failure

    async def _try_again(self, now_s: float) -> None:
        """What is wrong stays shown until it works. A driver that still holds the thread before is left alone."""
        device, pause_s = self.state.chosen, TRY_AGAIN_AFTER_S[min(self._tries, len(TRY_AGAIN_AFTER_S) - 1)]
        if not self._wanted or self.state.fault is None or now_s - self._failed_at_s < pause_s:
            return
        self._tries += 1
        if device is None:
            await self._reopen()
        elif not self._held.holds(device.id):
            await self._start(device)

    async def devices(self) -> list[Device]:
        """What can be chosen now; opens none of them."""
        in_use = self.state.chosen
        try:
            return await self._worker.run(lambda: list_cameras(in_use), LIST_LIMIT_S)
        except TimeoutError:  # a driver hangs: what is known can still be chosen
            return [in_use] if in_use else []

    async def close(self) -> None:
        """Frees the device, also one that is still being opened."""
        self._should_be_open = False
        self._cut()
        async with self._turn:
            await self._release()
            self._change(working=False, **self._stuck_or(self.state.fault, self.state.detail))

    def _change(self, **fields: Any) -> None:
        following = replace(self.state, **fields)
        if following != self.state:
            self.state = following
            self._on_change()
