"""Microphone and speaker on machines that cannot be had here, by a stand-in of python-sounddevice: unplugging, another
default, a start that fails, drivers that hang.
"""

import asyncio
import contextlib
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from app.call.audio import audio_device, device_streams, portaudio_io
from app.call.audio.audio_device import AudioDevice
from app.call.audio.driver import driver_lock, portaudio
from app.call.audio.driver.driver_lock import DriverLock
from app.call.audio.driver.errors import AudioUnavailable
from app.call.audio.portaudio_io import AudioSelection, select_audio
from app.call.contract.devices import AudioBackend, Device, DeviceFault, DeviceKind
from app.call.runtime.device_permission import Access, Capability
from tests.fakes.sounddevice import FakeSounddevice, Machine
from tests.waiting import until

MICROPHONE, SPEAKER = DeviceKind.MICROPHONE, DeviceKind.SPEAKER
HEADSET = "Headset"


class Permission:
    answer = Access.GRANTED

    def access(self, capability: Capability) -> Access:
        return self.answer

    def request(self, capability: Capability) -> None: ...


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """A Mac, as far as the sound is concerned."""
    machine = Machine()
    monkeypatch.setitem(sys.modules, "sounddevice", FakeSounddevice(machine))
    monkeypatch.setattr(portaudio, "_lock", DriverLock())
    monkeypatch.setattr(portaudio, "_streams", set())
    monkeypatch.setattr(portaudio, "_scanned", None)
    monkeypatch.setattr(portaudio, "_scanned_at", float("-inf"))
    monkeypatch.setattr(portaudio, "_start", None)
    monkeypatch.setattr(portaudio, "read_hardware", machine.hardware)
    monkeypatch.setattr(portaudio, "MAY_MISS_CHANGES", True)
    monkeypatch.setattr(portaudio, "RESCAN_EVERY_S", 0.05)
    monkeypatch.setattr(portaudio, "UNSURE_RESCAN_EVERY_S", 0.05)
    monkeypatch.setattr(portaudio, "_set_periods", lambda module, count: None)
    monkeypatch.setattr(audio_device, "TRY_AGAIN_AFTER_S", (0.1,))
    monkeypatch.setattr(audio_device, "HARDWARE_POLL_INTERVAL_S", 0.05)
    monkeypatch.setattr(audio_device, "CHOSEN_POLL_INTERVAL_S", 0.1)
    monkeypatch.setattr(audio_device, "STARTING_LIMIT_S", 0.5)
    yield machine
    machine.let_go.set()


def nothing(*_: object) -> None: ...


def make(kind: DeviceKind, permission: Permission | None = None) -> AudioDevice:
    return AudioDevice(kind, nothing, permission or Permission(), nothing, nothing, lambda: 10.0)


@contextlib.asynccontextmanager
async def both(*devices: AudioDevice) -> AsyncIterator[tuple[AudioDevice, ...]]:
    """Opened, and polled as a call does, each by itself."""

    async def polls(device: AudioDevice) -> None:
        while True:
            await device.check()
            await asyncio.sleep(0.02)

    await asyncio.gather(*(device.open() for device in devices))
    polling = [asyncio.ensure_future(polls(device)) for device in devices]
    try:
        yield devices
    finally:
        for each in polling:
            each.cancel()
        await asyncio.gather(*(device.close() for device in devices))
        for device in devices:
            device.end_worker()


def playing_on(machine: Machine, name: str) -> Callable[[], bool]:
    return lambda: machine.playing("output") == [name]


async def test_the_speaker_in_use_is_unplugged_while_the_microphone_stays_open(machine: Machine) -> None:
    """e6: silence for good, also after Try again, because the list was read again only without any stream."""
    machine.plug(HEADSET, 0, 2, default=True)
    async with both(make(MICROPHONE), make(SPEAKER)) as (microphone, speaker):
        assert machine.playing("output") == [HEADSET]
        machine.unplug(HEADSET)
        await until(playing_on(machine, "Built-in speakers"), "the speakers play")
        await until(lambda: speaker.state.working and speaker.state.fault is None, "and that is shown")
        await until(lambda: machine.playing("input") == ["Built-in microphone"], "the microphone records on")
        assert microphone.state.working


async def test_a_chosen_speaker_is_taken_again_when_it_is_back(machine: Machine) -> None:
    machine.plug(HEADSET, 0, 2)
    async with both(make(MICROPHONE), make(SPEAKER)) as (_, speaker):
        await speaker.choose(Device(SPEAKER, f"Core Audio: {HEADSET}", HEADSET))
        assert machine.playing("output") == [HEADSET]
        machine.unplug(HEADSET)
        await until(lambda: speaker.state.fallback, "the default stands in")
        machine.plug(HEADSET, 0, 2)
        await until(playing_on(machine, HEADSET), "it plays again")
        await until(lambda: not speaker.state.fallback, "and that is shown")


async def test_a_new_default_of_the_system_is_followed(machine: Machine) -> None:
    """e19: the sound stayed in the laptop when headphones were plugged in."""
    async with both(make(MICROPHONE), make(SPEAKER)) as (_, speaker):
        machine.plug(HEADSET, 1, 2, default=True)
        await until(playing_on(machine, HEADSET), "the headphones play")
        await until(lambda: machine.playing("input") == [HEADSET], "and record")
        assert speaker.state.working


async def test_a_chosen_device_is_left_alone_when_the_default_changes(machine: Machine) -> None:
    async with both(make(MICROPHONE), make(SPEAKER)) as (_, speaker):
        await speaker.choose(Device(SPEAKER, "Core Audio: Built-in speakers", "Built-in speakers"))
        machine.plug(HEADSET, 1, 2, default=True)
        await until(lambda: machine.playing("input") == [HEADSET], "the microphone follows")
        assert machine.playing("output") == ["Built-in speakers"]


async def test_a_device_that_is_not_there_at_the_start_is_opened_when_it_comes(machine: Machine) -> None:
    """e20: what was missing or busy at the start was never tried again."""
    machine.unplug("Built-in microphone")
    async with both(make(MICROPHONE), make(SPEAKER)) as (microphone, _):
        assert microphone.state.fault is DeviceFault.MISSING
        machine.plug(HEADSET, 1, 0, default=True)
        await until(lambda: microphone.state.working and microphone.state.fault is None, "it works")


async def test_portaudio_that_fails_to_start_again_is_started_later_and_both_devices_come_back(
    machine: Machine,
) -> None:
    """e6 init: the audio service restarts. The checks ended and both devices stayed "working" without a stream."""
    async with both(make(MICROPHONE), make(SPEAKER)) as (microphone, speaker):
        machine.start_fails = 3
        machine.plug(HEADSET, 1, 2, default=True)
        await until(lambda: not machine.start_fails, "it has failed three times")
        await until(playing_on(machine, HEADSET), "the speaker is back")
        await until(lambda: machine.playing("input") == [HEADSET], "the microphone too")
        await until(lambda: microphone.state.working and speaker.state.working, "and that is shown")


async def test_opening_the_menu_leaves_the_sound_alone_unless_something_has_changed(machine: Machine) -> None:
    async with both(make(MICROPHONE), make(SPEAKER)) as (microphone, _):
        await until(lambda: machine.playing("output") and machine.playing("input"), "both run")
        starts = machine.starts
        for _ in range(3):
            assert [each.label for each in await microphone.devices()] == ["System default", "Built-in microphone"]
            await asyncio.sleep(0.06)
        assert machine.starts == starts
        machine.plug(HEADSET, 1, 2)
        assert HEADSET in [each.label for each in await microphone.devices()]


async def test_where_the_system_cannot_be_asked_the_menu_does_not_stop_the_sound(machine: Machine) -> None:
    machine.can_be_asked = False
    async with both(make(SPEAKER)) as (speaker,):
        starts = machine.starts
        await asyncio.sleep(portaudio.UNSURE_RESCAN_EVERY_S)
        await speaker.devices()
        assert machine.starts == starts


async def test_streams_resume_when_portaudio_cannot_be_restarted(machine: Machine) -> None:
    async with both(make(SPEAKER)):
        stream = next(iter(portaudio._streams))
        resumed: list[bool] = []
        original = stream.resume

        def resume() -> None:
            resumed.append(True)
            original()

        stream.resume = resume  # type: ignore[method-assign]  # counted
        machine.start_fails = 1
        machine.plug(HEADSET, 1, 2)
        await asyncio.sleep(portaudio.RESCAN_EVERY_S)
        with pytest.raises(AudioUnavailable):
            await asyncio.to_thread(portaudio.rescan, SPEAKER)
        assert resumed


async def test_a_hanging_microphone_stops_neither_the_speaker_nor_another_microphone_nor_the_next_call(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """18: they shared one worker, one check and one lock."""
    monkeypatch.setattr(device_streams, "OPEN_LIMIT_S", 0.3)
    monkeypatch.setattr(driver_lock, "HUNG_AFTER_S", 0.2)
    machine.hangs.add("open Built-in microphone")
    machine.plug(HEADSET, 1, 0)
    threads = threading.active_count()
    async with both(make(MICROPHONE), make(SPEAKER)) as (microphone, speaker):
        assert microphone.state.fault is DeviceFault.BUSY
        await until(lambda: speaker.state.working, "the speaker works")
        for _ in range(3):
            await microphone.open()
        assert microphone.state.fault is DeviceFault.BUSY
        assert threading.active_count() <= threads + 3, "two workers and the stream's own: none for each try"
        await microphone.choose(Device(MICROPHONE, f"Core Audio: {HEADSET}", HEADSET))
        assert microphone.state.working
    async with both(make(SPEAKER)) as (speaker,):
        assert speaker.state.working


async def test_a_microphone_whose_driver_comes_back_is_opened_by_itself(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device_streams, "OPEN_LIMIT_S", 0.2)
    machine.hangs.add("open Built-in microphone")
    async with both(make(MICROPHONE)) as (microphone,):
        assert microphone.state.fault is DeviceFault.BUSY
        for _ in range(3):
            await microphone.open()
        machine.hangs.clear()
        machine.let_go.set()
        await until(lambda: microphone.state.working, "it works")
        await until(lambda: len(machine.open_streams) == 1, "what opened late was closed again")
        assert machine.tries == 2, "tries do not queue up behind a driver that hangs"


async def test_a_driver_that_hangs_while_it_closes_records_nothing_more_and_is_not_restarted_around(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device_streams, "CLOSE_LIMIT_S", 0.1)
    monkeypatch.setattr(driver_lock, "HUNG_AFTER_S", 0.1)
    heard: list[int] = []
    microphone = AudioDevice(
        MICROPHONE, lambda samples, frames: heard.append(frames), Permission(), nothing, nothing, lambda: 9
    )
    await microphone.open()
    await until(lambda: heard, "it records")
    machine.hangs.add("close Built-in microphone")
    await asyncio.wait_for(microphone.close(), 5)
    heard.clear()
    async with both(make(SPEAKER)) as (speaker,):
        assert speaker.state.working
        starts = machine.starts
        machine.plug(HEADSET, 1, 2)
        await speaker.devices()
        assert machine.starts == starts, "Pa_Terminate would free what hangs"
    assert not heard
    microphone.end_worker()


async def test_a_microphone_is_opened_only_once_the_person_has_allowed_it(machine: Machine) -> None:
    permission = Permission()
    permission.answer = Access.UNDECIDED
    microphone = make(MICROPHONE, permission)
    opening = asyncio.ensure_future(microphone.open())
    await asyncio.sleep(0.05)
    assert not machine.open_streams
    permission.answer = Access.REFUSED
    await asyncio.wait_for(opening, 5)
    assert microphone.state.fault is DeviceFault.REFUSED
    assert not machine.open_streams
    permission.answer = Access.GRANTED
    async with both(microphone):
        assert microphone.state.working


async def test_portaudio_is_started_off_the_loop_and_one_that_hangs_is_given_up(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """e8: Pa_Initialize ran inside a constructor on the media loop, without a limit."""
    monkeypatch.setattr(portaudio_io, "START_LIMIT_S", 0.2)
    machine.hangs.add("start")
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    ticking = asyncio.ensure_future(tick())
    threads = threading.active_count()
    for _ in range(4):
        assert await select_audio(AudioBackend.PORTAUDIO) == AudioSelection(AudioBackend.PLATFORM)
    assert ticks > 5
    assert threading.active_count() <= threads + 1, "a call more is no thread more"
    ticking.cancel()
    machine.let_go.set()
    await until(lambda: portaudio._start is not None and portaudio._start.result.done(), "it is back")
    assert await select_audio(AudioBackend.PORTAUDIO) == AudioSelection()


async def test_portaudio_that_fails_to_start_keeps_no_call_from_being_made_and_is_tried_again(
    machine: Machine,
) -> None:
    """e8: five commands, five sets of four threads, no call."""
    machine.start_fails = 2
    assert await select_audio(AudioBackend.PORTAUDIO) == AudioSelection()
    async with both(make(SPEAKER)) as (speaker,):
        assert speaker.state.fault is DeviceFault.BUSY
        await until(lambda: speaker.state.working, "it works")


async def test_without_the_library_the_systems_audio_is_used(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    class Missing:
        def find_spec(self, name: str, path: object = None, target: object = None) -> None:
            if name == "sounddevice":
                raise OSError("PortAudio library not found")

    monkeypatch.delitem(sys.modules, "sounddevice")
    monkeypatch.setattr(sys, "meta_path", [Missing(), *sys.meta_path])
    assert await select_audio(AudioBackend.PORTAUDIO) == AudioSelection(AudioBackend.PLATFORM, is_missing=True)
