"""Where PortAudio is missing, or is built in another way."""

import sys
from types import ModuleType

import pytest

from app.call.audio import portaudio
from app.call.contract.devices import DeviceFault


def test_a_missing_portaudio_is_known_by_what_sounddevice_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    class Blocked:
        def find_spec(self, name: str, path: object = None, target: object = None) -> None:
            if name == "sounddevice":
                raise OSError("PortAudio library not found")

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Blocked(), *sys.meta_path])
    with pytest.raises(portaudio.AudioUnavailable) as caught:
        portaudio._sounddevice()
    assert caught.value.fault is DeviceFault.NO_DRIVER


@pytest.mark.skipif(sys.platform != "linux", reason="ALSA is of Linux")
def test_a_portaudio_built_without_alsa_is_used_as_it_is() -> None:
    without = ModuleType("sounddevice")
    without._libname = "libc.so.6"  # type: ignore[attr-defined]
    portaudio._set_periods(without, 3)
