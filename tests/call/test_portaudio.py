"""Where PortAudio is missing, or is built in another way."""

import sys
from types import ModuleType

import pytest

from app.call.audio import portaudio
from app.call.contract.devices import DeviceFault, DeviceKind


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


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        (
            "Error opening InputStream: Unanticipated host error [PaErrorCode -9999]: "
            "'Zugriff verweigert' [Windows WASAPI error -2147024891]",
            DeviceFault.REFUSED,
        ),
        ("Error opening InputStream: Permission denied [PaErrorCode -9999]", DeviceFault.REFUSED),
        ("Error opening InputStream: Invalid device [PaErrorCode -9996]", DeviceFault.MISSING),
        ("Error querying device 7", DeviceFault.MISSING),
        ("Error opening InputStream: Device unavailable [PaErrorCode -9985]", DeviceFault.BUSY),
        (
            "Error opening InputStream: Unanticipated host error [PaErrorCode -9999]: "
            "'Device or resource busy' [ALSA error -16]",
            DeviceFault.BUSY,
        ),
    ],
)
@pytest.mark.parametrize("kind", [DeviceKind.MICROPHONE, DeviceKind.SPEAKER])
def test_what_portaudio_says_is_the_fault_that_is_shown(said: str, fault: DeviceFault, kind: DeviceKind) -> None:
    unavailable = portaudio._unavailable(kind, RuntimeError(said))
    assert unavailable.fault is fault


@pytest.mark.skipif(sys.platform != "linux", reason="ALSA is of Linux")
def test_a_portaudio_built_without_alsa_is_used_as_it_is() -> None:
    without = ModuleType("sounddevice")
    without._libname = "libc.so.6"  # type: ignore[attr-defined]
    portaudio._set_periods(without, 3)
