"""The month calendar: what it says, what can be pressed, which months it shows."""

import datetime as dt

import flet as ft

from app.components.design.month_calendar import MonthCalendar, mark_words
from app.state.core.wall_time import month_from
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
        await app.click("Next month")
        assert "December 2026" in app.texts()
    assert months[1:] == [dt.date(2026, 12, 1)]


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
