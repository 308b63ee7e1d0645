"""The speaker's buffer: longer under strain, shorter after calm, and no to and fro."""

from app.call.audio.output_latency import CALM_S, GRACE_S, STEPS_S, OutputLatencyController


def after_start(length: OutputLatencyController) -> float:
    """Looks once within the grace; a moment after it."""
    length.update(GRACE_S / 2, 0)
    return GRACE_S + 1


def xruns(length: OutputLatencyController, at_s: float) -> float:
    """Loses enough to be made longer, as a new stream whose count begins again; returns a moment after that."""
    before = length.seconds
    assert length.update(at_s, 5) > before
    length.opened(at_s, 0)
    return after_start_of(length, at_s)


def after_start_of(length: OutputLatencyController, at_s: float) -> float:
    length.update(at_s + GRACE_S / 2, 0)
    return at_s + GRACE_S + 1


def test_it_begins_with_the_shortest() -> None:
    assert OutputLatencyController().seconds == STEPS_S[0]


def test_what_is_lost_while_a_stream_starts_does_not_count() -> None:
    length = OutputLatencyController()
    assert length.update(1.0, 20) == STEPS_S[0]
    assert length.update(GRACE_S + 1, 20) == STEPS_S[0]


def test_a_lost_block_makes_it_longer_by_a_step() -> None:
    length = OutputLatencyController()
    now = after_start(length)
    assert length.update(now, 0) == STEPS_S[0]
    assert length.update(now + 1, 1) == STEPS_S[1]
    assert length.update(now + 2, 1) == STEPS_S[1]


def test_it_never_exceeds_the_longest() -> None:
    length, now = OutputLatencyController(), GRACE_S + 1
    for turn in range(1, 20):
        length.update(now + turn / 10, 10 * turn)
    assert length.seconds == STEPS_S[-1]


def test_calm_brings_it_down_step_by_step_to_the_shortest() -> None:
    length = OutputLatencyController()
    now = xruns(length, xruns(length, after_start(length)))
    assert length.seconds == STEPS_S[2]
    seen = []
    for turn in range(int(4 * CALM_S)):
        seen.append(length.update(now + turn, 0))
    assert sorted(set(seen), reverse=True) == [STEPS_S[2], STEPS_S[1], STEPS_S[0]]
    assert seen[int(CALM_S / 2)] == STEPS_S[2]


def test_a_length_that_proved_too_short_is_tried_again_later_each_time() -> None:
    length = OutputLatencyController()
    now = xruns(length, after_start(length))
    waits = []
    for _ in range(3):
        shortened = next(at for at in range(int(now), int(now) + 2000) if length.update(at, 0) == STEPS_S[0])
        waits.append(shortened - now)
        length.opened(shortened, 0)
        now = xruns(length, after_start_of(length, shortened))
    assert waits[0] < waits[1] < waits[2]


def test_a_change_that_could_not_be_made_is_undone() -> None:
    length = OutputLatencyController()
    length.update(after_start(length) + 1, 3)
    length.revert(STEPS_S[0])
    assert length.seconds == STEPS_S[0]
