"""What is said of a session beside its status."""

from datetime import timedelta

import pytest

from app.api.models import Booking, Refund, Role
from app.state.bookings.session_notes import session_notes
from tests.app.stage.sample_bookings import NOON, booking
from tests.app.stage.session_stage import BERLIN

HOUR = timedelta(hours=1)


def words(session: Booking, role: Role = "user") -> list[str]:
    return [note.words for note in session_notes(session, role, NOON, BERLIN)]


def refunded(status: str, reason: str = "user_cancelled", amount_minor: int = 2250) -> Booking:
    settled = NOON - HOUR if status == "done" else None
    refund = Refund(
        amount_minor=amount_minor, status=status, reason=reason, asked_at=NOON - 2 * HOUR, settled_at=settled
    )
    payment = {"pending": "refund_pending", "done": "partially_refunded", "failed": "refund_failed"}[status]
    return booking(status="cancelled", payment_status=payment, refund=refund, cancelled_by=reason.split("_")[0])


def test_of_a_usual_session_there_is_nothing_to_say() -> None:
    assert words(booking()) == words(booking(absent="nobody", status="completed")) == []


@pytest.mark.parametrize("role", ["user", "professional"])
def test_both_read_where_a_moved_session_was(role: Role) -> None:
    assert words(booking(moved_from=NOON - 48 * HOUR), role) == ["Moved from Sun 22 Nov 13:00"]


@pytest.mark.parametrize(
    ("status", "reason", "role", "said"),
    [
        ("pending", "user_cancelled", "user", "You cancelled. $22.50 is on its way back to you."),
        ("pending", "professional_absent", "user", "$22.50 goes back to you once the decision is final."),
        ("pending", "unclear", "professional", "$22.50 goes back to Tom Okafor once the decision is final."),
        ("pending", "nobody_came", "user", "$22.50 goes back to you once the decision is final."),
        ("pending", "user_cancelled", "professional", "Tom Okafor cancelled. $22.50 is on its way back to Tom Okafor."),
        ("pending", "professional_cancelled", "user", "Maya Lindt cancelled. $22.50 is on its way back to you."),
        (
            "pending",
            "professional_cancelled",
            "professional",
            "You cancelled. $22.50 is on its way back to Tom Okafor.",
        ),
        ("done", "user_cancelled", "user", "You cancelled. $22.50 went back to you today 12:00."),
        (
            "done",
            "not_confirmed",
            "user",
            "The payment arrived after the time was taken. $22.50 went back to you today 12:00.",
        ),
        ("done", "support", "user", "Refunded by Rendezvous support. $22.50 went back to you today 12:00."),
        (
            "pending",
            "support",
            "professional",
            "Refunded by Rendezvous support. $22.50 is on its way back to Tom Okafor.",
        ),
        ("failed", "user_cancelled", "user", "You cancelled. Refunding $22.50 failed. We are trying again."),
    ],
)
def test_a_refund_says_why_how_much_and_where_it_is(status: str, reason: str, role: Role, said: str) -> None:
    assert words(refunded(status, reason), role) == [said]


def test_a_refund_that_failed_looks_like_a_problem_and_one_that_arrived_does_not() -> None:
    tones = [session_notes(refunded(each), "user", NOON, BERLIN)[0].tone for each in ("pending", "done", "failed")]
    assert tones == ["wait", "good", "bad"]


def test_a_reason_that_is_not_known_yet_says_the_rest() -> None:
    assert words(refunded("pending", "goodwill")) == ["$22.50 is on its way back to you."]


@pytest.mark.parametrize(
    ("absent", "to_the_user", "to_the_professional"),
    [
        ("user", "You missed this session.", "Tom Okafor missed this session."),
        (
            "professional",
            "Maya Lindt missed this session, or most of it: you get a full refund.",
            "You missed this session, or most of it: Tom Okafor gets a full refund.",
        ),
        ("both", "Neither of you showed up.", "Neither of you showed up."),
        (
            "unclear",
            "Our servers could not tell who was there.",
            "Our servers could not tell who was there.",
        ),
    ],
)
def test_who_did_not_come_is_said_to_both(absent: str, to_the_user: str, to_the_professional: str) -> None:
    missed = booking(status="no_show", absent=absent)
    assert (words(missed), words(missed, "professional")) == ([to_the_user], [to_the_professional])


def test_the_refund_for_an_absent_professional_follows_who_was_absent() -> None:
    missed = refunded("done", "professional_absent", 4500).model_copy(update={"absent": "professional"})
    assert words(missed) == [
        "Maya Lindt missed this session, or most of it: you get a full refund.",
        "$45.00 went back to you today 12:00.",
    ]


def test_cancelling_too_late_for_a_refund_is_said_to_both() -> None:
    late = booking(status="cancelled", cancelled_by="user")
    assert words(late) == ["You cancelled too late for a refund."]
    assert words(late, "professional") == ["Tom Okafor cancelled too late for a refund."]


def test_a_hold_that_was_given_back_has_no_refund_to_speak_of() -> None:
    assert words(booking(status="cancelled", payment_status="pending")) == []


def test_a_refund_that_is_stuck_is_not_said_to_be_tried_again() -> None:
    session = refunded("failed")
    assert session.refund is not None
    stuck = session.model_copy(update={"refund": session.refund.model_copy(update={"stuck": True})})
    assert words(stuck) == [
        "You cancelled. Refunding $22.50 failed several times. Rendezvous support is looking into it."
    ]


@pytest.mark.parametrize(
    ("dispute", "said"),
    [
        ("open", "Payment disputed with the bank: this session cannot be joined, cancelled or moved."),
        ("lost", "The bank gave the payment back to the payer: this session cannot be joined."),
        ("won", "The bank decided that the payment stands."),
    ],
)
@pytest.mark.parametrize("role", ["user", "professional"])
def test_a_dispute_says_what_it_closes(dispute: str, said: str, role: Role) -> None:
    assert words(booking(dispute=dispute), role) == [said]
