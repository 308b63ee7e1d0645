"""PortAudio, as much of it as a call needs: the list of audio devices, opening a stream, and what went wrong.

PortAudio is not thread-safe and reads the list of devices only when it starts, and there is one for the whole process
(PortAudio's "API Overview"; python-sounddevice.readthedocs.io). So every call goes through one lock, and finding
new devices restarts it, with the open streams closed before and opened again after. Everything here blocks.
"""

import ctypes
import os
import sys
import threading
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any, Protocol

from app.call.audio.pcm import RATE_HZ
from app.call.contract.devices import Device, DeviceFault, DeviceKind

DEFAULT_ID = "default"
RESCAN_EVERY_S = 2.0
RESCAN_INTERRUPTS = sys.platform != "linux"
"""Elsewhere only PortAudio itself can say that the hardware has changed, and has to be restarted for it."""
ALSA_ALIASES = (
    "sysdefault", "front", "rear", "center_lfe", "side", "surround", "iec958", "spdif", "hdmi", "dmix", "dsnoop",
    "modem", "phoneline", "lavrate", "samplerate", "speexrate", "upmix", "vdownmix", "jack", "oss", "default", "null",
)  # fmt: skip
"""What ALSA lists beside the devices themselves; "default" is our own first entry."""

USUAL_PERIODS = 4
"""PortAudio divides every ALSA buffer by this, so that a longer one has longer periods, of which PulseAudio holds more
back: 42 ms where 30 were asked for, 107 for 70. A speaker's buffer has periods of one block instead (35, 75).
"""

_lock = threading.RLock()
_streams: "set[Restartable]" = set()
_scanned_at = 0.0
_hardware_then: object = None


class AudioUnavailable(Exception):
    """Why there is no audio; the text is for people."""

    def __init__(self, fault: DeviceFault, detail: str) -> None:
        super().__init__(detail)
        self.fault = fault
        self.detail = detail


class Restartable(Protocol):
    """An open stream that can be suspended while PortAudio lists its devices again."""

    def suspend(self) -> None: ...

    def resume(self) -> None: ...


def _sounddevice() -> ModuleType:
    try:
        import sounddevice
    except OSError as missing:
        raise AudioUnavailable(
            DeviceFault.NO_DRIVER, "The system library PortAudio (libportaudio2) is not installed."
        ) from missing
    module: ModuleType = sounddevice
    return module


def list_audio_devices(kind: DeviceKind) -> list[Device]:
    """What can be chosen now, the system's default first. Raises `AudioUnavailable` without PortAudio."""
    with _lock:
        sounddevice = _sounddevice()
        _rescan(sounddevice)
        named = [Device(kind, name, label) for name, label, _ in _usable(sounddevice, kind)]
        if not named and _default_index(sounddevice, kind) is None:
            return []
        return [Device(kind, DEFAULT_ID, "System default"), *named]


def is_installed() -> bool:
    """Whether the library is there at all, with or without devices. Does not wait for a driver that hangs."""
    try:
        _sounddevice()
    except AudioUnavailable:
        return False
    return True


def rescan() -> None:
    """Lets PortAudio see a device that has come or come back. Does nothing where there is no PortAudio."""
    with _lock:
        try:
            _rescan(_sounddevice())
        except AudioUnavailable:
            return


def _usable(sounddevice: ModuleType, kind: DeviceKind) -> list[tuple[str, str, int]]:
    """(id, label, PortAudio's index) of each device of this kind, of one host API only: the others list it again."""
    channels = "max_input_channels" if kind is DeviceKind.MICROPHONE else "max_output_channels"
    apis = sounddevice.query_hostapis()
    preferred = next((at for at, api in enumerate(apis) if api["name"] == "Windows WASAPI"), None)
    found = []
    for index, each in enumerate(sounddevice.query_devices()):
        name = str(each["name"])
        alias = sys.platform == "linux" and name.lower().startswith(ALSA_ALIASES)
        if each[channels] > 0 and not alias and preferred in (None, each["hostapi"]):
            found.append((f"{apis[each['hostapi']]['name']}: {name}", name, index))
    return found


def _default_index(sounddevice: ModuleType, kind: DeviceKind) -> int | None:
    """The system's default device, by the host API that lists the devices; None when there is none."""
    side = "default_input_device" if kind is DeviceKind.MICROPHONE else "default_output_device"
    apis = sounddevice.query_hostapis()
    wasapi = [api for api in apis if api["name"] == "Windows WASAPI"]
    return next((int(api[side]) for api in (*wasapi, *apis) if api[side] >= 0), None)


def _hardware() -> object:
    """Changes when a sound card comes or goes, where that can be known without PortAudio; else never the same twice."""
    if RESCAN_INTERRUPTS:
        return time.monotonic()
    try:
        return tuple(sorted(os.listdir("/dev/snd")))
    except OSError:
        return ()


def _rescan(sounddevice: ModuleType) -> None:
    """Lists the devices again. With streams open only when the hardware has changed: they fall silent for a moment."""
    global _scanned_at, _hardware_then
    hardware, now = _hardware(), time.monotonic()
    if now - _scanned_at < RESCAN_EVERY_S or (_streams and hardware == _hardware_then):
        return
    streams = list(_streams)
    for stream in streams:
        stream.suspend()
    sounddevice._terminate()  # the documented public API has no other way to see new devices
    sounddevice._initialize()
    _scanned_at, _hardware_then = now, hardware
    for stream in streams:
        stream.resume()


def open_stream(kind: DeviceKind, device_id: str, block: int, latency_s: float, callback: Callable[..., None]) -> Any:
    """A started mono int16 stream at 48 kHz. Raises `AudioUnavailable`."""
    with _lock:
        sounddevice = _sounddevice()
        index = _index(sounddevice, kind, device_id)
        make = sounddevice.RawInputStream if kind is DeviceKind.MICROPHONE else sounddevice.RawOutputStream
        extra = None
        if sys.platform == "win32" and "WASAPI" in str(_api_name(sounddevice, index)):
            extra = sounddevice.WasapiSettings(auto_convert=True)  # WASAPI takes only the card's own rate otherwise
        blocks = round(latency_s * RATE_HZ / block) + 1
        _set_periods(sounddevice, blocks if kind is DeviceKind.SPEAKER else USUAL_PERIODS)
        try:
            stream = make(
                RATE_HZ,
                block,
                index,
                channels=1,
                dtype="int16",
                latency=latency_s,
                callback=callback,
                extra_settings=extra,
            )
            try:
                stream.start()
            except Exception:
                stream.close(ignore_errors=True)
                raise
        except sounddevice.PortAudioError as error:
            raise _unavailable(kind, error) from error
        return stream


def _set_periods(sounddevice: ModuleType, count: int) -> None:
    """Of the streams opened from now on (pa_linux_alsa.h). Nothing where PortAudio goes past ALSA."""
    if sys.platform == "linux":
        set_count = getattr(ctypes.CDLL(sounddevice._libname), "PaAlsa_SetNumPeriods", None)
        if set_count is not None:
            set_count(count)


def _api_name(sounddevice: ModuleType, index: int) -> str:
    return str(sounddevice.query_hostapis(sounddevice.query_devices(index)["hostapi"])["name"])


def _index(sounddevice: ModuleType, kind: DeviceKind, device_id: str) -> int:
    if not _streams:
        _rescan(sounddevice)
    if device_id == DEFAULT_ID:
        index = _default_index(sounddevice, kind)
    else:
        index = next((at for name, _, at in _usable(sounddevice, kind) if name == device_id), None)
    if index is None:
        word = "microphone" if kind is DeviceKind.MICROPHONE else "loudspeaker"
        raise AudioUnavailable(DeviceFault.MISSING, f"No {word} was found.")
    return index


E_ACCESSDENIED = -2147024891
"""WASAPI's 0x80070005 (winerror.h), as PortAudio hands it on: the system's privacy settings forbid the device."""


def _unavailable(kind: DeviceKind, error: Exception) -> AudioUnavailable:
    """PortAudio's error as a fault; its codes are in portaudio.h."""
    word = "microphone" if kind is DeviceKind.MICROPHONE else "loudspeaker"
    text = str(error)
    if "denied" in text.lower() or str(E_ACCESSDENIED) in text:  # the text is in the system's language, the code is not
        return AudioUnavailable(DeviceFault.REFUSED, f"This app may not use the {word}.")
    if "-9996" in text or "Invalid device" in text or "querying" in text:
        return AudioUnavailable(DeviceFault.MISSING, f"The {word} is not connected.")
    return AudioUnavailable(DeviceFault.BUSY, f"The {word} could not be opened; another program may be using it.")


def close_stream(stream: Any) -> None:
    """Frees the device at once, without playing what is left."""
    with _lock:
        stream.abort(ignore_errors=True)
        stream.close(ignore_errors=True)


def register(stream: Restartable) -> None:
    with _lock:
        _streams.add(stream)


def unregister(stream: Restartable) -> None:
    with _lock:
        _streams.discard(stream)
