"""One open microphone or speaker: what it counts as lost."""

import sys
import threading
import time
from types import SimpleNamespace

import pytest

from app.call.audio.driver.device_list import DEFAULT_ID
from app.call.audio.driver.portaudio_stream import PortAudioStream
from app.call.audio.output_latency import STEPS_S
from app.call.audio.pcm import MS
from app.call.contract.devices import DeviceKind
from tests.stage.sound_cards import SoundCards
from tests.waiting import eventually

BLOCK = 5 * MS
NO_TIMES = SimpleNamespace(currentTime=0.0, inputBufferAdcTime=0.0, outputBufferDacTime=0.0)


def lost_after_waiting(kind: DeviceKind, wait_s: float) -> int:
    """Two callbacks so far apart, in a thread of their own as PortAudio's; the driver flags nothing."""
    stream = PortAudioStream(kind, "", BLOCK, 0.010, lambda samples, frames: None)

    def called() -> None:
        stream._called(bytearray(2 * BLOCK), BLOCK, NO_TIMES, 0)
        time.sleep(wait_s)
        stream._called(bytearray(2 * BLOCK), BLOCK, NO_TIMES, 0)

    thread = threading.Thread(target=called)
    thread.start()
    thread.join()
    return stream.xruns


def test_a_speaker_that_must_have_run_dry_has_lost_audio_though_its_driver_does_not_say_so() -> None:
    assert lost_after_waiting(DeviceKind.SPEAKER, 0.030) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="PulseAudio is of Linux")
@pytest.mark.parametrize("asked_s", [STEPS_S[0], STEPS_S[-1]])
def test_a_speakers_audio_is_not_held_back_longer_than_was_asked_for(cards: SoundCards, asked_s: float) -> None:
    """PortAudio's usual four periods made 107 ms of 70."""

    def silence(samples: bytearray, frames: int) -> None:
        samples[:] = bytes(len(samples))

    stream = PortAudioStream(DeviceKind.SPEAKER, DEFAULT_ID, BLOCK, asked_s, silence).open()
    try:
        eventually(lambda: stream.calls > 1000, "it has played for five seconds", limit_s=30)
        assert stream.delay_s < asked_s + 0.010
    finally:
        stream.close()


@pytest.mark.skipif(sys.platform != "linux", reason="PulseAudio is of Linux")
def test_the_sound_server_moves_a_stream_on_the_default_when_another_becomes_it(
    cards: SoundCards, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So on Linux nothing has to be followed; elsewhere `AudioDevice` does."""

    def played_on() -> str:
        sinks = dict(
            line.split("\t")[:2] for line in cards.control("list", "short", "sinks").stdout.decode().splitlines()
        )
        inputs = cards.control("list", "short", "sink-inputs").stdout.decode().splitlines()
        return sinks[inputs[0].split("\t")[1]] if inputs else ""

    def silence(samples: bytearray, frames: int) -> None:
        samples[:] = bytes(len(samples))

    monkeypatch.delenv("PULSE_SINK")  # as on a person's machine
    cards.control("set-default-sink", "spk_a")
    stream = PortAudioStream(DeviceKind.SPEAKER, DEFAULT_ID, BLOCK, STEPS_S[0], silence).open()
    try:
        eventually(lambda: played_on() == "spk_a", "it plays on the default")
        cards.control("set-default-sink", "spk_b")
        eventually(lambda: played_on() == "spk_b", "it plays on the new one")
        calls = stream.calls
        eventually(lambda: stream.calls > calls + 10, "and plays on")
    finally:
        stream.close()


def test_a_microphone_has_more_room_than_that() -> None:
    assert lost_after_waiting(DeviceKind.MICROPHONE, 0.030) == 0
