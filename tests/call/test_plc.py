"""A voice whose samples are late goes on for a moment, without a hole and without a click."""

import numpy as np
import pytest

from app.call.audio.pcm import FRAME, MS, RATE_HZ, Samples
from app.call.audio.playout_buffer import PlayoutBuffer
from app.call.audio.plc import FADES_FOR, LOUD_FOR, Concealment
from tests.stage.sound_cards import speech_like

BLOCK = FRAME // 2


def voice(seconds: float, hz: float = 163.0) -> Samples:
    at = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    harmonics = (np.sin(2 * np.pi * hz * number * at + number) / number for number in range(1, 9))
    samples: Samples = (np.sum(list(harmonics), axis=0) * 5000).astype(np.int16)
    return samples


def told(past: Samples) -> Concealment:
    concealment = Concealment()
    for begin in range(0, len(past), BLOCK):
        concealment.note(past[begin : begin + BLOCK])
    concealment.begin()
    return concealment


def heard_with_late_frames(said: Samples, late_every: int, late_by: int) -> tuple[Samples, PlayoutBuffer]:
    """Through a playout buffer, of whose frames every so many-th comes late, and with it those behind it."""
    buffer, heard, waiting = PlayoutBuffer(), [], []
    for number, begin in enumerate(range(0, len(said) - FRAME, FRAME)):
        waiting.append(said[begin : begin + FRAME])
        if number % late_every >= late_by:
            for frame in waiting:
                buffer.put(frame)
            waiting.clear()
        for _ in range(2):
            block = buffer.get(BLOCK)
            heard.append(block if block is not None else np.zeros(BLOCK, np.int16))
    return np.concatenate(heard), buffer


def longest_silence(samples: Samples) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate(([1], (samples != 0).astype(np.int8), [1]))))
    return int(np.diff(edges)[::2].max(initial=0)) if len(edges) else 0


def test_a_steady_voice_goes_on_as_it_would_have_been() -> None:
    said = voice(0.2)
    known, coming = said[: -10 * MS], said[-10 * MS :].astype(np.float64)
    made = told(known).more(10 * MS).astype(np.float64)
    wrong = np.sum(np.square(made - coming)) / np.sum(np.square(coming))
    assert 10 * np.log10(wrong) < -15


def test_it_fades_and_is_over() -> None:
    concealment = told(voice(0.2))
    blocks = [concealment.more(BLOCK) for _ in range((LOUD_FOR + FADES_FOR) // BLOCK)]
    loudness = [float(np.abs(block.astype(np.int32)).mean()) for block in blocks]
    assert loudness[0] > 1000
    assert loudness[-1] < loudness[0] / 5
    assert not concealment.going_on


def test_what_comes_at_last_is_faded_in_without_a_click() -> None:
    said = voice(0.4, 170.0)
    concealment = told(said[: RATE_HZ // 10])
    made = concealment.more(12 * MS)
    following = concealment.end(said[RATE_HZ // 5 : RATE_HZ // 5 + FRAME])
    joined = np.concatenate((said[: RATE_HZ // 10], made, following)).astype(np.int32)
    assert np.abs(np.diff(joined)).max() < 1.5 * np.abs(np.diff(said.astype(np.int32))).max()
    assert not concealment.going_on
    assert (following[5 * MS :] == said[RATE_HZ // 5 + 5 * MS : RATE_HZ // 5 + FRAME]).all()


def test_nothing_is_concealed_of_nothing() -> None:
    assert not told(np.zeros(0, np.int16)).going_on
    silent = told(np.zeros(RATE_HZ // 10, np.int16))
    assert not silent.more(FRAME).any()


@pytest.mark.parametrize(("late_by", "silence_most"), [(1, MS), (2, MS), (3, MS), (5, 10 * MS)])
def test_late_frames_leave_no_click_and_hardly_a_hole(late_by: int, silence_most: int) -> None:
    said = speech_like(12, gap_s=0.0)
    heard, buffer = heard_with_late_frames(said, 150, late_by)
    assert buffer.underruns >= 3
    begun = heard[RATE_HZ // 5 :]
    assert longest_silence(begun) < silence_most
    clicks = np.abs(np.diff(begun.astype(np.int32))).max()
    assert clicks < 1.5 * np.abs(np.diff(said.astype(np.int32))).max()


def test_a_voice_that_stays_away_is_not_concealed_for_long() -> None:
    said = voice(1.0)
    buffer = PlayoutBuffer()
    for begin in range(0, 10 * FRAME, FRAME):
        buffer.put(said[begin : begin + FRAME])
    blocks = [buffer.get(BLOCK) for _ in range(60)]
    assert blocks[-1] is None
    assert sum(block is not None for block in blocks) * BLOCK <= 10 * FRAME + LOUD_FOR + FADES_FOR + BLOCK
