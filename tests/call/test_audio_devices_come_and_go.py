"""Microphone and speaker on machines that cannot be had here, by a stand-in of python-sounddevice: unplugging, another
default, a restart that fails.
"""

import asyncio
from collections.abc import Callable

import pytest

from app.call.audio.driver import portaudio
from app.call.audio.driver.errors import AudioUnavailable
from app.call.contract.devices import Device, DeviceFault, DeviceKind
from tests.fakes.sounddevice import Machine
from tests.stage.sound_machine import both, make
from tests.waiting import until

MICROPHONE, SPEAKER = DeviceKind.MICROPHONE, DeviceKind.SPEAKER
HEADSET = "Headset"


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
        assert machine.starts == starts
        machine.plug(HEADSET, 1, 2)
        assert HEADSET in [each.label for each in await microphone.devices()]


async def test_a_stream_that_does_not_resume_asks_for_no_restart_within_the_restart(machine: Machine) -> None:
    machine.plug(HEADSET, 0, 2)
    async with both(make(MICROPHONE), make(SPEAKER)) as (_, speaker):
        await speaker.choose(Device(SPEAKER, f"Core Audio: {HEADSET}", HEADSET))
        starts = machine.starts
        machine.unplug(HEADSET)
        await asyncio.to_thread(portaudio.rescan, MICROPHONE)
        assert machine.starts <= starts + 2, "this one, and the check's that the headset is not there"


async def test_what_is_chosen_on_purpose_stands_in_for_nothing(machine: Machine) -> None:
    async with both(make(SPEAKER)) as (speaker,):
        listed = await speaker.devices()
        await speaker.choose(listed[1], instead_of=Device(SPEAKER, "gone", "Gone"))
        assert speaker.state.instead_of is not None
        await speaker.choose(listed[1])
        assert speaker.state.instead_of is None


async def test_two_devices_of_one_name_are_two_choices(machine: Machine) -> None:
    machine.plug(HEADSET, 1, 2)
    machine.plug(HEADSET, 1, 2)
    async with both(make(SPEAKER)) as (speaker,):
        listed = await speaker.devices()
        assert [each.label for each in listed] == ["System default", HEADSET, f"{HEADSET} (2)", "Built-in speakers"]
        assert len({each.id for each in listed}) == 4


async def test_where_the_system_cannot_be_asked_the_menu_does_not_stop_the_sound(machine: Machine) -> None:
    machine.can_be_asked = False
    async with both(make(SPEAKER)) as (speaker,):
        starts = machine.starts
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
        with pytest.raises(AudioUnavailable):
            await asyncio.to_thread(portaudio.rescan, SPEAKER)
        assert resumed
