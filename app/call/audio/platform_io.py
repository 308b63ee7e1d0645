"""The fallback where PortAudio is missing, and a choice: WebRTC's own device module (`rtc.PlatformAudio`).

It records, cleans and plays by itself, so nothing of the audio passes through this process's Python: there is no level
bar, no notice to a muted person who speaks, no fallback for a device that went away, and no test tone.
"""

import contextlib
import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from livekit import rtc

from app.call.audio.portaudio import DEFAULT_ID
from app.call.contract.devices import Device, DeviceFault, DeviceKind, DeviceState
from app.call.runtime.threads import Worker

log = logging.getLogger(__name__)

LIMIT_S = 8.0
NO_LIBRARY = "The system library PortAudio (libportaudio2) is not installed, and the system's sound found no device."
NOTHING_FOUND = "The system's sound found no device. Connect one, then try again."


class PlatformDevice:
    """Microphone or speaker of `PlatformAudioIO`; the same interface as `AudioDevice`."""

    def __init__(self, kind: DeviceKind, owner: "PlatformAudioIO") -> None:
        self.kind = kind
        self.state = DeviceState(chosen=Device(kind, DEFAULT_ID, "System default"))
        self._owner = owner

    async def open(self) -> None:
        await self._owner.open()

    async def choose(self, device: Device, instead_of: Device | None = None) -> None:
        self.change(chosen=device, instead_of=instead_of)
        await self._owner.take_choices()

    async def devices(self) -> list[Device]:
        return await self._owner.devices(self.kind)

    def change(self, **fields: Any) -> None:
        following = replace(self.state, **fields)
        if following != self.state:
            self.state = following
            self._owner.changed()


class PlatformAudioIO:
    """Both directions of the audio by the system's own means; the same interface as `PortAudioIO`. Lives on the media
    loop.
    """

    mixer = None
    """What is received is played by the SDK."""
    speaking_muted = False

    def __init__(self, worker: Worker, changed: Callable[[], None], as_fallback: bool = False) -> None:
        """`as_fallback`: PortAudio is missing, which is then what is wrong if this finds nothing either."""
        self.changed = changed
        self._nothing = (
            {"fault": DeviceFault.NO_DRIVER, "detail": NO_LIBRARY}
            if as_fallback
            else {"fault": DeviceFault.MISSING, "detail": NOTHING_FOUND}
        )
        self._worker = worker
        self._module: rtc.PlatformAudio | None = None
        self._source: rtc.PlatformAudioSource | None = None
        self.microphone = PlatformDevice(DeviceKind.MICROPHONE, self)
        self.speaker = PlatformDevice(DeviceKind.SPEAKER, self)

    async def open(self) -> None:
        """Returns when it works or a fault is known."""
        if self._module is None:
            try:
                await self._worker.run(self._begin, LIMIT_S)
            except rtc.PlatformAudioError as error:
                log.info("the system's audio cannot be opened: %s", error)
                self._show(working=False, **self._nothing)
                return
            except TimeoutError:
                self._show(working=False, fault=DeviceFault.BUSY, detail="The system's sound does not answer.")
                return
        self._show(working=True, fault=None, detail="")
        await self.take_choices()

    def _begin(self) -> None:
        module = rtc.PlatformAudio()
        try:
            source = module.create_audio_source()
        except rtc.PlatformAudioError:
            module.close()
            raise
        self._module, self._source = module, source

    def _show(self, **fields: Any) -> None:
        for device in (self.microphone, self.speaker):
            device.change(**fields)

    @property
    def source(self) -> "rtc.PlatformAudioSource | None":
        """What the microphone's track is made of; None while there is none."""
        return self._source

    async def take_choices(self) -> None:
        """Gives the module the chosen devices. One that is not there is a fault; what ran before goes on."""
        module = self._module
        if module is None:
            return
        for device, choose in (
            (self.microphone, module.set_recording_device),
            (self.speaker, module.set_playout_device),
        ):
            chosen = device.state.chosen
            if chosen is None or chosen.id == DEFAULT_ID:
                continue
            try:
                await self._worker.run(partial(choose, chosen.id), LIMIT_S)
            except (rtc.PlatformAudioError, TimeoutError):
                word = "microphone" if device is self.microphone else "loudspeaker"
                device.change(working=False, fault=DeviceFault.MISSING, detail=f"The {word} is not connected.")
            else:
                device.change(working=True, fault=None, detail="")

    async def devices(self, kind: DeviceKind) -> list[Device]:
        module = self._module
        if module is None:
            return []
        ask = module.recording_devices if kind is DeviceKind.MICROPHONE else module.playout_devices
        try:
            found = await self._worker.run(ask, LIMIT_S)
        except (rtc.PlatformAudioError, TimeoutError):
            return []
        return [Device(kind, DEFAULT_ID, "System default"), *(Device(kind, each.id, each.name) for each in found)]

    def set_microphone(self, on: bool) -> None:
        """Off mutes the track; the module keeps the device."""
        self.microphone.change(enabled=on)

    def joined(self) -> None:
        """Nothing to do: the system plays by itself."""

    def level(self) -> float:
        return 0.0

    async def play_test_tone(self) -> bool:
        return False

    async def check(self) -> None:
        """Nothing can be asked of the module."""

    async def close(self) -> None:
        """Ends with the call: a track that still uses the source keeps the device until then."""
        with contextlib.suppress(TimeoutError):
            await self._worker.run(self._end, LIMIT_S)
        self._show(working=False)

    def _end(self) -> None:
        source, self._source = self._source, None
        module, self._module = self._module, None
        if source is not None:
            source.close()
        if module is not None:
            module.close()
