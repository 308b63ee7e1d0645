"""One microphone or speaker of this side, kept open through trouble. Lives on the media loop."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from app.call.audio.device_streams import FORBIDDEN, HUNG, DeviceStreams
from app.call.audio.driver import portaudio
from app.call.audio.driver.device_list import DEFAULT_ID
from app.call.audio.driver.errors import AudioUnavailable
from app.call.audio.driver.portaudio_stream import PortAudioStream
from app.call.audio.output_latency import OutputLatencyController
from app.call.contract.devices import Device, DeviceFault, DeviceKind, DeviceState
from app.call.runtime.device_permission import DevicePermission

log = logging.getLogger(__name__)

LIST_LIMIT_S = 8.0
STALLED_AFTER_S, STARTING_LIMIT_S = 0.5, 2.5
"""Without a callback, which is due every 5 or 10 ms; a device may take its time before the first."""
TRY_AGAIN_AFTER_S = (1.0, 1.0, 2.0, 2.0, 4.0, 8.0)
"""A device that does not work is opened again by itself; the last pause for all further."""
HARDWARE_POLL_INTERVAL_S = 2.0
CHOSEN_POLL_INTERVAL_S = 3.0
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
        permission: DevicePermission,
        on_change: Callable[[], None],
        on_open: Callable[[float], None],
        quiet_s: Callable[[], float],
    ) -> None:
        self.kind = kind
        self.state = DeviceState(chosen=Device(kind, DEFAULT_ID, "System default"))
        self.latency = OutputLatencyController()
        self._streams = DeviceStreams(kind, callback, permission, lambda: self._should_be_open)
        self._on_change = on_change
        self._on_open = on_open
        self._quiet_s = quiet_s
        self._stream: PortAudioStream | None = None
        self._tried_at = self._polled_chosen_at = self._polled_hardware_at = 0.0
        self._tries = 0
        self._has_worked = False
        self._turn = asyncio.Lock()
        self._should_be_open = False

    @property
    def delay_s(self) -> float:
        """Between our callback and the air, as measured."""
        stream = self._stream
        return stream.delay_s if stream is not None else 0.0

    async def open(self) -> None:
        """Returns when it works or a fault is known."""
        self._should_be_open = True
        async with self._turn:
            self._tries = 0
            await self._release()
            await self._start_chosen()

    async def _start_chosen(self) -> None:
        if self.state.chosen is None or not self._should_be_open:
            return
        self._tried_at = time.monotonic()
        fault = await self._start(self.state.chosen.id)
        if fault is None:
            self._works(fallback=False)
        else:
            self.change(working=False, fault=fault.fault, detail=fault.detail, fallback=False)

    def _works(self, fallback: bool) -> None:
        self._has_worked, self._tries = True, 0
        self.change(working=True, fault=None, detail="", fallback=fallback)

    async def _start(self, device_id: str) -> AudioUnavailable | None:
        stream = self._streams.new(device_id, self.latency.seconds)
        fault = await self._streams.open(stream)
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
            await self._streams.close(stream)

    async def choose(self, device: Device, instead_of: Device | None = None) -> None:
        async with self._turn:
            if device == self.state.chosen and self.state.working and not self.state.fallback:
                self.change(instead_of=instead_of)
                return
            if self._streams.worker.hangs and device != self.state.chosen:
                self._streams.worker.replace()
            self.change(chosen=device, instead_of=instead_of, fault=None, detail="", fallback=False)
            self.latency = OutputLatencyController()
            self._tries, self._has_worked = 0, False
            if self._should_be_open:
                await self._release()
                await self._start_chosen()

    async def check(self) -> None:
        """To be called a few times a second. A device that has stopped calling back stumbled, was suspended or was
        unplugged: it, or the default in its place, is opened again until one works. One that never worked is tried
        again too. The system's default is followed where the system does not move streams itself.
        """
        if self._turn.locked() or not self._should_be_open or not self._streams.leave_hung():
            return
        async with self._turn:
            now, stream = time.monotonic(), self._stream
            if stream is None:
                await self._try_again(now)
            elif stream.idle_s() > (STALLED_AFTER_S if stream.calls else STARTING_LIMIT_S):
                await self._recover()
            elif self.state.fallback and now - self._polled_chosen_at > CHOSEN_POLL_INTERVAL_S:
                await self._return_to_chosen(stream)
            elif stream.device_id == DEFAULT_ID and await self._is_time_and(portaudio.default_changed, now, self.kind):
                await self._rescan()
            elif self.kind is DeviceKind.SPEAKER and stream.calls:
                await self._adjust_latency(stream, now)

    async def _is_time_and(self, check: Callable[..., bool], now_s: float, *arguments: Any) -> bool:
        """Asks the system, every few seconds."""
        if now_s - self._polled_hardware_at < HARDWARE_POLL_INTERVAL_S:
            return False
        self._polled_hardware_at = now_s
        try:
            return await self._streams.worker.run(lambda: check(*arguments), LIST_LIMIT_S)
        except TimeoutError:
            return False

    async def _try_again(self, now_s: float) -> None:
        """At once when something has been plugged in, else in growing pauses."""
        pause_s = TRY_AGAIN_AFTER_S[min(self._tries, len(TRY_AGAIN_AFTER_S) - 1)]
        if now_s - self._tried_at < pause_s and not await self._is_time_and(portaudio.hardware_changed, now_s):
            return
        self._tries += 1
        if self._has_worked:
            await self._recover()
        else:
            await self._start_chosen()

    async def _recover(self) -> None:
        """Opens the chosen device again, or else the default. Opened is not yet alive: only a callback shows that."""
        self._tried_at = time.monotonic()
        chosen = self.state.chosen
        candidates = [chosen.id] if chosen is not None else []
        candidates += [DEFAULT_ID] if DEFAULT_ID not in candidates else []
        fault: AudioUnavailable | None = None
        for device_id in candidates:
            await self._release()
            fault = await self._start(device_id)
            if fault is None and await self._alive(self._stream):
                self._polled_chosen_at = time.monotonic()
                self._works(fallback=device_id != candidates[0])
                return
        await self._release()
        if fault in (HUNG, FORBIDDEN):
            self.change(working=False, fault=fault.fault, detail=fault.detail, fallback=False)
        else:
            self.change(working=False, fault=DeviceFault.SILENT, detail=self._silent_message(), fallback=False)

    async def _alive(self, stream: PortAudioStream | None, calls: int = 1) -> bool:
        for _ in range(50):
            if stream is None or stream.calls >= calls:
                break
            await asyncio.sleep(STARTING_LIMIT_S / 50)
        return stream is not None and stream.calls >= calls

    async def _rescan(self) -> bool:
        """PortAudio looks again, and resumes every stream: those on the default follow it. Whether it could."""
        try:
            await self._streams.worker.run(lambda: portaudio.rescan(self.kind), LIST_LIMIT_S)
        except (AudioUnavailable, TimeoutError) as error:  # streams that did not come back are noticed by their silence
            log.warning("the audio devices could not be listed again: %s", error)
            return False
        return True

    async def _return_to_chosen(self, fallback: PortAudioStream) -> None:
        self._polled_chosen_at = time.monotonic()
        chosen = self.state.chosen
        if chosen is None or not await self._rescan():
            return
        if await self._hand_over(fallback, chosen.id, 0.0):
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
        new = self._streams.new(device_id, self.latency.seconds)
        new.active = False
        if await self._streams.open(new) is not None:
            return False
        until = time.monotonic() + QUIET_LIMIT_S
        alive = await self._alive(new, TAKE_OVER_CALLS)
        while alive and self._quiet_s() < quiet_s and time.monotonic() < until:  # noqa: ASYNC110  no event tells loudness
            await asyncio.sleep(0.02)
        if not alive or self._quiet_s() < quiet_s:
            await self._streams.close(new)
            return False
        old.active, new.active = False, True
        self._take(new)
        await asyncio.sleep(old.latency_s)  # what lies in its buffer is still heard
        await self._streams.close(old)
        return True

    def _silent_message(self) -> str:
        if self.kind is DeviceKind.MICROPHONE:
            return "The microphone gives no sound. Is it still connected?"
        return "The speaker takes no sound. Is it still connected?"

    async def devices(self) -> list[Device]:
        """Empty when there are none, or none can be listed."""
        if self._streams.worker.hangs:
            return []
        try:
            return await self._streams.worker.run(lambda: portaudio.list_audio_devices(self.kind), LIST_LIMIT_S)
        except (AudioUnavailable, TimeoutError):
            return []

    async def close(self) -> None:
        self._should_be_open = False
        async with self._turn:
            await self._release()
            self.change(working=False)

    def end_worker(self) -> None:
        """After `close`, when nobody asks for the device any more."""
        self._streams.worker.close()

    def change(self, **fields: Any) -> None:
        following = replace(self.state, **fields)
        if following != self.state:
            self.state = following
            self._on_change()
