"""The month calendar: what it says, what can be pressed, which months it shows."""

import datetime as dt

import flet as ft
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.components.design.month_calendar import MonthCalendar, mark_words, months_words
from app.state.core.wall_time import WEEKDAY_NAMES, days_ahead, month_from, months_in_view
from tests.app.stage.harness import screen

TODAY = dt.date(2026, 11, 24)


def calendar(picked: list[dt.date], months: list[dt.date] | None = None) -> ft.Control:
    marks = {dt.date(2026, 11, 25): 3, dt.date(2026, 11, 28): 9}
    return MonthCalendar(marks, picked.append, dt.date(2026, 11, 25), TODAY, (months or []).append)


async def test_each_day_says_its_name_and_how_much_is_free() -> None:
    async with screen(lambda: calendar([])) as app:
        labels = app.labels()
        assert "Tuesday 24 November, today, nothing free" in labels
        assert "Wednesday 25 November, 3 free, selected" in labels
        assert "Saturday 28 November, 9 free" in labels


async def test_a_day_that_is_over_cannot_be_pressed() -> None:
    async with screen(lambda: calendar([])) as app:
        assert not app.is_enabled("Monday 23 November, past")


async def test_pressing_a_day_picks_it() -> None:
    picked: list[dt.date] = []
    async with screen(lambda: calendar(picked)) as app:
        await app.click("Saturday 28 November, 9 free")
    assert picked == [dt.date(2026, 11, 28)]


async def test_weeks_that_are_over_are_left_out() -> None:
    async with screen(lambda: calendar([])) as app:
        assert not any(label.startswith("Sunday 22 November") for label in app.labels())


async def test_a_month_that_comes_into_view_is_reported_by_its_first_day() -> None:
    months: list[dt.date] = [dt.date.min]
    async with screen(lambda: calendar([], months)) as app:
        assert "Nov – Dec 2026" in app.texts()
        await app.click("Next month")
        assert "December 2026" in app.texts()
    assert months[1:] == [dt.date(2026, 12, 1)]


def days_of(labels: list[str]) -> list[str]:
    return [label.split(",")[0] for label in labels if label.split(" ")[0] in WEEKDAY_NAMES and "," in label]


async def test_it_begins_with_five_weeks_not_with_the_rest_of_a_month() -> None:
    async with screen(lambda: calendar([])) as app:
        days = days_of(app.labels())
        assert (len(days), days[0], days[-1]) == (35, "Monday 23 November", "Sunday 27 December")
        assert app.is_enabled("Sunday 27 December, nothing free")
        assert "Dec" in app.texts()
        await app.click("Next month")
        days = days_of(app.labels())
        assert (len(days), days[0], days[-1]) == (31, "Tuesday 1 December", "Thursday 31 December")
        await app.click("Previous month")
        assert "Nov – Dec 2026" in app.texts()


async def test_a_day_of_the_next_month_is_picked_on_the_first_page() -> None:
    @ft.component
    def Chosen() -> ft.Control:
        day, choose = ft.use_state(TODAY)
        return MonthCalendar({}, choose, day, TODAY)

    async with screen(Chosen) as app:
        await app.click("Thursday 3 December, nothing free")
        await app.until(lambda: "Thursday 3 December, nothing free, selected" in app.labels())
        assert "Nov – Dec 2026" in app.texts()
        await app.click("Next month")
        await app.click("Friday 4 December, nothing free")
        await app.until(lambda: "Friday 4 December, nothing free, selected" in app.labels())
        assert "December 2026" in app.texts()


@pytest.mark.parametrize(
    ("today", "first", "last", "months"),
    [
        (dt.date(2026, 11, 24), dt.date(2026, 11, 23), dt.date(2026, 12, 27), ["2026-11", "2026-12"]),
        (dt.date(2026, 11, 30), dt.date(2026, 11, 30), dt.date(2027, 1, 3), ["2026-11", "2026-12", "2027-01"]),
        (dt.date(2027, 2, 1), dt.date(2027, 2, 1), dt.date(2027, 3, 7), ["2027-02", "2027-03"]),
        (dt.date(2028, 1, 31), dt.date(2028, 1, 31), dt.date(2028, 3, 5), ["2028-01", "2028-02", "2028-03"]),
    ],
)
def test_what_the_first_page_shows(today: dt.date, first: dt.date, last: dt.date, months: list[str]) -> None:
    ahead = days_ahead(today, 0)
    assert (ahead[0], ahead[-1], today in ahead[:7]) == (first, last, True)
    this_month = today.replace(day=1)
    assert [f"{each:%Y-%m}" for each in months_in_view(this_month, today, 0)] == months
    later = month_from(this_month, 4)
    assert months_in_view(later, today, 0) == (later,)


@given(st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)), st.integers(0, 6))
def test_five_weeks_begin_with_the_week_of_today(today: dt.date, first_weekday: int) -> None:
    ahead = days_ahead(today, first_weekday)
    assert len(ahead) == 35
    assert ahead[0].weekday() == first_weekday
    assert today in ahead[:7]


def test_the_months_of_a_page_in_words() -> None:
    november, december, january = dt.date(2026, 11, 24), dt.date(2026, 12, 3), dt.date(2027, 1, 3)
    assert months_words(november, november) == "November 2026"
    assert months_words(november, december) == "Nov – Dec 2026"
    assert months_words(december, january) == "Dec 2026 – Jan 2027"


async def test_there_is_no_way_back_before_this_month() -> None:
    async with screen(lambda: calendar([])) as app:
        assert not app.is_enabled("Previous month")


async def test_the_calendar_follows_a_day_selected_elsewhere() -> None:
    @ft.component
    def Chosen() -> ft.Control:
        day, choose = ft.use_state(TODAY)
        go = ft.TextButton("Go", on_click=lambda: choose(dt.date(2027, 2, 3)))
        return ft.Column([MonthCalendar({}, lambda day: None, day, TODAY), go])

    async with screen(Chosen) as app:
        await app.click("Go")
        await app.shows("February 2027")


def test_marks_of_other_things_are_counted_in_words() -> None:
    assert [mark_words(count, "slot") for count in (0, 1, 2)] == ["no slots", "1 slot", "2 slots"]


def test_months_move_over_the_turn_of_the_year() -> None:
    assert month_from(dt.date(2026, 12, 1), 1) == dt.date(2027, 1, 1)
    assert month_from(dt.date(2027, 1, 1), -1) == dt.date(2026, 12, 1)
