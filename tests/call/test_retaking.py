"""When a track from which nothing comes is taken anew."""

import itertools

from app.call.room.resubscribe import AFTER_S, PATIENT_TAKES, Retaking, Take

LOOK_S = 0.5


def taken(retaking: Retaking, from_s: float, until_s: float, stopped: bool = True) -> list[tuple[float, Take]]:
    """When, on looks twice a second."""
    looks = [from_s + LOOK_S * number for number in range(int((until_s - from_s) / LOOK_S))]
    return [(at_s, take) for at_s in looks if (take := retaking.look(at_s, stopped)) is not None]


def test_one_that_has_stopped_is_taken_anew_and_again_in_growing_pauses() -> None:
    retaking = Retaking()
    assert not taken(retaking, 0, 60, stopped=False)
    times = [at_s for at_s, _ in taken(retaking, 60, 150)]
    assert times[0] < 60 + AFTER_S[0] + LOOK_S
    pauses = [later - before for before, later in itertools.pairwise(times)]
    assert pauses == [AFTER_S[1], AFTER_S[2], AFTER_S[3], AFTER_S[3]]


def test_one_that_is_on_its_way_is_waited_for_and_then_asked_for_again() -> None:
    takes = [take for _, take in taken(Retaking(), 0, 60)]
    assert [take.missing_too for take in takes] == [False] * PATIENT_TAKES + [True] * (len(takes) - PATIENT_TAKES)
    assert takes[0].apart_s < takes[-1].apart_s


def test_one_that_came_back_begins_from_the_beginning() -> None:
    retaking = Retaking()
    assert len(taken(retaking, 0, 30)) > PATIENT_TAKES
    assert not taken(retaking, 30, 31, stopped=False)
    again_s, take = taken(retaking, 31, 60)[0]
    assert again_s - 31 >= AFTER_S[0] - LOOK_S
    assert not take.missing_too
