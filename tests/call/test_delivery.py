"""Media that arrives and is not handed over is told from media that does not arrive, and from a busy machine."""

from app.call.room.resubscribe import ResubscribeBackoff
from app.call.stats.delivery import POLLS, UNREAD_FRAMES, DeliveryCheck

A_POLL = UNREAD_FRAMES // 2
"""Frames that arrive between two polls."""


def found_in(polls: list[tuple[int, int]]) -> list[int]:
    """Which of these polls find it: `(arrived, read)` at each."""
    check = DeliveryCheck(UNREAD_FRAMES)
    return [number for number, counts in enumerate(polls) if check.undelivered(*counts)]


def test_what_arrives_and_is_never_read_is_found_within_two_seconds_and_again_later() -> None:
    polls = [(A_POLL * number, 0) for number in range(20)]
    found = found_in(polls)
    assert len(found) > 1
    assert found[0] == 2 + POLLS - 1  # by then the limit has arrived, and at one poll more
    assert 0.5 * found[0] <= 2


def test_what_comes_no_more_after_its_first_frame_is_found_as_well() -> None:
    assert found_in([(0, 0), (A_POLL, 1), *[(A_POLL * number, 1) for number in range(2, 10)]])


def test_what_is_read_or_does_not_arrive_is_not_found() -> None:
    assert not found_in([(A_POLL * number, A_POLL * number // 10 + number) for number in range(20)])
    assert not found_in([(7, 3)] * 20)


def test_a_loop_that_was_busy_for_one_poll_is_no_reason() -> None:
    assert not found_in([(0, 0), (5, 5), (5 + 10 * UNREAD_FRAMES, 5), (6 + 10 * UNREAD_FRAMES, 7)])


def test_a_new_subscription_counts_from_nothing() -> None:
    assert not found_in([(0, 0), (8, 0), (2, 0), (6, 0), (9, 0)])


def test_it_is_subscribed_to_again_at_once_and_not_only_after_the_patience_for_a_network() -> None:
    backoff = ResubscribeBackoff()
    assert backoff.due(10.0, stopped=False) is None
    assert backoff.due(10.5, stopped=True, at_once=True) is not None
    assert ResubscribeBackoff().due(10.5, stopped=True) is None
