"""One microphone or speaker of this side, kept open through trouble. Lives on the media loop."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from app.call.audio import portaudio
from app.call.audio.output_latency import OutputLatencyController
from app.call.audio.pcm import FRAME, MS
from app.call.audio.portaudio import DEFAULT_ID, AudioUnavailable
from app.call.audio.portaudio_stream import PortAudioStream
from app.call.contract.devices import Device, DeviceFault, DeviceKind, DeviceState
from app.call.runtime.threads import Worker

log = logging.getLogger(__name__)

IN_BLOCK, OUT_BLOCK = FRAME, 5 * MS
OPEN_LIMIT_S = 8.0
CLOSE_LIMIT_S = 2.0
LIST_LIMIT_S = 8.0
STALLED_AFTER_S, STARTING_LIMIT_S = 0.5, 2.5
"""Without a callback, which is due every 5 or 10 ms; a device may take its time before the first."""
REOPEN_EVERY_S = 1.0
CHOSEN_POLL_INTERVAL_S = 20.0 if portaudio.RESCAN_INTERRUPTS else 3.0
TAKE_OVER_CALLS = 10
"""A stream that takes over has shown by then that it runs."""
QUIET_S, QUIET_LIMIT_S = 0.25, 2.0
"""What is taken out of a buffer is taken out of a pause; how long one is waited for before the next attempt."""


class AudioDevice:
    """`state.chosen` is what the person wants. When it goes away in the call, the system's default is its fallback
    until it is back (`state.fallback`). `on_change` is called on the media loop after each change of `state`,
    `on_open` with the time (monotonic) at which another stream began; `quiet_s` says for how long nothing was heard.
    """

    def __init__(
        self,
        kind: DeviceKind,
        callback: Callable[..., None],
        worker: Worker,
        on_change: Callable[[], None],
        on_open: Callable[[float], None],
        quiet_s: Callable[[], float],
    ) -> None:
        self.kind = kind
        self.state = DeviceState(chosen=Device(kind, DEFAULT_ID, "System default"))
        self.latency = OutputLatencyController()
        self._callback = callback
        self._worker = worker
        self._on_change = on_change
        self._on_open = on_open
        self._quiet_s = quiet_s
        self._stream: PortAudioStream | None = None
        self._tried_at = 0.0
        self._polled_chosen_at = 0.0
        self._turn = asyncio.Lock()
        self._should_be_open = False

    @property
    def delay_s(self) -> float:
        """Between our callback and the air, as measured."""
        stream = self._stream
        return stream.delay_s if stream is not None else 0.0

    async def open(self) -> None:
        """Returns when it works or a fault is known."""
        async with self._turn:
            self._should_be_open = True
            await self._release()
            if self.state.chosen is not None:
                fault = await self._start(self.state.chosen.id)
                if fault is None:
                    self.change(working=True, fault=None, detail="", fallback=False)
                else:
                    self.change(working=False, fault=fault.fault, detail=fault.detail, fallback=False)

    def _new_stream(self, device_id: str, latency_s: float) -> PortAudioStream:
        block = IN_BLOCK if self.kind is DeviceKind.MICROPHONE else OUT_BLOCK
        return PortAudioStream(self.kind, device_id, block, latency_s, self._callback)

    async def _opened(self, stream: PortAudioStream) -> AudioUnavailable | None:
        """Opens it; the reason when it cannot be."""
        try:
            await self._worker.run(stream.open, OPEN_LIMIT_S)
        except AudioUnavailable as unavailable:
            return unavailable
        except TimeoutError:
            self._worker.post(stream.close)  # should it open after all, later
            return AudioUnavailable(DeviceFault.BUSY, "The sound device does not answer.")
        return None

    async def _start(self, device_id: str) -> AudioUnavailable | None:
        stream = self._new_stream(device_id, self.latency.seconds)
        fault = await self._opened(stream)
        if fault is None:
            self._take(stream)
        return fault

    def ignore_startup_xruns(self) -> None:
        """What is lost in the next seconds does not count."""
        if self._stream is not None:
            self.latency.opened(time.monotonic(), self._stream.xruns)

    def _take(self, stream: PortAudioStream) -> None:
        self._stream = stream
        now = time.monotonic()
        self.latency.opened(now, stream.xruns)
        self._on_open(now)

    async def _release(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            await self._close(stream)

    async def _close(self, stream: PortAudioStream) -> None:
        try:
            await self._worker.run(stream.close, CLOSE_LIMIT_S)
        except TimeoutError:  # the driver hangs; its thread is left behind
            log.warning("an audio device does not close")

    async def choose(self, device: Device, instead_of: Device | None = None) -> None:
        async with self._turn:
            if device == self.state.chosen and self.state.working and not self.state.fallback:
                return
            self.change(chosen=device, instead_of=instead_of, fault=None, detail="", fallback=False)
            self.latency = OutputLatencyController()
            if self._should_be_open:
                await self._release()
                fault = await self._start(device.id)
                self.change(working=fault is None, fault=fault and fault.fault, detail=fault.detail if fault else "")

    async def check(self) -> None:
        """To be called a few times a second. A device that has stopped calling back stumbled, was suspended or was
        unplugged: it, or the default in its place, is opened again until one works.
        """
        if self._turn.locked() or not self._should_be_open:
            return
        async with self._turn:
            now, stream = time.monotonic(), self._stream
            if stream is None:
                if self.state.fault is DeviceFault.SILENT and now - self._tried_at > REOPEN_EVERY_S:
                    await self._recover()
            elif stream.idle_s() > (STALLED_AFTER_S if stream.calls else STARTING_LIMIT_S):
                await self._recover()
            elif self.state.fallback and now - self._polled_chosen_at > CHOSEN_POLL_INTERVAL_S:
                await self._return_to_chosen(stream)
            elif self.kind is DeviceKind.SPEAKER and stream.calls:
                await self._adjust_latency(stream, now)

    async def _recover(self) -> None:
        """Opens the chosen device again, or else the default. Opened is not yet alive: only a callback shows that."""
        self._tried_at = time.monotonic()
        chosen = self.state.chosen
        candidates = [chosen.id] if chosen is not None else []
        candidates += [DEFAULT_ID] if DEFAULT_ID not in candidates else []
        for device_id in candidates:
            await self._release()
            if await self._start(device_id) is None and await self._alive(self._stream):
                self._polled_chosen_at = time.monotonic()
                self.change(working=True, fault=None, detail="", fallback=device_id != candidates[0])
                return
        await self._release()
        self.change(working=False, fault=DeviceFault.SILENT, detail=self._silent_message(), fallback=False)

    async def _alive(self, stream: PortAudioStream | None, calls: int = 1) -> bool:
        for _ in range(50):
            if stream is None or stream.calls >= calls:
                break
            await asyncio.sleep(STARTING_LIMIT_S / 50)
        return stream is not None and stream.calls >= calls

    async def _return_to_chosen(self, fallback: PortAudioStream) -> None:
        if portaudio.RESCAN_INTERRUPTS and self._quiet_s() < QUIET_S:
            return
        self._polled_chosen_at = time.monotonic()
        try:
            await self._worker.run(portaudio.rescan, LIST_LIMIT_S)
        except TimeoutError:  # a driver hangs; the fallback plays on
            return
        chosen = self.state.chosen
        if chosen is not None and await self._hand_over(fallback, chosen.id, 0.0):
            self.change(fallback=False)

    async def _adjust_latency(self, stream: PortAudioStream, now_s: float) -> None:
        """A longer buffer is needed at once, with a gap where a card takes one stream only; a shorter one takes over
        in a pause of the peer.
        """
        before_s = stream.latency_s
        target_s = self.latency.update(now_s, stream.xruns)
        if target_s == before_s:
            return
        shorter = target_s < before_s
        if await self._hand_over(stream, stream.device_id, QUIET_S if shorter else 0.0):
            log.info("the speaker's buffer is %.0f ms now", 1000 * target_s)
        elif shorter:
            self.latency.revert(before_s)
        else:
            await self._recover()

    async def _hand_over(self, old: PortAudioStream, device_id: str, quiet_s: float) -> bool:
        """Another stream takes over from `old` without a gap, once nothing has been heard for `quiet_s`. False, and
        `old` goes on, when it cannot be opened beside it or no pause comes.
        """
        new = self._new_stream(device_id, self.latency.seconds)
        new.active = False
        if await self._opened(new) is not None:
            return False
        until = time.monotonic() + QUIET_LIMIT_S
        alive = await self._alive(new, TAKE_OVER_CALLS)
        while alive and self._quiet_s() < quiet_s and time.monotonic() < until:  # noqa: ASYNC110  no event tells loudness
            await asyncio.sleep(0.02)
        if not alive or self._quiet_s() < quiet_s:
            await self._close(new)
            return False
        old.active, new.active = False, True
        self._take(new)
        await asyncio.sleep(old.latency_s)  # what lies in its buffer is still heard
        await self._close(old)
        return True

    def _silent_message(self) -> str:
        if self.kind is DeviceKind.MICROPHONE:
            return "The microphone gives no sound. Is it still connected?"
        return "The loudspeaker takes no sound. Is it still connected?"

    async def devices(self) -> list[Device]:
        """Empty when there are none, or none can be listed."""
        try:
            return await self._worker.run(lambda: portaudio.list_audio_devices(self.kind), LIST_LIMIT_S)
        except (AudioUnavailable, TimeoutError):
            return []

    async def close(self) -> None:
        async with self._turn:
            self._should_be_open = False
            await self._release()
            self.change(working=False)

    def change(self, **fields: Any) -> None:
        following = replace(self.state, **fields)
        if following != self.state:
            self.state = following
            self._on_change()
