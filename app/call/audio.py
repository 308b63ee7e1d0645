"""This side's microphone and loudspeaker: wanted or not, which ones, what is wrong. Lives on the media loop."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from livekit import rtc

from app.call import portaudio
from app.call.chime import chime
from app.call.play_ring import FRAME, MS, RATE_HZ
from app.call.portaudio import DEFAULT_ID, SoundUnavailable
from app.call.ports import Device, DeviceFault, DeviceKind, DeviceState
from app.call.sound_stream import SoundStream
from app.call.threads import Worker
from app.call.voices import Ear, Mouth, Processing

log = logging.getLogger(__name__)

IN_BLOCK, OUT_BLOCK = FRAME, 5 * MS
LATENCY_S, LATENCY_MOST_S = 0.01, 0.08
OPEN_LIMIT_S = 8.0
CLOSE_LIMIT_S = 2.0
LIST_LIMIT_S = 8.0
STALLED_AFTER_S, STARTING_LIMIT_S = 0.5, 2.5
"""Without a callback, which is due every 5 or 10 ms; a device may take its time before the first."""
REOPEN_EVERY_S = 1.0
TEST_SOUND = "test-sound"
STRAIN_WINDOW_S, STRAIN_MOST = 10.0, 3
"""So many blocks may be lost in that time before a loudspeaker gets a longer buffer."""


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
        self._latency_s = LATENCY_S
        self._stream: SoundStream | None = None
        self._tried_at = 0.0
        self._strain_since, self._strain_before = 0.0, 0
        self._turn = asyncio.Lock()
        self._wanted_open = False

    async def open(self) -> None:
        """Returns when it works or a fault is known."""
        async with self._turn:
            self._wanted_open = True
            await self._reopen()

    async def _reopen(self, announce: bool = True) -> None:
        await self._release()
        chosen = self.state.chosen
        if not self._wanted_open or chosen is None:
            return
        block = IN_BLOCK if self.kind is DeviceKind.MICROPHONE else OUT_BLOCK
        stream = SoundStream(self.kind, chosen.id, block, self._latency_s, self._callback)
        try:
            self._stream = await self._worker.run(stream.open, OPEN_LIMIT_S)
        except SoundUnavailable as unavailable:
            if announce:
                self.change(working=False, fault=unavailable.fault, detail=unavailable.detail)
        except TimeoutError:
            self._worker.post(stream.close)  # should it open after all, later
            if announce:
                self.change(working=False, fault=DeviceFault.BUSY, detail="The sound device does not answer.")
        else:
            self._strain_since, self._strain_before = time.monotonic(), 0
            if announce:
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
                self._latency_s = LATENCY_S
                await self._reopen()

    async def check(self) -> None:
        """To be called a few times a second. A device that has stopped calling back stumbled, fell asleep or was
        unplugged: it is opened again until it works. On a busy machine it gets a longer buffer.
        """
        if self._turn.locked() or not self._wanted_open:
            return
        async with self._turn:
            now, stream = time.monotonic(), self._stream
            if stream is None:
                if self.state.fault is DeviceFault.SILENT and now - self._tried_at > REOPEN_EVERY_S:
                    await self._revive()
            elif stream.calls == 0:
                if stream.age_s() > STARTING_LIMIT_S:
                    await self._revive()
            elif stream.age_s() > STALLED_AFTER_S or self._strained(stream, now):
                self._latency_s = min(2 * self._latency_s, LATENCY_MOST_S)
                log.info("%s: opened again with a buffer of %.0f ms", self.kind, 1000 * self._latency_s)
                await self._revive()

    def _strained(self, stream: SoundStream, now_s: float) -> bool:
        if now_s - self._strain_since > STRAIN_WINDOW_S:
            self._strain_since, self._strain_before = now_s, stream.strained
        lost = stream.strained - self._strain_before
        return self.kind is DeviceKind.SPEAKER and lost > STRAIN_MOST and self._latency_s < LATENCY_MOST_S

    async def _revive(self) -> None:
        """Opens the device again. Opened is not yet alive: only a callback shows that it is back."""
        self._tried_at = time.monotonic()
        await self._reopen(announce=False)
        stream = self._stream
        if stream is not None:
            for _ in range(50):
                await asyncio.sleep(STARTING_LIMIT_S / 50)
                if stream.calls:
                    self.change(working=True, fault=None, detail="")
                    return
            await self._release()
        self.change(working=False, fault=DeviceFault.SILENT, detail=self._silent_words())

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

    async def play_test_sound(self) -> bool:
        """A chime at the pace at which a voice would come; False where the loudspeaker takes none."""
        if not self.speaker.state.working:
            return False
        ring = self.ear.add(TEST_SOUND)
        try:
            loop = asyncio.get_running_loop()
            due = loop.time()
            for frame in chime():
                ring.put(frame)
                due += FRAME / RATE_HZ
                await asyncio.sleep(max(0.0, due - loop.time()))
        finally:
            self.ear.remove(TEST_SOUND)
        return self.speaker.state.working

    async def check(self) -> None:
        await self.microphone.check()
        await self.speaker.check()

    async def close(self) -> None:
        await self.microphone.close()
        await self.speaker.close()
