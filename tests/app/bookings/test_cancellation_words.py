"""What cancelling gives back, in words."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from app.api.models import Booking, Cancellation, CancellationPolicy, Deadlines
from app.state.bookings.words.cancellation_words import cancel_question, free_until_words, offer_words, policy_lines
from tests.app.stage.sample_bookings import NOON, booking
from tests.app.stage.session_stage import BERLIN

HOUR = timedelta(hours=1)
STARTS = NOON + 24 * HOUR


def session(at_most: str = "full", half_before: timedelta = 2 * HOUR) -> Booking:
    """Tomorrow 13:00 in Berlin, $45.00: free until 01:00, half until 11:00."""
    policy = Deadlines(full_until=STARTS - 12 * HOUR, half_until=STARTS - half_before, at_most=at_most)
    return booking(STARTS, policy=policy, reschedule_until=STARTS - half_before)


def wanted(refund_minor: int, share: str, **changes: Any) -> Cancellation:
    known: dict[str, Any] = {
        "refund_minor": refund_minor,
        "share": share,
        "because": "user_cancels",
        "full_until": STARTS - 12 * HOUR,
        "half_until": STARTS - 2 * HOUR,
        "price_minor": 4500,
    }
    return Cancellation(**(known | changes))


@pytest.mark.parametrize(
    ("full", "half", "words"),
    [
        (
            720,
            120,
            "Free cancellation until 12 h before the start, half the price back until 2 h before, nothing after.",
        ),
        (
            2880,
            90,
            "Free cancellation until 2 days before the start, half the price back until 1 h 30 min before, "
            "nothing after.",
        ),
        (720, 720, "Free cancellation until 12 h before the start, nothing back after."),
        (720, 0, "Free cancellation until 12 h before the start, half the price back after."),
        (1440, 0, "Free cancellation until 24 h before the start, half the price back after."),
        (0, 0, "Free cancellation until the start."),
    ],
)
def test_a_policy_reads_as_one_sentence_before_booking(full: int, half: int, words: str) -> None:
    assert offer_words(CancellationPolicy(full_until_minutes=full, half_until_minutes=half)) == words


@pytest.mark.parametrize(
    ("hours_before", "lines"),
    [
        (
            24,
            (
                "Free cancellation until tomorrow 01:00.",
                "Then half, $22.50, until tomorrow 11:00.",
                "After that, no refund.",
            ),
        ),
        (
            12,
            (
                "Free cancellation until today 01:00.",
                "Then half, $22.50, until today 11:00.",
                "After that, no refund.",
            ),
        ),
        (11, ("Half refund, $22.50, until today 11:00.", "After that, no refund.")),
        (1, ("Cancelling no longer gives a refund.",)),
    ],
)
def test_a_session_says_what_still_holds(hours_before: int, lines: tuple[str, ...]) -> None:
    assert policy_lines(session(), "user", STARTS - hours_before * HOUR, BERLIN) == lines


def test_a_session_that_was_moved_late_never_promises_everything() -> None:
    lines = policy_lines(session(at_most="half"), "user", NOON, BERLIN)
    assert lines[0] == "Half refund, $22.50, until tomorrow 11:00."


def test_half_until_the_start_has_no_last_moment_of_its_own() -> None:
    lines = policy_lines(session(half_before=timedelta()), "user", STARTS - HOUR, BERLIN)
    assert lines == ("Half refund, $22.50, until today 13:00.",)


def test_an_odd_cent_of_half_goes_to_who_paid() -> None:
    odd = session().model_copy(update={"price_minor": 4501})
    assert "$22.51" in policy_lines(odd, "user", STARTS - 11 * HOUR, BERLIN)[0]


def test_a_professional_reads_what_holds_for_each_of_the_two() -> None:
    user_cancels, own = policy_lines(session(), "professional", STARTS - 11 * HOUR, BERLIN)
    assert user_cancels.startswith("If Tom Okafor cancels: half refund, $22.50, until")
    assert own == "If you cancel, Tom Okafor gets a full refund."


def test_what_to_know_before_paying_is_the_first_line() -> None:
    assert free_until_words(session(), NOON, BERLIN) == "Free cancellation until tomorrow 01:00."
    assert free_until_words(booking(), NOON, BERLIN) == ""


def ask(cancellation: Cancellation, now: datetime) -> tuple[str, str, str]:
    question = cancel_question(cancellation, session(), now, BERLIN)
    return question.headline, " ".join(question.reasons), question.button


def test_a_full_refund_says_until_when_it_holds() -> None:
    assert ask(wanted(4500, "full", changes_at=STARTS - 12 * HOUR), NOON) == (
        "You get a full refund of $45.00.",
        "This applies until tomorrow 01:00. After that, you get less back.",
        "Cancel and get $45.00 back",
    )


def test_half_says_why_and_until_when() -> None:
    assert ask(wanted(2250, "half", changes_at=STARTS - 2 * HOUR), STARTS - 11 * HOUR) == (
        "You get $22.50 back (half).",
        "Free cancellation ended today 01:00. This applies until today 11:00. After that, you get nothing back.",
        "Cancel and get $22.50 back",
    )


def test_half_after_a_late_move_names_the_move() -> None:
    why = ask(wanted(2250, "half", changes_at=STARTS - 2 * HOUR), NOON)[1]
    assert why.startswith("The session was moved after its free cancellation had ended.")


def test_nothing_back_says_so_on_the_button_too() -> None:
    headline, why, button = ask(wanted(0, "none"), STARTS - HOUR)
    assert (headline, button) == ("You will not get a refund.", "Cancel without a refund")
    assert "Refunds ended today 11:00" in why


def test_a_professional_sees_what_the_user_gets_and_that_the_time_goes() -> None:
    assert ask(wanted(4500, "full", because="professional_cancels"), NOON) == (
        "Tom Okafor gets a full refund of $45.00.",
        "The time is taken off your page: nobody else can book it.",
        "Cancel and refund $45.00",
    )
