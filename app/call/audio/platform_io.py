"""The fallback where PortAudio is missing, and a choice: WebRTC's own device module (`rtc.PlatformAudio`).

It records, cleans and plays by itself, so nothing of the audio passes through this process's Python: there is no level
bar, no notice to a muted person who speaks, no fallback for a device that went away, and no test tone.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from livekit import rtc

from app.call.audio.device_streams import FORBIDDEN, DeviceWorker
from app.call.audio.driver.device_list import DEFAULT_ID
from app.call.audio.driver.errors import NO_ANSWER
from app.call.contract.devices import Device, DeviceFault, DeviceKind, DeviceState
from app.call.runtime.device_permission import Access, Capability, DevicePermission, of_this_system

log = logging.getLogger(__name__)

LIMIT_S = 8.0
TOO_LATE = "The microphone works again. Leave the call and join again to be heard."
TRY_AGAIN_AFTER_S = (2.0, 4.0, 8.0, 16.0)
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

    async def check(self) -> None:
        """The module is one for both: `PlatformAudioIO.check`."""

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

    def __init__(
        self, changed: Callable[[], None], as_fallback: bool = False, permission: DevicePermission | None = None
    ) -> None:
        """`as_fallback`: PortAudio is missing, which is then what is wrong if this finds nothing either."""
        self.changed = changed
        self._nothing = (
            {"fault": DeviceFault.NO_DRIVER, "detail": NO_LIBRARY}
            if as_fallback
            else {"fault": DeviceFault.MISSING, "detail": NOTHING_FOUND}
        )
        self._worker = DeviceWorker("call-platform-audio")
        self._permission = permission or of_this_system()
        self._tries, self._tried_at, self._should_be_open = 0, 0.0, False
        self._set: set[DeviceKind] = set()
        self._opening = asyncio.Lock()
        self._is_too_late = False
        """The microphone's track was made without this module."""
        self._module: rtc.PlatformAudio | None = None
        self._source: rtc.PlatformAudioSource | None = None
        self.microphone = PlatformDevice(DeviceKind.MICROPHONE, self)
        self.speaker = PlatformDevice(DeviceKind.SPEAKER, self)

    async def open(self) -> None:
        """Returns when it works or a fault is known."""
        self._should_be_open = True
        async with self._opening:
            self._tried_at = time.monotonic()
            if self._module is None and not await self._began():
                return
            self._tries = 0
            self._show(working=True, fault=None, detail="")
            await self.take_choices()
            if self._permission.access(Capability.MICROPHONE) is Access.REFUSED:
                self.microphone.change(working=False, fault=FORBIDDEN.fault, detail=FORBIDDEN.detail)
            elif self._is_too_late:
                self.microphone.change(working=False, fault=DeviceFault.BUSY, detail=TOO_LATE)

    async def _began(self) -> bool:
        if self._worker.hangs:
            return False
        try:
            await self._worker.run(self._begin, LIMIT_S)
        except rtc.PlatformAudioError as error:
            log.info("the system's audio cannot be opened: %s", error)
            self._show(working=False, **self._nothing)
        except TimeoutError:
            self._show(working=False, fault=DeviceFault.BUSY, detail=NO_ANSWER)
        return self._module is not None

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
        """What the microphone's track is made of; None while there is none: that track stays silent."""
        self._is_too_late = self._source is None
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
            device_id = await self._id_of(chosen, device.kind)
            if device_id is None:
                continue
            try:
                await self._worker.run(partial(choose, device_id), LIMIT_S)
            except (rtc.PlatformAudioError, TimeoutError):
                detail = f"The {device.kind} is not connected."
                device.change(working=False, fault=DeviceFault.MISSING, detail=detail)
            else:
                self._set.add(device.kind)
                device.change(working=True, fault=None, detail="")

    async def _id_of(self, chosen: Device | None, kind: DeviceKind) -> str | None:
        """What to set; None where nothing has to be. The module begins with the default and has no name for it: the
        first of its list is what it takes for it.
        """
        if chosen is not None and chosen.id != DEFAULT_ID:
            return chosen.id
        return next((each.id for each in (await self.devices(kind))[1:]), None) if kind in self._set else None

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
        """To be called a few times a second. Nothing can be asked of a module that runs; one that could not be opened
        is tried again.
        """
        pause_s = TRY_AGAIN_AFTER_S[min(self._tries, len(TRY_AGAIN_AFTER_S) - 1)]
        waits = self._opening.locked() or self._worker.hangs or time.monotonic() - self._tried_at < pause_s
        failed = self._module is None or self.speaker.state.detail == NO_ANSWER
        if failed and self._should_be_open and not waits:
            self._tries += 1
            await self.open()

    async def close(self) -> None:
        """Ends with the call: a track that still uses the source keeps the device until then."""
        self._should_be_open = False
        try:
            await self._worker.run(self._end, LIMIT_S)
        except TimeoutError:
            log.warning("the system's audio does not close")
        self._show(working=False)

    def end_workers(self) -> None:
        """After `close`."""
        self._worker.close()

    def _end(self) -> None:
        source, self._source = self._source, None
        module, self._module = self._module, None
        if source is not None:
            source.close()
        if module is not None:
            module.close()
