"""How calls sound, as a person meets it: a choice kept on the device, and words for what stands in or cannot be had."""

from dataclasses import replace

import pytest

from app.call.contract.call_state import CallSnapshot, CallState
from app.call.contract.devices import AudioBackend, Device, DeviceKind, DeviceState
from app.screens.settings import Settings
from app.state.call.words.device_words import SYSTEM_SOUND, stand_in_words
from app.state.core.kept.device import load_preferences, save_preferences
from app.state.core.kept.preferences import Preferences
from app.state.core.services import SERVICES
from tests.app.stage.call_world import CallWorld
from tests.app.stage.harness import screen
from tests.fakes.device_store import FakeDeviceStore

HEADSET = Device(DeviceKind.MICROPHONE, "h", "Headset")


@pytest.mark.parametrize("sound", [path.value for path in AudioBackend])
async def test_the_choice_of_sound_is_kept_on_the_device(sound: str) -> None:
    store, again = FakeDeviceStore(), Preferences()
    await save_preferences(store, Preferences(sound=sound))
    await load_preferences(store, again)
    assert again.sound == sound


async def test_an_unknown_choice_of_sound_is_not_taken_up() -> None:
    preferences = Preferences()
    await load_preferences(FakeDeviceStore(**{"rendezvous.call_sound": "gramophone"}), preferences)
    assert preferences.sound == AudioBackend.PORTAUDIO.value


async def test_settings_say_what_the_systems_sound_lacks() -> None:
    world = CallWorld()
    async with screen(lambda: SERVICES(world.services, Settings)) as app:
        await app.shows("It has no level meter, no test sound")


async def test_the_menu_says_that_there_is_no_level_with_the_systems_sound() -> None:
    world = CallWorld()
    async with screen(world.view) as app:
        await app.shows("Join")
        assert "Microphone level" in app.labels()
        world.engine.become(CallState.PREPARING, audio_backend=AudioBackend.PLATFORM)
        await app.shows(SYSTEM_SOUND)
        assert "Microphone level" not in app.labels()


async def test_the_menu_says_what_stands_in_for_a_chosen_device() -> None:
    world = CallWorld()
    async with screen(world.view) as app:
        await app.shows("Join")
        state = DeviceState(working=True, chosen=HEADSET, fallback=True)
        world.engine.become(CallState.PREPARING, microphone=state)
        await app.shows("Headset is not connected. The system default is used until it is back.")


def test_nothing_is_said_while_the_chosen_device_works() -> None:
    state = replace(CallSnapshot().microphone, working=True, chosen=HEADSET)
    assert stand_in_words(state) == ""
