"""What people type into the form that offers an hour."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.state.slot_form import (
    CHEAPEST_MINOR,
    DEAREST_MINOR,
    END_OF_DAY,
    SlotDraft,
    TakenSpan,
    next_proposal,
    parse_price,
    parse_time,
    price_fault,
    price_words,
    wall_words,
)

MINUTES = st.integers(0, END_OF_DAY - 1)


@pytest.mark.parametrize("text", ["9:30", "09:30", "0930", "930", "9.30", "9h30", " 9:30 ", "9:30am", "9:30 a.m."])
def test_every_way_to_type_half_past_nine_is_understood(text: str) -> None:
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
    ("text", "minor"), [("45", 4500), ("45.5", 4550), ("45,50", 4550), ("$45.00", 4500), (" 1 ", 100), ("45.", 4500)]
)
def test_every_way_to_type_a_price_is_understood(text: str, minor: int) -> None:
    assert parse_price(text) == minor


@pytest.mark.parametrize("text", ["", "abc", "45.505", "-5", "1e9", "45.5.0", "NaN"])
def test_what_is_no_price_is_refused(text: str) -> None:
    assert parse_price(text) is None


@given(st.integers(0, 10**7))
def test_a_price_written_out_reads_back_as_the_same_cents(minor: int) -> None:
    assert parse_price(price_words(minor)) == minor


@given(st.integers(0, 10**6))
def test_a_price_is_fine_exactly_from_one_to_two_hundred_and_fifty_dollars(minor: int) -> None:
    assert (price_fault(price_words(minor)) == "") == (CHEAPEST_MINOR <= minor <= DEAREST_MINOR)


def test_a_whole_draft_has_no_faults() -> None:
    assert SlotDraft("9", "10", "45").faults() == {}


@pytest.mark.parametrize(
    ("start", "end", "fault"),
    [
        ("10", "10", "The end has to be after the start."),
        ("10", "9", "The end has to be after the start."),
        ("10", "1004", "A slot lasts at least 5 minutes."),
        ("1", "901", "A slot lasts at most 8 hours."),
        ("10", "soon", "Give a time such as 9:30 or 14:00."),
    ],
)
def test_the_end_says_what_is_wrong_with_the_length(start: str, end: str, fault: str) -> None:
    assert SlotDraft(start, end, "45").faults() == {"end_time": fault}


def test_a_slot_may_last_until_midnight() -> None:
    assert SlotDraft("23", "24:00", "45").faults() == {}


def test_a_start_that_has_passed_is_refused() -> None:
    assert SlotDraft("9", "10", "45", now=9 * 60 + 1).faults() == {"start_time": "This time has already passed."}


def test_a_start_inside_another_slot_is_told_at_the_start() -> None:
    draft = SlotDraft("10:30", "11:30", "45", taken=(TakenSpan(600, 660),))
    assert draft.faults() == {"start_time": "Overlaps your 10:00–11:00 slot."}


def test_an_end_that_runs_into_the_next_slot_is_told_at_the_end() -> None:
    draft = SlotDraft("9:30", "10:30", "45", taken=(TakenSpan(600, 660),))
    assert draft.faults() == {"end_time": "Overlaps your 10:00–11:00 slot."}


def test_slots_that_only_touch_do_not_overlap() -> None:
    assert SlotDraft("9", "10", "45", taken=(TakenSpan(600, 660), TakenSpan(480, 540))).faults() == {}


@given(MINUTES, st.integers(5, 480), st.lists(st.tuples(MINUTES, st.integers(5, 120)), max_size=8))
def test_a_proposal_never_overlaps_what_is_taken(start: int, length: int, others: list[tuple[int, int]]) -> None:
    taken = tuple(TakenSpan(at, min(at + span, END_OF_DAY)) for at, span in others)
    proposal = next_proposal(start, start + length, taken)
    if proposal is not None:
        assert SlotDraft(wall_words(proposal[0]), wall_words(proposal[1]), "45", taken).faults() == {}


def test_the_next_slot_is_proposed_right_after_the_last() -> None:
    assert next_proposal(540, 600, (TakenSpan(540, 600),)) == (600, 660)


def test_nothing_is_proposed_when_the_day_is_full() -> None:
    assert next_proposal(22 * 60, END_OF_DAY, ()) is None
