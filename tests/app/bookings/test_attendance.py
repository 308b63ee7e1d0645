"""Who kept the appointment, in words: beside the price, afterwards with the figures, and what one says against it."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.api.models import Attendance, Booking, Role
from app.errors import Offline, Problem
from app.state.bookings.words.attendance_words import (
    decision_words,
    figure_lines,
    may_object,
    money_line,
    objection_lines,
)
from tests.app.stage.booking_stage import book
from tests.app.stage.details_stage import HOUR, WIDTHS, api_with_a_session, sessions_of
from tests.fakes.api import NOW, FakeApi
from tests.fakes.instants import wire_time

UTC = ZoneInfo("UTC")


@pytest.fixture
def api() -> FakeApi:
    return api_with_a_session()


def decision(**changes: Any) -> Attendance:
    told: dict[str, Any] = {
        "absent": "professional",
        "judged_s": 2700,
        "kept_s": 61,
        "professional_there_s": 61,
        "user_there_s": 2700,
        "late_s": 0,
        "unwatched_s": 0,
        "refund": "45.00",
        "currency": "USD",
        "decided_at": wire_time(NOW - HOUR),
        "open_until": wire_time(NOW + 23 * HOUR),
        "final": False,
    }
    return Attendance.model_validate(told | changes)


@pytest.mark.parametrize(
    ("changes", "to_the_user", "to_the_professional"),
    [
        ({}, "Ada Lovelace was there for less than half of your time.", "You were there for less than half of Grace"),
        ({"late_s": None}, "Ada Lovelace missed this session.", "You missed this session."),
        ({"late_s": 1080}, "Ada Lovelace joined 18 min after the start.", "You joined 18 min after the start."),
        ({"late_s": 900}, "Ada Lovelace was there for less", "You were there for less"),
        ({"absent": "user"}, "You missed this session.", "Grace Hopper missed this session."),
        ({"absent": "both"}, "Neither of you was there.", "Neither of you was there."),
        ({"absent": "unclear"}, "Our servers could not tell", "Our servers could not tell"),
        ({"absent": "nobody"}, "The session took place.", "The session took place."),
        ({"absent": "something new"}, "The session took place.", "The session took place."),
    ],
)
def test_each_decision_is_one_sentence(
    api: FakeApi, changes: dict[str, Any], to_the_user: str, to_the_professional: str
) -> None:
    booking = Booking.model_validate(api.bookings["booking-1"])
    assert decision_words(decision(**changes), booking, "user").startswith(to_the_user)
    assert decision_words(decision(**changes), booking, "professional").startswith(to_the_professional)


def test_the_figures_stand_behind_it(api: FakeApi) -> None:
    booking = Booking.model_validate(api.bookings["booking-1"])
    lines = figure_lines(decision(late_s=130, unwatched_s=180), booking, "user")
    assert lines == (
        "Ada Lovelace: there for 1 min of 45 min, joined after 2 min",
        "You: there for 45 min of 45 min",
        "Counted: 1 min of 45 min from the start.",
        "We could not measure 3 min.",
    )
    assert figure_lines(decision(professional_there_s=0, late_s=None), booking, "professional")[0] == "You: not there"
    assert "50 s of 45 min" in figure_lines(decision(user_there_s=50), booking, "user")[1]


def test_what_goes_back_and_when_is_said(api: FakeApi) -> None:
    booking = Booking.model_validate(api.bookings["booking-1"])

    def line(role: Role = "user", **changes: Any) -> str:
        return money_line(decision(**changes), booking, role, NOW, UTC)

    assert line() == "$45.00 goes back to you. It is sent tomorrow 08:00."
    assert line("professional") == "$45.00 goes back to Grace Hopper. It is sent tomorrow 08:00."
    assert line(final=True) == "$45.00 goes back to you."
    assert line(refund="0.00") == "No refund. Final tomorrow 08:00."
    assert line(refund="0.00", final=True) == "No refund."
    assert line(objected=("professional",)) == "No money moves until we have looked into it."


def test_who_objected_is_said_and_only_ones_own_words(api: FakeApi) -> None:
    booking = Booking.model_validate(api.bookings["booking-1"])
    both = decision(objected=("user", "professional"), reason="No sound.")
    assert objection_lines(both, booking, "user") == (
        "You wrote: “No sound.”",
        "Ada Lovelace reported that something went wrong.",
    )


def test_objecting_ends_when_it_is_final_or_a_day_has_passed() -> None:
    assert may_object(decision(), NOW)
    assert not may_object(decision(), NOW + 23 * HOUR)
    assert not may_object(decision(final=True), NOW)


def over(api: FakeApi, **changes: Any) -> str:
    booking_id = book(api, -2 * HOUR, status="no_show", absent="professional")
    api.decisions[booking_id] = decision(**changes)
    return booking_id


@pytest.mark.parametrize("width", WIDTHS)
async def test_a_person_says_what_went_wrong_and_is_thanked(api: FakeApi, width: float) -> None:
    async with sessions_of(api, "user", over(api), width=width) as app:
        await app.shows("How it was decided")
        await app.click("Something went wrong")
        await app.click("Send")
        assert app.field("What went wrong").error == "Tell us in a few words what went wrong."
        await app.type("Nobody could hear me.", label="What went wrong")
        await app.click("Send")
        await app.shows("You wrote: “Nobody could hear me.”")
        await app.shows("No money moves until we have looked into it.")
        await app.click("Edit what you wrote")
        assert app.field("What went wrong").value == "Nobody could hear me."


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (Offline(), "cannot be reached"),
        (Problem("DecisionFinal", 409, "The time to report a problem with this session is over."), "is over"),
    ],
)
async def test_what_could_not_be_sent_is_kept(api: FakeApi, failure: Exception, words: str) -> None:
    async with sessions_of(api, "user", over(api)) as app:
        await app.shows("How it was decided")
        await app.click("Something went wrong")
        await app.type("Nobody could hear me.", label="What went wrong")
        api.fail["report_problem"] = failure  # type: ignore[assignment]  # parametrize knows only Exception
        await app.click("Send")
        await app.shows(words)
        assert app.field("What went wrong").value == "Nobody could hear me."
        del api.fail["report_problem"]
        await app.click("Send")
        await app.shows("You wrote:")


async def test_a_final_decision_has_no_way_to_object(api: FakeApi) -> None:
    async with sessions_of(api, "user", over(api, final=True)) as app:
        await app.shows("How it was decided")
        assert "Something went wrong" not in app.texts()


async def test_a_session_that_is_not_decided_asks_for_no_decision(api: FakeApi) -> None:
    async with sessions_of(api, "user", "booking-1") as app:
        await app.shows("If it is cancelled")
        assert api.count("attendance") == 0
