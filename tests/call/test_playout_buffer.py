"""The playout buffer between two clocks: bounded, adaptive, without clicks."""

import numpy as np

from app.call.audio.pcm import FRAME, MS, RATE_HZ, Samples
from app.call.audio.playout_buffer import LONGEST_CALM_S, PlayoutBuffer


def frame(value: int = 1000) -> "np.ndarray[tuple[int], np.dtype[np.int16]]":
    return np.full(FRAME, value, np.int16)


def test_nothing_is_played_before_there_is_enough_to_go_on_with() -> None:
    buffer = PlayoutBuffer()
    assert buffer.get(FRAME // 2) is None
    buffer.put(frame())
    buffer.put(frame())
    assert buffer.get(FRAME // 2) is not None


def test_what_comes_out_is_what_went_in() -> None:
    buffer = PlayoutBuffer()
    said = np.arange(4 * FRAME, dtype=np.int16)
    buffer.put(said[: 2 * FRAME])
    heard = []
    for start in range(2 * FRAME, 4 * FRAME, FRAME):
        for _ in range(2):
            block = buffer.get(FRAME // 2)
            assert block is not None
            heard.append(block)
        buffer.put(said[start : start + FRAME])
    joined = np.concatenate(heard)
    assert (np.diff(joined) == 1).all()


def run_dry(buffer: PlayoutBuffer) -> "np.ndarray[tuple[int], np.dtype[np.int16]]":
    """The last block that was played."""
    buffer.put(frame())
    buffer.put(frame())
    blocks = [buffer.get(FRAME // 2) for _ in range(20)]
    return next(block for block in reversed(blocks) if block is not None)


def test_an_underrun_ends_in_a_fade() -> None:
    buffer = PlayoutBuffer()
    assert abs(int(run_dry(buffer)[-1])) < 20
    assert buffer.underruns == 1


def test_underruns_cost_no_delay_until_there_are_many() -> None:
    buffer = PlayoutBuffer()
    run_dry(buffer)
    for _ in range(5):
        buffer.put(frame())
        buffer.put(frame())
        for _ in range(3000):  # half a minute
            buffer.put(frame())
            buffer.get(FRAME)
        while len(buffer):
            buffer.get(FRAME // 2)
        buffer.get(FRAME // 2)
    assert buffer.underruns >= 5
    assert buffer.target == 2 * MS
    for _ in range(3):
        run_dry(buffer)
    assert buffer.target > 2 * MS


def test_a_burst_after_a_stall_does_not_become_a_delay() -> None:
    buffer = PlayoutBuffer()
    for _ in range(200):
        buffer.put(frame())
    assert len(buffer) <= buffer.target + 60 * MS


def test_a_clock_that_runs_fast_cannot_make_the_delay_grow() -> None:
    buffer = PlayoutBuffer()
    buffer.put(frame())
    buffer.put(frame())
    for turn in range(6000):  # a minute, in which 0.5 percent more comes than is played
        buffer.put(frame())
        if turn % 200 == 0:
            buffer.put(frame())
        buffer.get(FRAME // 2)
        buffer.get(FRAME // 2)
    assert len(buffer) < 40 * MS
    assert buffer.underruns == 0


def test_calm_brings_the_target_down_again() -> None:
    buffer = PlayoutBuffer()
    buffer.target = 20 * MS
    for _ in range(10):
        buffer.put(frame())
    for _ in range(6000):
        buffer.put(frame())
        buffer.get(FRAME // 2)
        buffer.get(FRAME // 2)
    assert buffer.target < 8 * MS


def test_a_target_that_was_too_short_is_not_tried_again_soon() -> None:
    """A machine that is late by 4 ms every 3 s: without a memory of it, too short a length is tried every ten."""
    buffer = PlayoutBuffer()
    for _ in range(2):
        buffer.put(frame())
    tries, before = 0, buffer.target
    for turn in range(60_000):  # ten minutes
        late = turn % 300 == 299
        if not late:
            buffer.put(frame())
        buffer.get(FRAME // 2)
        buffer.get(4 * MS)
        if late:
            buffer.put(frame())
        buffer.get(MS)
        tries, before = tries + (buffer.target > before), buffer.target
    assert 1 <= tries <= 8
    assert buffer.underruns <= 6 * (tries + 1), "five or six in half a minute are what makes it longer"
    assert buffer.target < 15 * MS


def after_a_burst(value: int) -> PlayoutBuffer:
    """40 ms too much in the buffer, of that loudness; then played until that has been handled once."""
    buffer = PlayoutBuffer()
    for _ in range(5):
        buffer.put(frame(value))
    buffer.get(FRAME)
    for _ in range(4):
        buffer.put(frame(value))
    for _ in range(210):
        buffer.put(frame(value))
        buffer.get(FRAME)
    return buffer


def test_what_a_stall_left_is_taken_out_of_a_pause_at_once() -> None:
    buffer = after_a_burst(100)
    assert buffer.trimmed > 25 * MS
    assert len(buffer) < 25 * MS


def test_but_only_little_by_little_out_of_speech() -> None:
    buffer = after_a_burst(5000)
    assert 0 < buffer.trimmed <= 5 * MS


def test_a_clock_that_runs_slow_empties_the_buffer_once_and_then_has_more_room() -> None:
    buffer, short = PlayoutBuffer(), 0
    for _ in range(3):
        buffer.put(frame())
    for turn in range(6000):  # a minute, in which 0.1 percent less comes than is played
        if turn % 1000:
            buffer.put(frame())
        for _ in range(2):
            short += buffer.get(FRAME // 2) is None
    assert buffer.underruns <= 7
    assert short < 30
    assert len(buffer) < 30 * MS


def test_the_target_has_an_upper_limit_whatever_the_network_does() -> None:
    buffer, targets = PlayoutBuffer(max_excess_ms=60), []
    for _ in range(400):
        for _ in range(buffer.target // FRAME + 2):
            buffer.put(frame())
        while buffer.get(FRAME // 2) is not None:
            if not len(buffer):
                break
        buffer.get(FRAME)
        targets.append(buffer.target)
    assert max(targets) == 60 * MS


def tone(hz: float, seconds: float, loudness: int) -> Samples:
    return (loudness * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE_HZ)) / RATE_HZ)).astype(np.int16)


def test_what_is_taken_out_of_speech_leaves_no_click() -> None:
    """5 ms are half a period of 100 Hz: cut out without a cross-fade, they would turn the wave upside down."""
    buffer, said, loudness = PlayoutBuffer(), tone(100, 4, 10_000), 10_000
    steepest = float(np.abs(np.diff(said.astype(int))).max())
    buffer.put(said[: 2 * FRAME])
    first = buffer.get(FRAME)
    assert first is not None
    played, at = [first], 6 * FRAME
    buffer.put(said[2 * FRAME : at])  # a burst
    while at < len(said):
        block = buffer.get(FRAME)
        assert block is not None
        played.append(block)
        buffer.put(said[at : at + FRAME])
        at += FRAME
    assert buffer.trimmed > 0, "it has something to take out"
    jumps = np.abs(np.diff(np.concatenate(played).astype(int)))
    assert jumps.max() < steepest + 2 * loudness / (5 * MS) + 10


def calm_s(buffer: PlayoutBuffer, limit_s: int) -> int:
    """Seconds of undisturbed play until the target shrinks."""
    before = buffer.target
    for _ in range(before // FRAME + 3):
        buffer.put(frame())
    for second in range(limit_s):
        for _ in range(RATE_HZ // FRAME):
            buffer.put(frame())
            buffer.get(FRAME)
        if buffer.target < before:
            return second + 1
    return limit_s


def test_a_target_that_proves_too_short_again_and_again_is_tried_again_after_a_limit() -> None:
    buffer = PlayoutBuffer()
    for _ in range(10):
        buffer.target = 5 * MS
        buffer._lengthen()
    buffer.target = 6 * MS
    assert calm_s(buffer, 2 * LONGEST_CALM_S) == LONGEST_CALM_S
