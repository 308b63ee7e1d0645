"""Camera, microphone and speaker of one call, with the threads that open them. Lives on the media loop."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial

from livekit import rtc

from app.call.audio.audio_device import AudioDevice
from app.call.audio.platform_io import PlatformDevice
from app.call.audio.portaudio_io import AudioSelection, create_audio_io
from app.call.contract.call_state import CallPart
from app.call.contract.devices import Device, DeviceKind, DeviceState
from app.call.runtime.task_scope import OnFault, TaskScope
from app.call.runtime.threads import Worker
from app.call.video.camera import Camera

log = logging.getLogger(__name__)

POLL_INTERVAL_S = 0.25
Check = Callable[[], Awaitable[None]]


class LocalDevices:
    """`on_change` is called after each change of a device's state; `on_audio` in PortAudio's thread, every 10 ms."""

    def __init__(
        self,
        camera: str | None,
        audio: AudioSelection,
        on_change: Callable[[], None],
        on_audio: Callable[[rtc.AudioFrame], None],
    ) -> None:
        self._camera_worker = Worker("call-cameras")
        self.camera = Camera(camera, self._camera_worker, on_change)
        try:
            self.audio, self.audio_backend = create_audio_io(audio, on_change, on_audio), audio.backend
        except BaseException:
            self._camera_worker.close(0)
            raise
        self.opened = asyncio.Event()
        """Each works, or its fault is known."""

    @property
    def states(self) -> dict[str, DeviceState]:
        """As the snapshot names them."""
        audio = self.audio
        return {"camera": self.camera.state, "microphone": audio.microphone.state, "speaker": audio.speaker.state}

    def of(self, kind: DeviceKind) -> Camera | AudioDevice | PlatformDevice:
        if kind is DeviceKind.CAMERA:
            return self.camera
        return self.audio.microphone if kind is DeviceKind.MICROPHONE else self.audio.speaker

    async def set_microphone(self, on: bool) -> None:
        self.audio.set_microphone(on)

    async def set_camera(self, on: bool) -> None:
        await self.camera.set_enabled(on)

    async def set_background_blur(self, on: bool) -> None:
        self.camera.set_blur(on)

    async def choose(self, device: Device, instead_of: Device | None = None) -> None:
        await self.of(device.kind).choose(device, instead_of)

    async def list_of(self, kind: DeviceKind) -> list[Device]:
        return await self.of(kind).devices()

    async def open(
        self, scope: TaskScope, on_audio_checked: Callable[[], None], fault_of: Callable[[CallPart], OnFault]
    ) -> None:
        """Opens all, the blur included, and keeps them working until `scope` closes; `on_audio_checked` is
        called after each check of the audio. Each device is checked apart: none waits for another's driver.
        """

        async def check_audio() -> None:
            await self.audio.check()
            on_audio_checked()

        checks: list[tuple[str, CallPart, Check]] = [
            ("the camera", CallPart.CAMERA, self.camera.check),
            ("the microphone", CallPart.AUDIO, self.audio.microphone.check),
            ("the speaker", CallPart.AUDIO, self.audio.speaker.check),
            ("the audio", CallPart.AUDIO, check_audio),
        ]
        for name, part, check in checks:
            scope.supervise(partial(_again_and_again, check), f"checking {name}", fault_of(part))
        try:
            await asyncio.gather(self.camera.open(), self.audio.open())
            await self.camera.blur.ready.wait()  # it has a limit of its own
        finally:
            self.opened.set()

    async def free(self) -> None:
        """The devices are free when this returns, or an error that says why not is in the log."""
        freed = await asyncio.gather(self.camera.close(), self.audio.close(), return_exceptions=True)
        for name, ended in zip(("camera", "audio devices"), freed, strict=True):
            if isinstance(ended, BaseException):
                log.error("the %s may still be in use", name, exc_info=ended)

    def end_workers(self) -> None:
        """After `free`, when nobody asks for a device any more."""
        self._camera_worker.close(0)  # the media loop waits for no driver
        self.audio.end_workers()


async def _again_and_again(check: Check) -> None:
    while True:
        await asyncio.sleep(POLL_INTERVAL_S)
        await check()
