"""This side's microphone and loudspeaker: wanted or not, which ones, what is wrong. Lives on the media loop."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from livekit import rtc

from app.call import portaudio
from app.call.play_ring import FRAME, MS
from app.call.portaudio import DEFAULT_ID, SoundUnavailable
from app.call.ports import Device, DeviceFault, DeviceKind, DeviceState
from app.call.sound_stream import SoundStream
from app.call.threads import Worker
from app.call.voices import Ear, Mouth, Processing

log = logging.getLogger(__name__)

IN_BLOCK, IN_LATENCY_S = FRAME, 0.01
OUT_BLOCK, OUT_LATENCY_S, OUT_LATENCY_MOST_S = 5 * MS, 0.01, 0.04
OPEN_LIMIT_S = 8.0
CLOSE_LIMIT_S = 2.0
LIST_LIMIT_S = 8.0
SILENT_AFTER_S = 1.5
STRAINED_AFTER = 20
"""Lost blocks between two looks, a second apart, after which the loudspeaker gets a longer buffer."""


class SoundDevice:
    """One microphone or loudspeaker. `on_change` is called on the media loop after each change of `state`."""

    def __init__(
        self, kind: DeviceKind, callback: Callable[..., None], worker: Worker, on_change: Callable[[], None]
    ) -> None:
        self.kind = kind
        self.state = DeviceState(chosen=Device(kind, DEFAULT_ID, "System default"))
        self._callback = callback
        self._worker = worker
        self._on_change = on_change
        self._latency_s = IN_LATENCY_S if kind is DeviceKind.MICROPHONE else OUT_LATENCY_S
        self._stream: SoundStream | None = None
        self._strained_before = 0
        self._turn = asyncio.Lock()
        self._wanted_open = False

    async def open(self) -> None:
        """Returns when it works or a fault is known."""
        async with self._turn:
            self._wanted_open = True
            await self._reopen()

    async def _reopen(self) -> None:
        await self._release()
        chosen = self.state.chosen
        if not self._wanted_open or chosen is None:
            return
        block = IN_BLOCK if self.kind is DeviceKind.MICROPHONE else OUT_BLOCK
        stream = SoundStream(self.kind, chosen.id, block, self._latency_s, self._callback)
        try:
            self._stream = await self._worker.run(stream.open, OPEN_LIMIT_S)
        except SoundUnavailable as unavailable:
            self.change(working=False, fault=unavailable.fault, detail=unavailable.detail)
        except TimeoutError:
            self._worker.post(stream.close)  # should it open after all, later
            self.change(working=False, fault=DeviceFault.BUSY, detail="The sound device does not answer.")
        else:
            self._strained_before = 0
            self.change(working=True, fault=None, detail="")

    async def _release(self) -> None:
        stream, self._stream = self._stream, None
        if stream is None:
            return
        try:
            await self._worker.run(stream.close, CLOSE_LIMIT_S)
        except TimeoutError:  # the driver hangs; its thread is left behind
            log.warning("a sound device does not close")

    async def choose(self, device: Device) -> None:
        async with self._turn:
            if device != self.state.chosen or not self.state.working:
                self.change(chosen=device, fault=None, detail="")
                await self._reopen()

    async def check(self) -> None:
        """To be called about once a second. A device that has stopped calling back was unplugged or fell asleep: it is
        opened again until it works. A loudspeaker that loses blocks on a busy machine gets a longer buffer.
        """
        if self._turn.locked() or not self._wanted_open:
            return
        async with self._turn:
            stream = self._stream
            if stream is None:
                if self.state.fault is DeviceFault.SILENT:
                    await self._retry_silent()
                return
            if stream.age_s() > SILENT_AFTER_S:
                self.change(working=False, fault=DeviceFault.SILENT, detail=self._silent_words())
                await self._release()
                return
            lost, self._strained_before = stream.strained - self._strained_before, stream.strained
            if self.kind is DeviceKind.SPEAKER and lost > STRAINED_AFTER and self._latency_s < OUT_LATENCY_MOST_S:
                self._latency_s = min(2 * self._latency_s, OUT_LATENCY_MOST_S)
                log.info("loudspeaker: buffer of %.0f ms", 1000 * self._latency_s)
                await self._reopen()

    async def _retry_silent(self) -> None:
        await self._reopen()
        if self.state.working:  # opened is not yet heard: only a callback shows that it is back
            stream = self._stream
            opened_at = stream.called_at if stream else 0.0
            await asyncio.sleep(0.3)
            if stream is None or stream.called_at == opened_at:
                self.change(working=False, fault=DeviceFault.SILENT, detail=self._silent_words())
                await self._release()
        else:
            self.change(fault=DeviceFault.SILENT, detail=self._silent_words())

    def _silent_words(self) -> str:
        if self.kind is DeviceKind.MICROPHONE:
            return "The microphone gives no sound. Is it still connected?"
        return "The loudspeaker takes no sound. Is it still connected?"

    async def devices(self) -> list[Device]:
        """Empty when there are none, or no way to ask."""
        try:
            return await self._worker.run(lambda: portaudio.list_sound_devices(self.kind), LIST_LIMIT_S)
        except (SoundUnavailable, TimeoutError):
            return []

    async def close(self) -> None:
        async with self._turn:
            self._wanted_open = False
            await self._release()
            self.change(working=False)

    def change(self, **fields: Any) -> None:
        following = replace(self.state, **fields)
        if following != self.state:
            self.state = following
            self._on_change()


class Audio:
    """Both directions of the sound, with the processing between them. `hand_on` gets each 10 ms of the microphone, in
    PortAudio's thread.
    """

    def __init__(
        self, worker: Worker, on_change: Callable[[], None], hand_on: Callable[[rtc.AudioFrame], None]
    ) -> None:
        processing = Processing()
        self.mouth = Mouth(processing, hand_on)
        self.ear = Ear(processing)
        self.microphone = SoundDevice(DeviceKind.MICROPHONE, self.mouth, worker, on_change)
        self.speaker = SoundDevice(DeviceKind.SPEAKER, self.ear, worker, on_change)

    async def open(self) -> None:
        await self.speaker.open()
        await self.microphone.open()

    def set_microphone(self, on: bool) -> None:
        """Off is silence from the next 10 ms on; the device stays open, so that on is as quick."""
        self.mouth.muted = not on
        self.microphone.change(wanted=on)

    def level(self) -> float:
        return self.mouth.level() if self.microphone.state.working else 0.0

    async def check(self) -> None:
        await self.microphone.check()
        await self.speaker.check()

    async def close(self) -> None:
        await self.microphone.close()
        await self.speaker.close()
