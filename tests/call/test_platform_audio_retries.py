"""The system's own audio (`rtc.PlatformAudio`) where it cannot be opened at first, and back to its default."""

import asyncio
from types import SimpleNamespace

import pytest
from livekit import rtc

from app.call.audio import platform_io
from app.call.audio.platform_io import PlatformAudioIO
from app.call.contract.devices import Device, DeviceFault, DeviceKind
from app.call.runtime.device_permission import Access, NothingToAsk
from tests.waiting import until

MICROPHONE = DeviceKind.MICROPHONE


class Platform:
    """The SDK's module; `fails` is how often it cannot be opened next."""

    fails = 0

    def __init__(self) -> None:
        if Platform.fails:
            Platform.fails -= 1
            raise rtc.PlatformAudioError("no device")
        self.recording: list[str] = []

    def create_audio_source(self) -> SimpleNamespace:
        return SimpleNamespace(close=lambda: None)

    def recording_devices(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(id="default-id", name="Default"), SimpleNamespace(id="headset", name="Headset")]

    playout_devices = recording_devices

    def set_recording_device(self, device_id: str) -> None:
        self.recording.append(device_id)

    def set_playout_device(self, device_id: str) -> None: ...

    def close(self) -> None: ...


@pytest.fixture(autouse=True)
def platform(monkeypatch: pytest.MonkeyPatch) -> type[Platform]:
    monkeypatch.setattr(rtc, "PlatformAudio", Platform)
    monkeypatch.setattr(platform_io, "TRY_AGAIN_AFTER_S", (0.02,))
    Platform.fails = 0
    return Platform


async def checked_until_it_works(audio: PlatformAudioIO) -> None:
    async def checks() -> None:
        while True:
            await audio.check()
            await asyncio.sleep(0.01)

    checking = asyncio.ensure_future(checks())
    try:
        await until(lambda: audio.speaker.state.working, "it works")
    finally:
        checking.cancel()


async def test_what_could_not_be_opened_is_tried_again(platform: type[Platform]) -> None:
    platform.fails = 3
    audio = PlatformAudioIO(lambda: None)
    await audio.open()
    assert audio.microphone.state.fault is DeviceFault.MISSING
    await checked_until_it_works(audio)
    assert audio.microphone.state.working
    await audio.close()
    audio.end_workers()


async def test_a_microphone_that_comes_after_its_track_was_made_says_that_it_is_not_heard(
    platform: type[Platform],
) -> None:
    platform.fails = 1
    audio = PlatformAudioIO(lambda: None)
    await audio.open()
    assert audio.source is None  # published without it
    await checked_until_it_works(audio)
    assert not audio.microphone.state.working
    assert "join again" in audio.microphone.state.detail
    await audio.close()
    audio.end_workers()


async def test_going_back_to_the_default_sets_it() -> None:
    audio = PlatformAudioIO(lambda: None)
    await audio.open()
    first, *_ = await audio.microphone.devices()
    await audio.microphone.choose(first)
    module = audio._module
    assert isinstance(module, Platform)
    assert module.recording == [], "it begins with the default"
    await audio.microphone.choose(Device(MICROPHONE, "headset", "Headset"))
    await audio.microphone.choose(first)
    assert module.recording == ["headset", "default-id"]
    await audio.close()
    audio.end_workers()


async def test_a_microphone_that_the_person_refused_is_refused_here_too() -> None:
    class Refused(NothingToAsk):
        def access(self, capability: object) -> Access:
            return Access.REFUSED

    audio = PlatformAudioIO(lambda: None, permission=Refused())
    await audio.open()
    assert audio.microphone.state.fault is DeviceFault.REFUSED
    assert audio.speaker.state.working
    await audio.close()
    audio.end_workers()
