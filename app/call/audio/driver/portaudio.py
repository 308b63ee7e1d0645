"""PortAudio, as much of it as a call needs: the list of audio devices, opening a stream, and what went wrong.

PortAudio is not thread-safe and reads the list of devices only when it starts, and there is one for the whole process
(PortAudio's "API Overview"; python-sounddevice.readthedocs.io). So every call goes through one lock, and finding
new devices restarts it, with the open streams closed before and opened again after: only when the system says that
something has changed, or a device that should be there does not open. Everything here blocks, except `start`.
"""

import asyncio
import contextlib
import ctypes
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import cache
from types import ModuleType
from typing import Any, Protocol

from app.call.audio.driver import sounddevice_private
from app.call.audio.driver.device_list import DEFAULT_ID, api_name, default_index, index_of, usable
from app.call.audio.driver.driver_lock import DriverLock
from app.call.audio.driver.errors import NO_ANSWER, AudioUnavailable, unavailable
from app.call.audio.driver.hardware import AudioHardware, read_hardware
from app.call.audio.pcm import RATE_HZ
from app.call.contract.devices import Device, DeviceFault, DeviceKind

log = logging.getLogger(__name__)

RESCAN_EVERY_S = 2.0
UNSURE_RESCAN_EVERY_S = 20.0
"""With streams open, where nothing says that a restart would find anything: they fall silent for it."""
MAY_MISS_CHANGES = sys.platform != "linux"
"""There a device can change behind its name: after a sleep its handle is worth nothing though the list is the same."""
USUAL_PERIODS = 4
"""PortAudio divides every ALSA buffer by this, so that a longer one has longer periods, of which PulseAudio holds more
back: 42 ms where 30 were asked for, 107 for 70. A speaker's buffer has periods of one block instead (35, 75).
"""

_lock = DriverLock()
_streams: "set[Restartable]" = set()
_restarting = False
_scanned_at = float("-inf")
_scanned: AudioHardware | None = None
"""What there was when PortAudio last read its list."""


class Restartable(Protocol):
    """An open stream that can be suspended while PortAudio lists its devices again."""

    def suspend(self) -> None: ...

    def resume(self) -> None:
        """Raises nothing: a stream that does not come back is noticed by its silence."""
        ...


def exclusive() -> contextlib.AbstractContextManager[None]:
    """The lock under which streams are opened, registered and closed: no restart falls between."""
    return _lock.held()


def _sounddevice() -> ModuleType:
    """Running. Raises `AudioUnavailable`."""
    try:
        import sounddevice
    except OSError as missing:
        raise AudioUnavailable(
            DeviceFault.NO_DRIVER, "The system library PortAudio (libportaudio2) is not installed."
        ) from missing
    except Exception as error:  # PortAudioError, of a module that cannot be imported: it starts PortAudio itself
        raise AudioUnavailable(DeviceFault.BUSY, NO_ANSWER) from error
    module: ModuleType = sounddevice
    _end_with_care(module)
    return module


@cache
def _end_with_care(sounddevice: ModuleType) -> None:
    sounddevice_private.end_at_exit_only_if(sounddevice, lambda: _lock.is_free)


@contextlib.contextmanager
def _calls(kind: DeviceKind) -> Iterator[ModuleType]:
    """The module, under the lock; whatever PortAudio says is raised as `AudioUnavailable`."""
    with _lock.held():
        sounddevice = _sounddevice()
        try:
            sounddevice_private.initialize(sounddevice)
            yield sounddevice
        except sounddevice.PortAudioError as error:
            raise unavailable(kind, error) from error


class _Start:
    """The first start of PortAudio, which can hang in a driver: in a thread of its own, one at a time."""

    def __init__(self) -> None:
        self.begun_s = time.perf_counter()
        self.result: Future[None] = Future()
        threading.Thread(target=self._run, name="call-portaudio-start", daemon=True).start()

    def _run(self) -> None:
        try:
            with _calls(DeviceKind.SPEAKER):
                self.result.set_result(None)
        except Exception as error:  # handed to whoever waits
            self.result.set_exception(error)


_start: _Start | None = None


async def start(limit_s: float) -> None:
    """Loads and starts PortAudio. Raises `AudioUnavailable`, and TimeoutError when it hangs; a later call then does not
    wait longer, and starts no further thread.
    """
    global _start
    if _start is None or _start.result.done():
        _start = _Start()
    going = _start
    left_s = max(going.begun_s + limit_s - time.perf_counter(), 0.0)
    waiting = asyncio.wrap_future(going.result)
    done, _ = await asyncio.wait({waiting}, timeout=left_s)
    if not done:
        waiting.add_done_callback(lambda late: late.cancelled() or late.exception())
        raise TimeoutError
    waiting.result()


def list_audio_devices(kind: DeviceKind) -> list[Device]:
    """What can be chosen now, the system's default first. Raises `AudioUnavailable`."""
    with _calls(kind) as sounddevice:
        _rescan(sounddevice, kind)
        named = [Device(kind, name, label) for name, label, _ in usable(sounddevice, kind)]
        if not named and default_index(sounddevice, kind) is None:
            return []
        return [Device(kind, DEFAULT_ID, "System default"), *named]


def rescan(kind: DeviceKind) -> None:
    """Lets PortAudio see a device that has come or come back. Raises `AudioUnavailable`."""
    with _calls(kind) as sounddevice:
        _rescan(sounddevice, kind, needed=True)


def hardware_changed() -> bool:
    """Whether a device has come or gone, or become the default, since PortAudio last looked."""
    now = read_hardware()
    return now is not None and _scanned is not None and now != _scanned


def default_changed(kind: DeviceKind) -> bool:
    """Whether the system's default is another device since PortAudio last looked."""
    now, then = read_hardware(), _scanned
    return now is not None and then is not None and now.default(kind) != then.default(kind)


def _rescan(sounddevice: ModuleType, kind: DeviceKind, needed: bool = False) -> bool:
    """Lists the devices again, if that can find anything; whether it did. With streams open, which fall silent for a
    moment, only when the system has changed, or when one is `needed` and nothing can be known of the system.
    """
    global _scanned_at
    hardware, now_s = read_hardware(), time.perf_counter()
    changed = hardware is not None and hardware != _scanned
    unsure = hardware is None or MAY_MISS_CHANGES
    if _restarting or _lock.has_hung or (_streams and not changed and not (needed and unsure)):
        return False
    if now_s - _scanned_at < (RESCAN_EVERY_S if changed or not _streams else UNSURE_RESCAN_EVERY_S):
        return False
    _scanned_at = now_s
    _restart(sounddevice, hardware)
    return True


def _restart(sounddevice: ModuleType, hardware: AudioHardware | None) -> None:
    """With every stream suspended, and resumed whatever happens. One that does not resume asks for no other restart."""
    global _scanned, _restarting
    streams, _restarting = list(_streams), True
    try:
        for stream in streams:
            stream.suspend()
        sounddevice_private.restart(sounddevice)
        _scanned = hardware
    finally:
        for stream in streams:
            stream.resume()
        _restarting = False


def open_stream(kind: DeviceKind, device_id: str, block: int, latency_s: float, callback: Callable[..., None]) -> Any:
    """A started mono int16 stream at 48 kHz. When it cannot be opened the list may be old: then once more with a new
    one. Raises `AudioUnavailable`.
    """
    with _calls(kind) as sounddevice:
        if not _streams:
            _rescan(sounddevice, kind)
        try:
            return _open(sounddevice, kind, device_id, block, latency_s, callback)
        except AudioUnavailable as failed:
            if failed.fault is DeviceFault.REFUSED or not _rescan(sounddevice, kind, needed=True):
                raise
        return _open(sounddevice, kind, device_id, block, latency_s, callback)


def _open(
    sounddevice: ModuleType,
    kind: DeviceKind,
    device_id: str,
    block: int,
    latency_s: float,
    callback: Callable[..., None],
) -> Any:
    try:
        index = index_of(sounddevice, kind, device_id)
        make = sounddevice.RawInputStream if kind is DeviceKind.MICROPHONE else sounddevice.RawOutputStream
        extra = None
        if sys.platform == "win32" and "WASAPI" in str(api_name(sounddevice, index)):
            extra = sounddevice.WasapiSettings(auto_convert=True)  # WASAPI takes only the card's own rate otherwise
        blocks = round(latency_s * RATE_HZ / block) + 1
        _set_periods(sounddevice, blocks if kind is DeviceKind.SPEAKER else USUAL_PERIODS)
        stream = make(
            RATE_HZ, block, index, channels=1, dtype="int16", latency=latency_s, callback=callback, extra_settings=extra
        )
        try:
            stream.start()
        except Exception:
            stream.close(ignore_errors=True)
            raise
    except sounddevice.PortAudioError as error:
        raise unavailable(kind, error) from error
    return stream


def _set_periods(sounddevice: ModuleType, count: int) -> None:
    """Of the streams opened from now on (pa_linux_alsa.h). Nothing where PortAudio goes past ALSA."""
    if sys.platform == "linux":
        set_count = getattr(ctypes.CDLL(sounddevice_private.library(sounddevice)), "PaAlsa_SetNumPeriods", None)
        if set_count is not None:
            set_count(count)


def close_stream(stream: Any) -> None:
    """Frees the device at once, without playing what is left."""
    with _lock.held():
        stream.abort(ignore_errors=True)
        stream.close(ignore_errors=True)


def register(stream: Restartable) -> None:
    """Under `exclusive`, with the opening: else a restart could fall between."""
    _streams.add(stream)


def unregister(stream: Restartable) -> None:
    """Under `exclusive`, with the closing."""
    _streams.discard(stream)
