"""Camera, microphone and loudspeaker of one call, with the threads that open them. Lives on the media loop."""

import asyncio
from collections.abc import Callable

from livekit import rtc

from app.call.audio.audio_device import SoundDevice
from app.call.audio.platform_io import SystemDevice
from app.call.audio.portaudio_io import sound_for
from app.call.contract.devices import DeviceKind, DeviceState, SoundPath
from app.call.runtime.task_scope import Scope
from app.call.runtime.threads import Worker
from app.call.video.camera import Camera

LOOK_EVERY_S = 0.25


class Devices:
    """`on_change` is called after each change of a device's state; `on_voice` in PortAudio's thread, every 10 ms."""

    def __init__(
        self,
        camera: str | None,
        sound: SoundPath,
        on_change: Callable[[], None],
        on_voice: Callable[[rtc.AudioFrame], None],
    ) -> None:
        self._camera_worker, self._sound_worker = Worker("call-cameras"), Worker("call-sound")
        self.camera = Camera(camera, self._camera_worker, on_change)
        self.audio, self.path = sound_for(sound, self._sound_worker, on_change, on_voice)
        self.opened = asyncio.Event()
        """Each works, or its fault is known."""

    @property
    def states(self) -> dict[str, DeviceState]:
        """As the snapshot names them."""
        audio = self.audio
        return {"camera": self.camera.state, "microphone": audio.microphone.state, "speaker": audio.speaker.state}

    def of(self, kind: DeviceKind) -> Camera | SoundDevice | SystemDevice:
        if kind is DeviceKind.CAMERA:
            return self.camera
        return self.audio.microphone if kind is DeviceKind.MICROPHONE else self.audio.speaker

    async def open(self, scope: Scope, heard: Callable[[], None]) -> None:
        """Opens all, the blur included, and looks after them until `scope` closes; `heard` is called after each look
        at the sound.
        """
        scope.start(self._look_after_camera(), "looking after the camera")
        scope.start(self._look_after_sound(heard), "looking after the sound")
        try:
            await asyncio.gather(self.camera.open(), self.audio.open())
            await self.camera.blur.settled.wait()  # it has a limit of its own
        finally:
            self.opened.set()

    async def _look_after_camera(self) -> None:
        """Apart from the sound, which must not wait for a camera that is being opened."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            await self.camera.check()

    async def _look_after_sound(self, heard: Callable[[], None]) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            await self.audio.check()
            heard()

    async def free(self) -> None:
        """The devices are free when this returns."""
        await asyncio.gather(self.camera.close(), self.audio.close(), return_exceptions=True)

    def end_workers(self) -> None:
        """After `free`, when nobody asks for a device any more."""
        self._camera_worker.close()
        self._sound_worker.close()
