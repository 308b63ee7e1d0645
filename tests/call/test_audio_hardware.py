"""What each system says of its sound devices, by stand-ins for CoreAudio and winmm that behave as documented."""

from typing import Any

import pytest

from app.call.audio.driver.hardware import CORE_AUDIO, AudioHardware, read_hardware
from app.call.contract.devices import DeviceKind


def code(name: str) -> int:
    return int.from_bytes(name.encode("ascii"), "big")


class CoreAudio:
    """AudioObjectGetPropertyDataSize and ...Data of the system object (AudioHardware.h)."""

    def __init__(self, devices: list[int], default_input: int, default_output: int) -> None:
        self.values = {code("dev#"): devices, code("dIn "): [default_input], code("dOut"): [default_output]}
        self.status = 0

    def _ids(self, number: int, address: Any) -> list[int]:
        assert number == 1
        assert (address._obj.scope, address._obj.element) == (code("glob"), 0)
        return self.values[address._obj.selector]

    def AudioObjectGetPropertyDataSize(self, number: int, address: Any, _: int, __: None, size: Any) -> int:
        size._obj.value = 4 * len(self._ids(number, address))
        return self.status

    def AudioObjectGetPropertyData(self, number: int, address: Any, _: int, __: None, size: Any, data: Any) -> int:
        ids = self._ids(number, address)
        assert size._obj.value == 4 * len(ids)
        data._obj[:] = ids
        return self.status


def test_a_mac_tells_its_devices_and_defaults() -> None:
    loaded: list[str] = []

    def load(path: str) -> CoreAudio:
        loaded.append(path)
        return CoreAudio([55, 41], default_input=55, default_output=41)

    found = read_hardware("darwin", load)
    assert found == AudioHardware(("41", "55"), "55", "41")
    assert found.default(DeviceKind.SPEAKER) == "41"
    assert found.default(DeviceKind.MICROPHONE) == "55"
    assert loaded == [CORE_AUDIO]


def test_a_mac_that_does_not_tell_is_unknown() -> None:
    core_audio = CoreAudio([55], 55, 55)
    core_audio.status = -50
    assert read_hardware("darwin", lambda path: core_audio) is None


class Winmm:
    """The wave functions of mmeapi.h; a name has 31 characters at most."""

    def __init__(self, inputs: list[str], outputs: list[str], preferred: tuple[int, int] = (0, 0)) -> None:
        self.inputs, self.outputs, self.preferred = inputs, outputs, preferred

    def waveInGetNumDevs(self) -> int:
        return len(self.inputs)

    def waveOutGetNumDevs(self) -> int:
        return len(self.outputs)

    def _caps(self, names: list[str], index: Any, caps: Any, size: int) -> int:
        assert size == 84, "sizeof(WAVEOUTCAPSW)"
        caps._obj.name[:] = [*map(ord, names[index.value][:31].ljust(32, "\0"))]
        return 0

    def waveInGetDevCapsW(self, index: Any, caps: Any, size: int) -> int:
        return self._caps(self.inputs, index, caps, size)

    def waveOutGetDevCapsW(self, index: Any, caps: Any, size: int) -> int:
        return self._caps(self.outputs, index, caps, size)

    def _message(self, which: int, device: Any, message: int, index: Any) -> int:
        assert (message, device.value) == (0x2015, 2**64 - 1)
        index._obj.value = self.preferred[which] & 0xFFFFFFFF
        return 0

    def waveInMessage(self, device: Any, message: int, index: Any, status: Any) -> int:
        return self._message(0, device, message, index)

    def waveOutMessage(self, device: Any, message: int, index: Any, status: Any) -> int:
        return self._message(1, device, message, index)


def windows(*arguments: Any) -> AudioHardware | None:
    return read_hardware("win32", lambda name: Winmm(*arguments))


def test_windows_tells_its_devices_and_defaults() -> None:
    found = windows(["Microphone (Realtek)"], ["Speakers (Realtek)", "Headphones (Jabra)"], (0, 1))
    assert found is not None
    assert found.default(DeviceKind.MICROPHONE) == "Microphone (Realtek)"
    assert found.default(DeviceKind.SPEAKER) == "Headphones (Jabra)"
    assert found == windows(["Microphone (Realtek)"], ["Speakers (Realtek)", "Headphones (Jabra)"], (0, 1))


def test_windows_without_a_device_has_no_default() -> None:
    found = windows([], [], (-1, -1))
    assert found is not None
    assert found.default(DeviceKind.SPEAKER) == ""


@pytest.mark.parametrize(
    "after",
    [
        (["Mic"], ["Speakers", "Jabra"], (0, 0)),
        (["Mic"], ["Speakers"], (0, -1)),
        ([], ["Speakers"], (-1, 0)),
        (["Speakers"], ["Mic"], (0, 0)),
    ],
)
def test_whatever_comes_goes_or_becomes_the_default_is_a_change(after: tuple[Any, ...]) -> None:
    assert windows(["Mic"], ["Speakers"], (0, 0)) != windows(*after)


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_a_system_whose_library_is_not_there_is_unknown(system: str) -> None:
    def missing(name: str) -> None:
        raise OSError(name)

    assert read_hardware(system, missing) is None


def test_linux_has_no_default_to_follow_for_its_sound_server_moves_the_streams() -> None:
    found = read_hardware("linux")
    assert found is not None
    assert found.default(DeviceKind.SPEAKER) is None
