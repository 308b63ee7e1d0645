"""Where PortAudio is missing, or is built in another way."""

import sys
from types import ModuleType

import pytest
from sounddevice import PortAudioError

from app.call.audio.driver import portaudio
from app.call.audio.driver.errors import AudioUnavailable, unavailable
from app.call.contract.devices import DeviceFault, DeviceKind


def test_a_missing_portaudio_is_known_by_what_sounddevice_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    class Blocked:
        def find_spec(self, name: str, path: object = None, target: object = None) -> None:
            if name == "sounddevice":
                raise OSError("PortAudio library not found")

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Blocked(), *sys.meta_path])
    with pytest.raises(AudioUnavailable) as caught:
        portaudio._sounddevice()
    assert caught.value.fault is DeviceFault.NO_DRIVER


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        (
            ("Error opening InputStream", -9999, (3, -2147024891, "Zugriff verweigert")),
            DeviceFault.REFUSED,
        ),
        (("Error opening InputStream", -9999, (0, -13, "Keine Berechtigung")), DeviceFault.REFUSED),
        (("Error opening InputStream", -9999, (0, 0, "Permission denied")), DeviceFault.REFUSED),
        (("Error opening InputStream: Invalid device", -9996), DeviceFault.MISSING),
        (("Error querying device 7",), DeviceFault.MISSING),
        (("Error opening InputStream: Device unavailable", -9985), DeviceFault.BUSY),
        (("Error opening InputStream", -9999, (0, -16, "Device or resource busy")), DeviceFault.BUSY),
        (("PortAudio not initialized", -10000), DeviceFault.BUSY),
        ((), DeviceFault.BUSY),
    ],
)
@pytest.mark.parametrize("kind", [DeviceKind.MICROPHONE, DeviceKind.SPEAKER])
def test_what_portaudio_says_is_the_fault_that_is_shown(
    said: tuple[object, ...], fault: DeviceFault, kind: DeviceKind
) -> None:
    assert unavailable(kind, PortAudioError(*said)).fault is fault


def test_an_error_is_read_without_asking_portaudio_for_its_text() -> None:
    """The text names the host API, which PortAudio is asked for: it raises once more when it does not run."""

    class Unreadable(Exception):
        def __str__(self) -> str:
            raise RuntimeError("PortAudio not initialized")

    error = Unreadable("Error opening InputStream", -9999, (3, -2147024891, ""))
    assert unavailable(DeviceKind.MICROPHONE, error).fault is DeviceFault.REFUSED


@pytest.mark.skipif(sys.platform != "linux", reason="ALSA is of Linux")
def test_a_portaudio_built_without_alsa_is_used_as_it_is() -> None:
    without = ModuleType("sounddevice")
    without._libname = "libc.so.6"  # type: ignore[attr-defined]
    portaudio._set_periods(without, 3)
