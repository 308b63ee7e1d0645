"""When a track from which nothing comes is taken again."""

import itertools

from app.call.room.resubscribe import AFTER_S, PATIENT_ATTEMPTS, Resubscribe, ResubscribeBackoff

LOOK_S = 0.5


def attempted_at(
    backoff: ResubscribeBackoff, from_s: float, until_s: float, stopped: bool = True
) -> list[tuple[float, Resubscribe]]:
    """When, on looks twice a second."""
    polls = [from_s + LOOK_S * number for number in range(int((until_s - from_s) / LOOK_S))]
    return [(at_s, attempt) for at_s in polls if (attempt := backoff.due(at_s, stopped)) is not None]


def test_one_that_has_stopped_is_taken_again_and_again_in_growing_pauses() -> None:
    backoff = ResubscribeBackoff()
    assert not attempted_at(backoff, 0, 60, stopped=False)
    times = [at_s for at_s, _ in attempted_at(backoff, 60, 150)]
    assert times[0] < 60 + AFTER_S[0] + LOOK_S
    pauses = [later - before for before, later in itertools.pairwise(times)]
    assert pauses == [AFTER_S[1], AFTER_S[2], AFTER_S[3], AFTER_S[3]]


def test_one_that_is_on_its_way_is_waited_for_and_then_asked_for_again() -> None:
    attempts = [attempt for _, attempt in attempted_at(ResubscribeBackoff(), 0, 60)]
    assert [attempt.include_unsubscribed for attempt in attempts] == [False] * PATIENT_ATTEMPTS + [True] * (
        len(attempts) - PATIENT_ATTEMPTS
    )
    assert attempts[0].gap_s < attempts[-1].gap_s


def test_one_that_came_back_begins_from_the_beginning() -> None:
    backoff = ResubscribeBackoff()
    assert len(attempted_at(backoff, 0, 30)) > PATIENT_ATTEMPTS
    assert not attempted_at(backoff, 30, 31, stopped=False)
    again_s, attempt = attempted_at(backoff, 31, 60)[0]
    assert again_s - 31 >= AFTER_S[0] - LOOK_S
    assert not attempt.include_unsubscribed
