"""Where the blocks of a voice end up, whose clock is not quite that of the instants."""

import numpy as np
import pytest

from app.call.audio.pcm import FRAME, MS, RATE_HZ, Samples
from app.call.recording.writing.voices import VoiceMixer, VoiceTrack

HZ = 217.0
TICK = 10 * FRAME
STEEPEST = 2 * np.pi * HZ / RATE_HZ * 10_000
"""Of the tone, between two samples."""


def tone(begin: int, count: int) -> Samples:
    return (np.sin(2 * np.pi * HZ * (begin + np.arange(count)) / RATE_HZ) * 10_000).astype(np.int16)


def played(lates: list[int], device_hz: float = RATE_HZ) -> tuple[VoiceTrack, Samples]:
    """A block each 10 ms of the device's clock, whose instant is so many samples late."""
    track, taken = VoiceTrack(0), []
    for count, late in enumerate(lates):
        at = round(count * FRAME * RATE_HZ / device_hz)
        track.put(at + late, tone(count * FRAME, FRAME))
        if at > TICK:
            taken.append(track.take(at - TICK // 2))
    return track, np.concatenate(taken)


def steps(heard: Samples) -> float:
    return float(np.abs(np.diff(heard.astype(np.int32)))[FRAME:].max())


def test_blocks_whose_instants_jitter_are_joined_without_a_gap() -> None:
    draw = np.random.default_rng(3)
    track, heard = played([0, *(int(each) for each in draw.integers(0, 9 * MS, 1000))])
    assert track.corrections == 0
    assert np.array_equal(heard[FRAME:], tone(0, len(heard))[FRAME:])


def test_a_first_block_that_came_late_is_put_right_in_the_first_second() -> None:
    track, heard = played([15 * MS, *[0] * 300])
    assert track.corrections == 1
    assert np.array_equal(heard[RATE_HZ : 2 * RATE_HZ], tone(RATE_HZ, RATE_HZ))


@pytest.mark.parametrize("device_hz", [47_900.0, 48_100.0])
def test_a_device_that_is_too_quick_or_slow_is_put_right_again_and_again_and_does_not_click(device_hz: float) -> None:
    count = 3000
    track, heard = played([0] * count, device_hz)
    drifted = abs(count * FRAME * (RATE_HZ / device_hz - 1))
    assert drifted > 60 * MS
    assert drifted / (11 * MS) - 1 < track.corrections <= drifted / (10 * MS) + 1
    assert steps(heard) < 3 * STEEPEST


def test_blocks_that_were_lost_leave_silence_at_once_where_that_is_known() -> None:
    track = VoiceTrack(0)
    track.put(0, tone(0, FRAME))
    track.put(5 * FRAME, tone(5 * FRAME, FRAME), resync=True)
    heard = track.take(6 * FRAME)
    assert not heard[FRAME : 5 * FRAME].any()
    assert np.array_equal(heard[5 * FRAME + 5 * MS :], tone(5 * FRAME + 5 * MS, FRAME - 5 * MS))
    assert steps(heard) < 3 * STEEPEST


def test_a_long_gap_is_seen_without_being_told() -> None:
    track = VoiceTrack(0)
    track.put(0, tone(0, FRAME))
    track.put(RATE_HZ, tone(0, FRAME))
    heard = track.take(RATE_HZ + FRAME)
    assert not heard[FRAME:RATE_HZ].any()
    assert heard[RATE_HZ:].any()


def test_what_comes_after_it_was_taken_or_years_ahead_is_left_out() -> None:
    track = VoiceTrack(0)
    track.take(RATE_HZ)
    track.put(0, tone(0, FRAME))
    track.put(1 << 50, tone(0, FRAME))
    assert not track.take(2 * RATE_HZ).any()


def test_both_voices_are_heard_at_once_and_never_wrap_around() -> None:
    mixer = VoiceMixer(2)
    loud = np.full(FRAME, 30_000, np.int16)
    for voice in (0, 1):
        mixer.put(voice, 0, loud)
    heard = mixer.take(FRAME)
    assert heard.max() == pytest.approx(1.0, abs=0.001)
    assert heard.min() >= 0
