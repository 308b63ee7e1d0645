"""Opens and closes the streams of one device, in a thread of its own that may hang."""

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from app.call.audio.driver.errors import NO_ANSWER, AudioUnavailable
from app.call.audio.driver.hardware import AudioHardware, read_hardware
from app.call.audio.driver.portaudio_stream import PortAudioStream
from app.call.audio.pcm import FRAME, MS
from app.call.contract.devices import DeviceFault, DeviceKind
from app.call.runtime.device_permission import Access, Capability, DevicePermission, decided
from app.call.runtime.threads import Worker

log = logging.getLogger(__name__)
Result = TypeVar("Result")

IN_BLOCK, OUT_BLOCK = FRAME, 5 * MS
OPEN_LIMIT_S = 8.0
CLOSE_LIMIT_S = 2.0
LEFT_AFTER_S = 8.0
"""A driver that hangs is left to itself after this, and after twice as long each time more: each costs a thread."""
HUNG = AudioUnavailable(DeviceFault.STUCK, f"{NO_ANSWER} Unplug the device, or restart the computer.")
FORBIDDEN = AudioUnavailable(DeviceFault.REFUSED, "The system's privacy settings forbid the microphone.")


class DeviceWorker:
    """A `Worker` of one device, so that its driver holds up no other. While it `hangs`, calls would only queue up
    behind the one that does not come back.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._worker = Worker(name)
        self.hangs = False
        self._times_hung = 0
        self._may_leave_at_s = 0.0
        self._hardware: AudioHardware | None = None

    async def run(self, call: Callable[[], Result], limit_s: float) -> Result:
        """The result of `call`, or its error. Raises TimeoutError after `limit_s`: then it hangs until it is back."""
        worker = self._worker
        try:
            return await worker.run(call, limit_s)
        except TimeoutError:
            if worker is self._worker and not self.hangs:
                self._note_hung()
            worker.post(lambda: self._is_back(worker))
            raise

    def _note_hung(self) -> None:
        self.hangs = True
        self._may_leave_at_s = time.monotonic() + LEFT_AFTER_S * 2**self._times_hung
        self._times_hung += 1
        self._hardware = read_hardware()

    def may_leave(self) -> bool:
        """Whether another try can be worth a thread: some time has gone by, or the system's devices have changed."""
        return time.monotonic() >= self._may_leave_at_s or read_hardware() != self._hardware

    def _is_back(self, worker: Worker) -> None:
        if worker is self._worker:
            self.hangs = False

    def post(self, call: Callable[[], object]) -> None:
        """Runs `call` once the driver is back; how it ends is not reported."""
        self._worker.post(call)

    def replace(self) -> None:
        """Goes on in another thread. The driver that hangs is left to itself, with what waits for it."""
        self.close()
        self._worker = Worker(self._name)
        self.hangs = False

    def close(self) -> None:
        """Ends after what is waiting; the media loop waits for no driver."""
        if self.hangs:
            self._worker.leave()
        else:
            self._worker.close(0)


class DeviceStreams:
    """All streams of a device have one `callback`, and one at a time is in it. `is_wanted` says whether the device is
    still needed: then it is worth waiting for the person's permission.
    """

    def __init__(
        self,
        kind: DeviceKind,
        callback: Callable[..., None],
        permission: DevicePermission,
        is_wanted: Callable[[], bool],
    ) -> None:
        self.worker = DeviceWorker(f"call-{kind}")
        self._kind = kind
        self._callback = callback
        self._one_at_a_time = threading.Lock()
        self._permission = permission
        self._is_wanted = is_wanted
        self._hung_id = ""

    def new(self, device_id: str, latency_s: float) -> PortAudioStream:
        """Not open yet."""
        block = IN_BLOCK if self._kind is DeviceKind.MICROPHONE else OUT_BLOCK
        return PortAudioStream(self._kind, device_id, block, latency_s, self._callback, self._one_at_a_time)

    async def open(self, stream: PortAudioStream) -> AudioUnavailable | None:
        """Opens it; the reason when it cannot be. A driver that hangs holds up no other device than its own."""
        if self.worker.hangs and stream.device_id == self._hung_id:
            return HUNG
        if self.worker.hangs:
            self.worker.replace()
        if self._kind is DeviceKind.MICROPHONE and await self._access() is Access.REFUSED:
            return FORBIDDEN
        try:
            await self.worker.run(stream.open, OPEN_LIMIT_S)
        except AudioUnavailable as unavailable:
            return unavailable
        except TimeoutError:
            self._hung_id = stream.device_id
            self.worker.post(stream.close)  # should it open after all, later
            return HUNG
        return None

    def leave_hung(self) -> bool:
        """Whether the driver answers, or what hangs in it has just been left to itself. PortAudio (19.7) never comes
        back from starting a stream whose device goes in that very moment: its new thread ends with the lock that the
        start waits for (`PaUnixThread_PrepareNotify`).
        """
        if self.worker.hangs and self.worker.may_leave():
            log.warning("the %s's driver hangs and is left to itself", self._kind)
            self.worker.replace()
        return not self.worker.hangs

    async def _access(self) -> Access:
        return await decided(self._permission, Capability.MICROPHONE, lambda: not self._is_wanted())

    async def close(self, stream: PortAudioStream) -> None:
        """Nothing is recorded or played any more, whatever the driver does; the device is free unless it hangs."""
        stream.active = False
        if self.worker.hangs:
            self.worker.post(stream.close)
            return
        try:
            await self.worker.run(stream.close, CLOSE_LIMIT_S)
        except TimeoutError:
            log.warning("the %s does not close", self._kind)
        except Exception:  # whatever it is: the device is as free as it can become
            log.exception("the %s was not closed properly", self._kind)
