"""Microphone and speaker: chosen, missing, without a driver, silent, and what the call does then."""

import asyncio
from pathlib import Path

import pytest
from livekit import rtc

from app.call.audio.driver import portaudio
from app.call.audio.driver.errors import AudioUnavailable
from app.call.contract.call_state import CallState
from app.call.contract.devices import AudioBackend, Device, DeviceFault, DeviceKind
from tests.live.conftest import MakeSide
from tests.live.peers import Peer
from tests.live.sides import both_in_call
from tests.stage.livekit_server import LivekitServer
from tests.stage.sound_cards import SoundCards, tone
from tests.stage.tokens import credentials
from tests.waiting import until


async def test_the_lists_have_the_system_default_first_and_every_card(side: MakeSide) -> None:
    anna = await side("anna")
    for kind in (DeviceKind.MICROPHONE, DeviceKind.SPEAKER):
        labels = [device.label for device in await anna.engine.devices(kind)]
        assert labels[0] == "System default"
        assert {"card_a", "card_b"} <= set(labels)


async def test_another_microphone_can_be_chosen_during_the_call(side: MakeSide, cards: SoundCards) -> None:
    anna = await side("anna", card="b")
    await anna.engine.prepare()
    mouth = cards.say("a", tone(500, 40))
    try:
        assert anna.engine.microphone_level() < 0.2
        listed = {device.label: device for device in await anna.engine.devices(DeviceKind.MICROPHONE)}
        await anna.engine.choose(listed["card_a"])
        await until(lambda: anna.engine.microphone_level() > 0.4, "card a is heard")
        assert anna.now.microphone.chosen == listed["card_a"]
    finally:
        mouth.terminate()


async def test_a_process_takes_the_card_that_its_environment_names(
    side: MakeSide, server: LivekitServer, room: str, videos: tuple[Path, Path], cards: SoundCards
) -> None:
    anna = await side("anna", card="a")
    await anna.join()
    ben = Peer(credentials(server, room, "ben"), videos[1], cards, "b")
    ear, mouth = cards.listen("spk_b"), cards.say("a", tone(700, 60))
    try:
        await anna.state(CallState.IN_CALL)
        await until(lambda: ear.loudness(0.5) > 700, "Ben's card plays what Anna says")
    finally:
        mouth.terminate()
        ear.close()
        ben.close()


async def test_without_any_way_to_audio_the_call_goes_on_and_says_why(
    side: MakeSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_library() -> object:
        raise AudioUnavailable(DeviceFault.NO_DRIVER, "The system library PortAudio is not installed.")

    def no_device() -> object:
        raise rtc.PlatformAudioError("no device")

    monkeypatch.setattr(portaudio, "_sounddevice", no_library)
    monkeypatch.setattr(rtc, "PlatformAudio", no_device)
    anna, ben = await side("anna"), await side("ben")
    await both_in_call(anna, ben)
    assert anna.now.microphone.fault is DeviceFault.NO_DRIVER
    assert anna.now.speaker.fault is DeviceFault.NO_DRIVER
    assert anna.now.audio_backend is AudioBackend.PLATFORM
    assert "PortAudio" in anna.now.microphone.detail
    assert await anna.engine.devices(DeviceKind.MICROPHONE) == []
    assert anna.engine.microphone_level() == 0
    assert ben.now.peer is not None
    assert not ben.now.peer.microphone_on


async def test_a_missing_card_is_a_fault_and_can_be_tried_again(side: MakeSide) -> None:
    anna = await side("anna")
    await anna.use_card("z")
    await anna.engine.prepare()
    assert anna.now.microphone.fault is DeviceFault.MISSING
    assert anna.now.speaker.fault is DeviceFault.MISSING
    await anna.join()
    assert anna.now.state is CallState.WAITING
    await anna.use_card("a")
    await anna.engine.retry(DeviceKind.MICROPHONE)
    assert anna.now.microphone.working
    assert anna.now.microphone.fault is None


async def test_a_microphone_that_falls_silent_is_noticed_and_comes_back_by_itself(
    side: MakeSide, cards: SoundCards
) -> None:
    anna, ben = await side("anna", card="a"), await side("ben", card="b")
    await both_in_call(anna, ben)
    await until(lambda: ben.now.peer and ben.now.peer.microphone_on, "Ben hears Anna")
    cards.control("suspend-sink", "mic_a", "1")
    try:
        await until(lambda: anna.now.microphone.fault is DeviceFault.SILENT, "Anna is told")
        await until(lambda: ben.now.peer and not ben.now.peer.microphone_on, "Ben sees it too")
        assert anna.now.state is CallState.IN_CALL
    finally:
        cards.control("suspend-sink", "mic_a", "0")
    await until(lambda: anna.now.microphone.working and anna.now.microphone.fault is None, "it works again")
    mouth = cards.say("a", tone(500, 40))
    try:
        await until(lambda: anna.engine.microphone_level() > 0.4, "and is heard")
    finally:
        mouth.terminate()


async def test_a_missing_camera_and_microphone_do_not_keep_anyone_from_the_call(side: MakeSide) -> None:
    anna, ben = await side("anna", camera="no/such/clip.mp4"), await side("ben")
    await anna.use_card("z")
    await asyncio.gather(anna.join(), ben.join())
    await asyncio.gather(anna.state(CallState.IN_CALL), ben.state(CallState.IN_CALL))
    await until(lambda: anna.now.camera.fault is DeviceFault.MISSING, "the camera's fault is told")
    await until(lambda: anna.now.microphone.fault is DeviceFault.MISSING, "the microphone's too")
    assert ben.now.peer is not None
    assert not ben.now.peer.camera_on


async def test_a_card_that_is_not_there_at_the_start_is_opened_by_itself_when_it_comes(
    side: MakeSide, removable: SoundCards
) -> None:
    removable.unplug("c")
    try:
        anna = await side("anna", card="c")
        await anna.engine.prepare()
        assert anna.now.microphone.fault is not None
        assert anna.now.speaker.fault is not None
    finally:
        removable.plug("c")
    await until(lambda: anna.now.microphone.working and anna.now.speaker.working, "both work", 60)
    assert anna.now.microphone.fault is None
    assert not anna.now.microphone.fallback


async def test_a_speaker_that_is_unplugged_beside_an_open_microphone_gives_way_and_comes_back(
    side: MakeSide, removable: SoundCards, cards: SoundCards
) -> None:
    """The stand-ins of `tests/call` show it for Windows and macOS; here with real streams."""
    anna = await side("anna", card="a")
    await anna.engine.choose(Device(DeviceKind.SPEAKER, "ALSA: card_c", "card_c"))
    await anna.engine.prepare()
    assert anna.now.speaker.working
    removable.unplug("c")
    try:
        await until(lambda: anna.now.speaker.fallback, "the default stands in", 60)
        mouth = cards.say("a", tone(500, 60))
        try:
            await until(lambda: anna.engine.microphone_level() > 0.4, "the microphone records on")
        finally:
            mouth.terminate()
    finally:
        removable.plug("c")
    await until(lambda: anna.now.speaker.working and not anna.now.speaker.fallback, "it is back", 60)
    ear = removable.listen("spk_c")
    try:
        await until(lambda: any(True for _ in ear.since(0)), "the card is listened to")
        assert await anna.engine.play_test_tone()
        await until(lambda: ear.last_loud_at() is not None, "and is heard")
    finally:
        ear.close()
