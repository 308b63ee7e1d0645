"""How far down an own voice is when it comes back from the peer's speaker through their microphone.

The canceller at work is WebRTC's own, fed as the callbacks feed it, but by count and not by the clock: so the figures
do not depend on how busy this machine is. The same over a whole call, with real devices: `make bench_sound`.
"""

import numpy as np
import pytest
from livekit import rtc

from app.call.audio.apm import LOUD, AudioProcessing, AutoGain, loudness_of
from app.call.audio.pcm import FRAME, MS, RATE_HZ, Samples
from tests.stage.sound_cards import speech_like

SECONDS, LEARNT_AFTER_S = 28, 20
DOWN_DB = 35.0
ROOM_NOISE = 3.0


def down_db(path_ms: int, told_ms: int, late: int = 0) -> float:
    """Of the last seconds. `late`: so many frames of 10 ms the microphone's callbacks come late, in bursts, twice a
    second, as on a busy machine.
    """
    processing = AudioProcessing()
    processing.set_delay_s(told_ms / 1000)
    played = speech_like(SECONDS)
    played = played[: len(played) // FRAME * FRAME]
    noise = np.random.default_rng(1).normal(0, ROOM_NOISE, len(played))
    back = np.concatenate([np.zeros(path_ms * MS), played * 0.9])[: len(played)]
    heard = (back + noise).astype(np.int16)
    left: list[Samples] = []
    waiting: list[Samples] = []
    for number, begin in enumerate(range(0, len(played), FRAME)):
        for half in (begin, begin + FRAME // 2):
            process_render(processing, played[half : half + FRAME // 2])
        waiting.append(heard[begin : begin + FRAME])
        if number % 50 >= late:
            left += [clean(processing, block) for block in waiting]
            waiting.clear()
    since = LEARNT_AFTER_S * RATE_HZ
    rest = np.concatenate(left)[since:]
    return level_db(heard[since : since + len(rest)]) - level_db(rest)


def process_render(processing: AudioProcessing, block: Samples) -> None:
    processing.process_render(block.tobytes(), loud=bool(block.max() > LOUD))


def clean(processing: AudioProcessing, block: Samples) -> Samples:
    frame = rtc.AudioFrame(bytearray(block.tobytes()), RATE_HZ, 1, FRAME)
    processing.process_capture(frame, loudness_of(frame.data))
    return np.frombuffer(frame.data, np.int16)


def level_db(samples: Samples) -> float:
    return float(20 * np.log10(max(np.sqrt(np.mean(samples.astype(np.float64) ** 2)), 0.1)))


@pytest.mark.parametrize("told_ms", [0, 20, 60])
def test_an_echo_from_20_ms_away_is_taken_out_whatever_delay_is_named_first(told_ms: int) -> None:
    assert down_db(20, told_ms) > DOWN_DB


def test_an_echo_from_a_long_buffer_is_taken_out_too() -> None:
    assert down_db(120, 100) > DOWN_DB


def test_callbacks_that_come_late_in_bursts_leave_the_echo_taken_out() -> None:
    assert down_db(20, 20, late=3) > DOWN_DB


def test_what_is_not_played_is_not_taken_out() -> None:
    """So that the tests above measure the canceller, and not a microphone that is silenced."""
    processing = AudioProcessing()
    voice = speech_like(6)
    left = [clean(processing, voice[at : at + FRAME]) for at in range(0, len(voice) - FRAME, FRAME)]
    assert level_db(np.concatenate(left)[2 * RATE_HZ :]) > level_db(voice) - 12


def lifted() -> tuple[AutoGain, float]:
    """After eight seconds of a quiet voice, and by how much its last loud frame was lifted."""
    gain, factor = AutoGain(), 1.0
    voice = speech_like(8, amplitude=200)
    for at in range(0, len(voice) - FRAME, FRAME):
        frame = rtc.AudioFrame(bytearray(voice[at : at + FRAME].tobytes()), RATE_HZ, 1, FRAME)
        before = loudness_of(frame.data)
        gain.apply(frame, before)
        factor = loudness_of(frame.data) / before if before > 50 else factor
    return gain, factor


def test_a_quiet_voice_is_lifted_and_what_is_left_of_an_echo_is_not() -> None:
    gain, factor = lifted()
    assert factor > 1.5
    rest = np.full(FRAME, 40, np.int16)
    for _ in range(3):
        frame = rtc.AudioFrame(bytearray(rest.tobytes()), RATE_HZ, 1, FRAME)
        gain.hold(frame)
    assert loudness_of(frame.data) <= 40


def test_the_gain_comes_and_goes_within_a_frame_without_a_step() -> None:
    gain, _ = lifted()
    held = rtc.AudioFrame(bytearray(np.full(FRAME, 1000, np.int16).tobytes()), RATE_HZ, 1, FRAME)
    gain.hold(held)
    again = rtc.AudioFrame(bytearray(np.full(FRAME, 1000, np.int16).tobytes()), RATE_HZ, 1, FRAME)
    gain.apply(again, 1000.0)
    joined = np.concatenate([np.frombuffer(each.data, np.int16).astype(int) for each in (held, again)])
    assert joined[-1] > 1.2 * joined[FRAME - 1], "lifted again"
    assert np.abs(np.diff(joined)).max() < 60
