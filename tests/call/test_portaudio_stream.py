"""One open stream: its clock, the moment at which another takes over, and a restart of PortAudio while it opens."""

import threading
from types import SimpleNamespace

import pytest

from app.call.audio.driver import portaudio, portaudio_stream
from app.call.audio.driver.device_list import DEFAULT_ID
from app.call.audio.driver.portaudio import Restartable
from app.call.audio.driver.portaudio_stream import PortAudioStream
from app.call.audio.pcm import MS
from app.call.contract.devices import DeviceKind
from tests.fakes.sounddevice import Machine
from tests.waiting import eventually

BLOCK = 5 * MS
NO_TIMES = SimpleNamespace(currentTime=0.0, inputBufferAdcTime=0.0, outputBufferDacTime=0.0)


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


def test_a_restart_of_portaudio_does_not_fall_between_opening_a_stream_and_registering_it(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """17: with two calls at once (a rejoin) Pa_Terminate could free a stream that was in use."""
    register, entered, errors = portaudio.register, threading.Event(), list[BaseException]()

    def slowly(stream: Restartable) -> None:
        entered.set()
        threading.Event().wait(0.2)
        register(stream)

    def rescan() -> None:
        try:
            portaudio.rescan(DeviceKind.SPEAKER)
        except BaseException as error:  # the stand-in asserts that nothing is open
            errors.append(error)

    monkeypatch.setattr(portaudio, "register", slowly)
    stream = PortAudioStream(DeviceKind.SPEAKER, DEFAULT_ID, BLOCK, 0.010, lambda samples, frames: None)
    opening = threading.Thread(target=stream.open)
    opening.start()
    assert entered.wait(5)
    machine.plug("Headset", 1, 2)
    starts = machine.starts
    restarting = threading.Thread(target=rescan)
    restarting.start()
    opening.join(5)
    restarting.join(5)
    assert not errors
    assert machine.starts == starts + 1
    eventually(lambda: machine.playing("output") == ["Built-in speakers"], "the stream plays")
    stream.close()
