"""Clock and week as the person's system has them."""

import datetime as dt
from zoneinfo import ZoneInfo

import flet as ft
import pytest

from app.components.design.month_calendar import MonthCalendar
from app.components.frame.region import region_here, remember_region
from app.state.core.kept.device import REGION_KEY, browser_region
from app.state.core.region import Region, find_region_by, region_of
from app.state.core.wall_time import time_words, times_words
from tests.app.stage.harness import Harness
from tests.fakes.device_store import FakeDeviceStore

SUNDAY, SATURDAY = 6, 5
NEW_YORK = ZoneInfo("America/New_York")
AMERICAN = Region(uses_24_hours=False, week_starts_on=SUNDAY)


@pytest.mark.parametrize(
    ("written", "clock", "region"),
    [
        ("en-US", None, AMERICAN),
        ("en_US.UTF-8", None, AMERICAN),
        ("en-GB", None, Region()),
        ("de_DE@euro", None, Region()),
        ("ar-EG", None, Region(False, SATURDAY)),
        ("zh-Hant-TW", None, AMERICAN),  # 下午2:00
        ("fr-CA", None, Region(True, SUNDAY)),  # 14 h 00
        ("en-US", True, Region(True, SUNDAY)),  # switched to 24 hours by its person
        ("de-DE", False, Region(False)),
        ("en", None, Region()),  # no country: nothing is known
        ("C", None, Region()),
        ("en_US_POSIX", None, Region()),
        ("", False, Region(False)),
        ("no such locale \ud800", None, Region()),
        ("x" * 10_000, None, Region()),
    ],
)
def test_a_locale_tells_the_clock_and_the_week(written: str, clock: bool | None, region: Region) -> None:
    assert region_of(written, clock) == region


@pytest.mark.parametrize(
    ("kept", "region"),
    [
        ("en-US h12", AMERICAN),
        ("en-US h23", Region(True, SUNDAY)),
        ("en-GB h12", Region(False)),
        ("de-DE ", Region()),
        ("", Region()),
    ],
)
async def test_a_browser_leaves_its_locale_and_clock(kept: str, region: Region) -> None:
    store = FakeDeviceStore()
    await store.set(REGION_KEY, kept)
    assert await browser_region(store) == region


async def test_each_session_of_a_process_is_written_to_in_its_own_clock_and_week() -> None:
    find_region_by(region_here)
    starts = dt.datetime(2027, 3, 1, 19, 0, tzinfo=dt.UTC)
    today = dt.date(2027, 3, 1)

    def main(page: ft.Page) -> None:
        remember_region(page, regions.pop())
        words = lambda: ft.Column(  # noqa: E731  one expression
            [ft.Text(times_words(starts, starts + dt.timedelta(hours=6), NEW_YORK)), calendar()]
        )
        page.render(words)

    def calendar() -> ft.Control:
        return MonthCalendar({}, lambda day: None, None, today)

    regions = [Region(), AMERICAN]
    async with Harness(main) as american:
        assert "2:00 PM–8:00 PM" in american.texts()
        days = [text for text in american.texts() if text in ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")]
        assert days == ["Su", "Mo", "Tu", "We", "Th", "Fr", "Sa"]
        first = next(row for row in american.all(ft.Row) if "28" in american.texts(row) or "1" in american.texts(row))
        assert first.controls.index(next(each for each in first.controls if "1" in american.texts(each))) == 1
    async with Harness(main) as european:
        assert "14:00–20:00" in european.texts()
        days = [text for text in european.texts() if text in ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")]
        assert days[0] == "Mo"


@pytest.mark.parametrize(
    ("hour", "words"), [(5, "12:00 AM"), (6, "1:00 AM"), (17, "12:00 PM"), (18, "1:00 PM"), (4, "11:00 PM")]
)
def test_twelve_hours_have_no_zero(hour: int, words: str) -> None:
    try:
        find_region_by(lambda: AMERICAN)
        assert time_words(dt.datetime(2027, 1, 4, hour, tzinfo=dt.UTC), NEW_YORK) == words
    finally:
        find_region_by(region_here)
