"""One open microphone or speaker: what it counts as lost."""

import sys
import threading
import time
from types import SimpleNamespace

import pytest

from app.call.audio.driver import portaudio_stream
from app.call.audio.driver.portaudio import DEFAULT_ID
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


def test_two_streams_of_which_one_takes_over_are_never_in_the_callback_at_once() -> None:
    """29: the mixer and the echo canceller's reference belong to one thread at a time."""
    inside = most_inside = 0
    entered, go_on = threading.Event(), threading.Event()

    def callback(samples: bytearray, frames: int) -> None:
        nonlocal inside, most_inside
        inside += 1
        most_inside = max(most_inside, inside)
        entered.set()
        go_on.wait(0.2)
        inside -= 1

    together = threading.Lock()
    old, new = (PortAudioStream(DeviceKind.SPEAKER, "", BLOCK, 0.010, callback, together) for _ in range(2))
    new.active = False
    threads = [
        threading.Thread(target=stream._called, args=(bytearray(2 * BLOCK), BLOCK, NO_TIMES, 0))
        for stream in (old, new)
    ]
    threads[0].start()
    assert entered.wait(5)
    old.active, new.active = False, True
    threads[1].start()
    for thread in threads:
        thread.join(5)
    assert most_inside == 1


@pytest.mark.parametrize("kind", [DeviceKind.SPEAKER, DeviceKind.MICROPHONE])
def test_a_stream_is_timed_by_a_clock_that_does_not_tick_in_steps(
    monkeypatch: pytest.MonkeyPatch, kind: DeviceKind
) -> None:
    """e21: Windows' monotonic clock moves every 15.6 ms before Python 3.13: 64 "lost" blocks a second of 5 ms."""
    ticks = 0.0
    exact = 0.0
    clock = SimpleNamespace(monotonic=lambda: ticks, perf_counter=lambda: exact)
    monkeypatch.setattr(portaudio_stream, "time", clock)
    stream = PortAudioStream(kind, "", BLOCK, 0.010, lambda samples, frames: None)
    for _ in range(200):
        exact += 0.005
        ticks = exact // 0.0156 * 0.0156
        stream._called(bytearray(2 * BLOCK), BLOCK, NO_TIMES, 0)
    assert stream.xruns == 0
    exact += 1.0
    assert stream.idle_s() == pytest.approx(1.0)


def test_a_microphone_has_more_room_than_that() -> None:
    assert lost_after_waiting(DeviceKind.MICROPHONE, 0.030) == 0
