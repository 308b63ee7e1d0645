"""What people type into the form that offers an hour."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.state.availability.slot_rules import (
    CHEAPEST_MINOR,
    DEAREST_MINOR,
    END_OF_DAY,
    Proposal,
    SlotDraft,
    TakenSpan,
    choice_words,
    next_proposal,
    parse_price,
    parse_time,
    price_error,
    price_words,
    wall_words,
)

DAY = date(2026, 11, 24)
UTC_ZONE, BERLIN, NEW_YORK = ZoneInfo("UTC"), ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
NIGHT = date(2027, 10, 31)
"""The clocks go back in Berlin: 02:00 to 03:00 comes twice."""


def at(minutes: int, day: date = DAY) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minutes)


def span(start: int, end: int) -> TakenSpan:
    return TakenSpan(at(start), at(end))


MINUTES = st.integers(0, END_OF_DAY - 1)


@pytest.mark.parametrize(
    "text",
    [
        "9:30",
        "09:30",
        "0930",
        "930",
        "9.30",
        "9h30",
        " 9:30 ",
        "9:30am",
        "9:30 a.m.",
        "９：３０",
        "٩:٣٠",
        "９３０",
        "९:३०",
        "9∶30",
    ],
)
def test_every_way_to_type_half_past_nine_is_understood(text: str) -> None:
    assert parse_time(text) == 9 * 60 + 30


@pytest.mark.parametrize("text", ["９：３０", "٩:٣٠", "９３０", "९:३०", "9∶30"])
def test_the_digits_and_the_colon_of_any_keyboard_do(text: str) -> None:
    assert parse_time(text) == 9 * 60 + 30


@pytest.mark.parametrize(("text", "at"), [("9", 540), ("0", 0), ("14", 840), ("2pm", 840), ("12am", 0), ("12 pm", 720)])
def test_an_hour_alone_is_a_time(text: str, at: int) -> None:
    assert parse_time(text) == at


@pytest.mark.parametrize("text", ["", "x", "25", "9:3", "9:60", "93", "12345", "-1", "9:30:00", "13pm", "0am", "9m"])
def test_what_is_no_time_is_refused(text: str) -> None:
    assert parse_time(text) is None


@pytest.mark.parametrize("text", ["24", "24:00", "2400"])
def test_midnight_at_the_days_end_only_ends_a_slot(text: str) -> None:
    assert (parse_time(text), parse_time(text, ends=True)) == (None, END_OF_DAY)


@given(MINUTES)
def test_what_the_field_writes_out_reads_back_as_the_same_minute(at: int) -> None:
    assert parse_time(wall_words(at)) == at


@given(MINUTES)
def test_a_time_without_its_colon_is_the_same_time(at: int) -> None:
    assert parse_time(wall_words(at).replace(":", "")) == at


@given(st.text(max_size=12))
def test_any_text_is_a_time_of_the_day_or_none(text: str) -> None:
    at = parse_time(text, ends=True)
    assert at is None or 0 <= at <= END_OF_DAY


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("45", 4500),
        ("45.5", 4550),
        ("45,50", 4550),
        ("$45.00", 4500),
        (" 1 ", 100),
        ("45.", 4500),
        ("４５", 4500),
        ("٤٥٫٥", 4550),
        ("＄４５．５０", 4550),
    ],
)
def test_every_way_to_type_a_price_is_understood(text: str, minor: int) -> None:
    assert parse_price(text) == minor


@pytest.mark.parametrize(("text", "minor"), [("４５", 4500), ("٤٥٫٥", 4550), ("＄４５．５０", 4550)])
def test_a_price_in_the_digits_of_any_keyboard_is_understood(text: str, minor: int) -> None:
    assert parse_price(text) == minor


@pytest.mark.parametrize("text", ["", "abc", "45.505", "-5", "1e9", "45.5.0", "NaN"])
def test_what_is_no_price_is_refused(text: str) -> None:
    assert parse_price(text) is None


@given(st.integers(0, 10**7))
def test_a_price_written_out_reads_back_as_the_same_cents(minor: int) -> None:
    assert parse_price(price_words(minor)) == minor


@given(st.integers(0, 10**6))
def test_a_price_is_fine_exactly_from_one_to_two_hundred_and_fifty_dollars(minor: int) -> None:
    assert (price_error(price_words(minor)) == "") == (CHEAPEST_MINOR <= minor <= DEAREST_MINOR)


def test_a_whole_draft_has_no_faults() -> None:
    assert SlotDraft(DAY, "9", "10", "45").field_errors() == {}


@pytest.mark.parametrize(
    ("start", "end", "fault"),
    [
        ("10", "10", "The end must be after the start. A slot that goes past midnight lasts up to 8 hours."),
        ("10", "9", "The end must be after the start. A slot that goes past midnight lasts up to 8 hours."),
        ("23", "701", "The end must be after the start. A slot that goes past midnight lasts up to 8 hours."),
        ("10", "1004", "A slot lasts at least 5 minutes."),
        ("1", "901", "A slot lasts at most 8 hours."),
        ("10", "soon", "Enter a time such as 9:30 or 14:00."),
    ],
)
def test_the_end_says_what_is_wrong_with_the_length(start: str, end: str, fault: str) -> None:
    assert SlotDraft(DAY, start, end, "45").field_errors() == {"end_time": fault}


@pytest.mark.parametrize(("end", "length"), [("24:00", 60), ("0", 60), ("1", 120), ("7", 480)])
def test_a_slot_may_last_until_midnight_and_over_it(end: str, length: int) -> None:
    draft = SlotDraft(DAY, "23", end, "45")
    assert (draft.field_errors(), draft.length_min) == ({}, length)


def test_a_start_that_has_passed_is_refused() -> None:
    draft = SlotDraft(DAY, "9", "10", "45", now=at(9 * 60))
    assert draft.field_errors() == {"start_time": "This time has already passed."}
    assert SlotDraft(DAY, "9", "10", "45", now=at(9 * 60) - timedelta(seconds=1)).field_errors() == {}


def test_west_of_utc_this_evening_has_not_passed() -> None:
    evening = datetime(2026, 11, 24, 18, tzinfo=NEW_YORK)
    assert SlotDraft(DAY, "20", "21", "45", zone=NEW_YORK, now=evening).field_errors() == {}


def test_a_start_inside_another_slot_is_told_at_the_start() -> None:
    draft = SlotDraft(DAY, "10:30", "11:30", "45", taken=(span(600, 660),))
    assert draft.field_errors() == {"start_time": "Overlaps your 10:00–11:00 slot."}


def test_an_end_that_runs_into_the_next_slot_is_told_at_the_end() -> None:
    draft = SlotDraft(DAY, "9:30", "10:30", "45", taken=(span(600, 660),))
    assert draft.field_errors() == {"end_time": "Overlaps your 10:00–11:00 slot."}


def test_a_slot_that_came_over_midnight_is_in_the_way() -> None:
    draft = SlotDraft(DAY, "0:30", "1:30", "45", taken=(span(-60, 60),))
    assert draft.field_errors() == {"start_time": "Overlaps your 23:00–01:00 (next day) slot."}


def test_slots_that_only_touch_do_not_overlap() -> None:
    assert SlotDraft(DAY, "9", "10", "45", taken=(span(600, 660), span(480, 540))).field_errors() == {}


def test_the_start_may_be_either_of_two_equal_times() -> None:
    first, second = (SlotDraft(NIGHT, "2:30", "3", "45", zone=BERLIN, second=second) for second in (False, True))
    assert choice_words(first.choices, BERLIN) == [("first", "02:30 CEST (first)"), ("second", "02:30 CET (second)")]
    assert (first.starts_at, second.starts_at) == (at(30, NIGHT), at(90, NIGHT))
    assert first.length_min == second.length_min == 30


def test_the_second_of_two_equal_times_does_not_overlap_the_first() -> None:
    taken = (TakenSpan(at(30, NIGHT), at(60, NIGHT)),)
    draft = SlotDraft(NIGHT, "2:30", "3", "45", taken, BERLIN)
    assert draft.field_errors() == {"start_time": "Overlaps your 02:30 CEST–02:00 CET slot."}
    assert SlotDraft(NIGHT, "2:30", "3", "45", taken, BERLIN, second=True).field_errors() == {}


def test_a_skipped_start_is_told_unless_a_series_goes_on_without_it() -> None:
    night = date(2027, 3, 28)
    told = {"start_time": "02:30 does not exist on this day, because the clocks change."}
    assert SlotDraft(night, "2:30", "4", "45", zone=BERLIN).field_errors() == told
    assert SlotDraft(night, "2:30", "4", "45", zone=BERLIN, repeats=True).field_errors() == {}


@given(MINUTES, st.integers(5, 480), st.lists(st.tuples(MINUTES, st.integers(5, 120)), max_size=8))
def test_a_proposal_never_overlaps_what_is_taken(start: int, length: int, others: list[tuple[int, int]]) -> None:
    taken = tuple(span(begin, begin + long) for begin, long in others)
    proposal = next_proposal(at(start), length, taken, DAY, UTC_ZONE)
    if proposal is not None:
        assert SlotDraft(DAY, wall_words(proposal.start), wall_words(proposal.end), "45", taken).field_errors() == {}


def test_the_next_slot_is_proposed_right_after_the_last() -> None:
    assert next_proposal(at(540), 60, (span(540, 600),), DAY, UTC_ZONE) == Proposal(600, 660, False)


def test_after_the_first_of_two_equal_hours_the_second_is_proposed() -> None:
    last = (TakenSpan(at(30, NIGHT), at(60, NIGHT)),)
    assert next_proposal(at(30, NIGHT), 30, last, NIGHT, BERLIN) == Proposal(120, 150, True)


def test_nothing_is_proposed_when_the_day_is_full() -> None:
    assert next_proposal(at(22 * 60), 120, (), DAY, UTC_ZONE) is None
