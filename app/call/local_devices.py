"""Camera, microphone and speaker of one call, with the threads that open them. Lives on the media loop."""

import asyncio
import logging
from collections.abc import Callable

from livekit import rtc

from app.call.audio.audio_device import AudioDevice
from app.call.audio.platform_io import PlatformDevice
from app.call.audio.portaudio_io import create_audio_io
from app.call.contract.devices import AudioBackend, DeviceKind, DeviceState
from app.call.runtime.task_scope import TaskScope
from app.call.runtime.threads import Worker
from app.call.video.camera import Camera

log = logging.getLogger(__name__)

POLL_INTERVAL_S = 0.25


class LocalDevices:
    """`on_change` is called after each change of a device's state; `on_audio` in PortAudio's thread, every 10 ms."""

    def __init__(
        self,
        camera: str | None,
        audio_backend: AudioBackend,
        on_change: Callable[[], None],
        on_audio: Callable[[rtc.AudioFrame], None],
    ) -> None:
        self._camera_worker, self._audio_worker = Worker("call-cameras"), Worker("call-audio-devices")
        self.camera = Camera(camera, self._camera_worker, on_change)
        try:
            self.audio, self.audio_backend = create_audio_io(audio_backend, self._audio_worker, on_change, on_audio)
        except BaseException:
            self.end_workers()
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

    async def open(self, scope: TaskScope, on_audio_checked: Callable[[], None]) -> None:
        """Opens all, the blur included, and keeps them working until `scope` closes; `on_audio_checked` is
        called after each check of the audio devices.
        """
        scope.start(self._keep_camera(), "checking the camera")
        scope.start(self._keep_audio(on_audio_checked), "checking the audio devices")
        try:
            await asyncio.gather(self.camera.open(), self.audio.open())
            await self.camera.blur.ready.wait()  # it has a limit of its own
        finally:
            self.opened.set()

    async def _keep_camera(self) -> None:
        """Apart from the audio, which must not wait for a camera that is being opened."""
        while True:
            await asyncio.sleep(POLL_INTERVAL_S)
            await self.camera.check()

    async def _keep_audio(self, on_audio_checked: Callable[[], None]) -> None:
        while True:
            await asyncio.sleep(POLL_INTERVAL_S)
            await self.audio.check()
            on_audio_checked()

    async def free(self) -> None:
        """The devices are free when this returns."""
        closings = await asyncio.gather(self.camera.close(), self.audio.close(), return_exceptions=True)
        for error in closings:
            if isinstance(error, BaseException):
                log.error("freeing a device failed", exc_info=error)

    def end_workers(self) -> None:
        """After `free`, when nobody asks for a device any more."""
        self._camera_worker.close(0)  # the media loop waits for no driver
        self._audio_worker.close(0)
