"""Which sound devices the system has, and which are its defaults, asked of the system itself.

PortAudio reads both only when it starts, and starting it again closes every stream: so it is only worth it when
something has changed. Asking costs well under a millisecond and disturbs nobody. Blocks for no longer.
"""

import ctypes
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.call.contract.devices import DeviceKind


@dataclass(frozen=True)
class AudioHardware:
    """Equal as long as nothing has come, gone or become the default. A default is None where the system moves streams
    to another one by itself (Linux).
    """

    devices: tuple[str, ...]
    default_microphone: str | None = None
    default_speaker: str | None = None

    def default(self, kind: DeviceKind) -> str | None:
        return self.default_microphone if kind is DeviceKind.MICROPHONE else self.default_speaker


CORE_AUDIO = "/System/Library/Frameworks/CoreAudio.framework/CoreAudio"


def read_hardware(system: str = sys.platform, load: Callable[[str], Any] = ctypes.CDLL) -> AudioHardware | None:
    """What there is now; None when the system cannot be asked. `load` opens a system library."""
    try:
        if system == "linux":
            return AudioHardware(_linux_cards())
        if system == "darwin":
            return _mac_hardware(load(CORE_AUDIO))
        if system == "win32":
            return _windows_hardware(load("winmm"))
    except (OSError, AttributeError):  # a library or a function of it is not there
        return None
    return None


def _linux_cards() -> tuple[str, ...]:
    try:
        return tuple(sorted(os.listdir("/dev/snd")))
    except OSError:  # no card at all
        return ()


class _Address(ctypes.Structure):
    """AudioObjectPropertyAddress (AudioHardwareBase.h)."""

    _fields_ = (("selector", ctypes.c_uint32), ("scope", ctypes.c_uint32), ("element", ctypes.c_uint32))


SYSTEM_OBJECT, GLOBAL, MAIN = 1, int.from_bytes(b"glob"), 0
DEVICES, DEFAULT_INPUT, DEFAULT_OUTPUT = (int.from_bytes(name) for name in (b"dev#", b"dIn ", b"dOut"))
"""kAudioHardwareProperty... (AudioHardware.h): four characters as a number."""


def _mac_hardware(core_audio: Any) -> AudioHardware | None:
    def ids(selector: int) -> tuple[str, ...] | None:
        address, size = _Address(selector, GLOBAL, MAIN), ctypes.c_uint32()
        where = (SYSTEM_OBJECT, ctypes.byref(address), 0, None)
        if core_audio.AudioObjectGetPropertyDataSize(*where, ctypes.byref(size)):
            return None
        found = (ctypes.c_uint32 * (size.value // 4))()
        if core_audio.AudioObjectGetPropertyData(*where, ctypes.byref(size), ctypes.byref(found)):
            return None
        return tuple(str(each) for each in found[: size.value // 4])

    devices, microphone, speaker = ids(DEVICES), ids(DEFAULT_INPUT), ids(DEFAULT_OUTPUT)
    if devices is None:
        return None
    return AudioHardware(tuple(sorted(devices)), next(iter(microphone or ()), ""), next(iter(speaker or ()), ""))


class _WaveCaps(ctypes.Structure):
    """WAVEOUTCAPSW (mmeapi.h); WAVEINCAPSW is the same without the last field."""

    _fields_ = (
        ("manufacturer", ctypes.c_uint16),
        ("product", ctypes.c_uint16),
        ("version", ctypes.c_uint32),
        ("name", ctypes.c_uint16 * 32),  # UTF-16, ended by 0
        ("formats", ctypes.c_uint32),
        ("channels", ctypes.c_uint16),
        ("reserved", ctypes.c_uint16),
        ("support", ctypes.c_uint32),
    )


WAVE_MAPPER, PREFERRED_GET = -1, 0x2000 + 21
"""DRVM_MAPPER_PREFERRED_GET (mmddk.h): which device the system's default is at this moment."""


def _windows_hardware(winmm: Any) -> AudioHardware:
    def names(count: Callable[[], int], caps_of: Callable[..., int]) -> list[str]:
        found = []
        for index in range(count()):
            caps = _WaveCaps()
            failed = caps_of(ctypes.c_size_t(index), ctypes.byref(caps), ctypes.sizeof(caps))
            found.append("" if failed else bytes(caps.name).decode("utf-16-le", "replace").partition("\0")[0])
        return found

    def preferred(message: Callable[..., int], among: list[str]) -> str:
        index, status = ctypes.c_uint32(), ctypes.c_uint32()
        mapper = ctypes.c_void_p(WAVE_MAPPER)
        failed = message(mapper, PREFERRED_GET, ctypes.byref(index), ctypes.byref(status))
        return among[index.value] if not failed and index.value < len(among) else ""

    inputs = names(winmm.waveInGetNumDevs, winmm.waveInGetDevCapsW)
    outputs = names(winmm.waveOutGetNumDevs, winmm.waveOutGetDevCapsW)
    return AudioHardware(
        (*sorted(inputs), "|", *sorted(outputs)),
        preferred(winmm.waveInMessage, inputs),
        preferred(winmm.waveOutMessage, outputs),
    )
