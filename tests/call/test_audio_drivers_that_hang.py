"""Drivers that hang, a start of PortAudio that does not come back, and permissions: none is another device's end."""

import asyncio
import sys
import threading
from types import SimpleNamespace

import pytest

from app.call.audio import audio_device, device_streams, portaudio_io
from app.call.audio.audio_device import AudioDevice
from app.call.audio.device_streams import DeviceStreams
from app.call.audio.driver import driver_lock, portaudio
from app.call.audio.portaudio_io import AudioSelection, select_audio
from app.call.contract.devices import AudioBackend, Device, DeviceFault, DeviceKind
from app.call.runtime.device_permission import Access
from app.call.runtime.threads import LEFT
from tests.fakes.sounddevice import Machine
from tests.stage.sound_machine import Permission, both, make, nothing
from tests.waiting import until

MICROPHONE, SPEAKER = DeviceKind.MICROPHONE, DeviceKind.SPEAKER
HEADSET = "Headset"


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
        assert microphone.state.fault is DeviceFault.STUCK
        await until(lambda: speaker.state.working, "the speaker works")
        for _ in range(3):
            await microphone.open()
        assert microphone.state.fault is DeviceFault.STUCK
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
        assert microphone.state.fault is DeviceFault.STUCK
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


async def test_a_speaker_whose_start_never_comes_back_gives_way_to_the_default_and_is_there_again_later(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PortAudio's own fault: a stream that is started while its device goes is never heard of again."""
    monkeypatch.setattr(device_streams, "OPEN_LIMIT_S", 0.3)
    monkeypatch.setattr(driver_lock, "HUNG_AFTER_S", 0.2)
    monkeypatch.setattr(audio_device, "CHOSEN_POLL_INTERVAL_S", 0.1)
    monkeypatch.setattr(device_streams, "LEFT_AFTER_S", 0.1)
    machine.plug(HEADSET, 1, 2)
    async with both(make(SPEAKER)) as (speaker,):
        await speaker.choose(Device(SPEAKER, f"Core Audio: {HEADSET}", HEADSET))
        assert machine.playing("output") == [HEADSET]
        machine.hangs.add(f"open {HEADSET}")
        machine.open_streams[0].runs = False  # as after a plug that was pulled and put back
        await until(lambda: speaker.state.fallback, "the default stands in")
        await until(lambda: machine.playing("output") == ["Built-in speakers"], "and plays")
        assert speaker.state.working
        machine.hangs.clear()
        await until(lambda: speaker.state.working and not speaker.state.fallback, "the chosen one is back")
        assert machine.playing("output")[-1:] == [HEADSET]
        left = [thread.name for thread in threading.enumerate() if thread.name.endswith(LEFT)]
        assert left, "what hangs is still there, and says so"
    machine.let_go.set()
    await until(lambda: not any(thread.name.endswith(LEFT) for thread in threading.enumerate()), "it ends once back")


async def test_a_driver_that_always_hangs_is_tried_ever_less_often(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device_streams, "OPEN_LIMIT_S", 0.02)
    machine.hangs.add("open Built-in speakers")
    now = 1000
    monkeypatch.setattr(device_streams, "time", SimpleNamespace(monotonic=lambda: now))
    streams = DeviceStreams(SPEAKER, nothing, Permission(), lambda: True)
    waits = []
    for _ in range(4):
        assert await streams.open(streams.new("default", 0.01)) is device_streams.HUNG
        waited = 0
        while not streams.leave_hung():
            now += 1
            waited += 1
        waits.append(waited)
    assert waits == [8, 16, 32, 64]
    await streams.open(streams.new("default", 0.01))
    assert not streams.leave_hung()
    machine.plug(HEADSET, 1, 2)
    assert streams.leave_hung(), "at once when something has been plugged in"
    streams.worker.close()


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
