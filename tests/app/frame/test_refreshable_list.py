"""A list refreshes by pull, button and F5, loads on, and shows all its states."""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import flet as ft
import pytest

from app.components.design.states import EmptyState
from app.components.frame.pull_to_refresh import Gesture
from app.components.frame.refreshable_list import RefreshableList
from app.state.core.fetching import Phase
from tests.app.stage.harness import Harness, screen


@dataclass
class Calls:
    refreshed: int = 0
    more: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def refresh(self) -> None:
        self.refreshed += 1

    async def load_more(self) -> None:
        self.more += 1
        await self.gate.wait()


def row(value: str) -> ft.Control:
    return ft.Text(value)


def listing(calls: Calls, **given: Any) -> ft.Control:
    shown: dict[str, Any] = {"rows": ("one", "two"), "phase": Phase.READY, "row": row} | given
    return RefreshableList(on_refresh=calls.refresh, **shown)


async def drag(app: Harness, steps: list[float]) -> None:
    """A finger or a mouse that moves down by `steps` pixels."""
    detector = app.find(ft.GestureDetector)
    place = {"k": "mouse", "l": {"x": 0.0, "y": 0.0}, "g": {"x": 0.0, "y": 0.0}}
    await app.fire(detector, "vertical_drag_start", place)
    for step in steps:
        await app.fire(detector, "vertical_drag_update", place | {"pd": step})
    await app.fire(detector, "vertical_drag_end", place | {"v": {"x": 0.0, "y": 0.0}})


async def scroll(app: Harness, kind: str, pixels: float, overscroll: float = 0.0) -> None:
    """What a list of 1,500 pixels in a window of 600 tells while it scrolls."""
    told = {
        "event_type": kind,
        "pixels": pixels,
        "min_scroll_extent": 0.0,
        "max_scroll_extent": 900.0,
        "viewport_dimension": 600.0,
        "overscroll": overscroll,
    }
    await app.fire(app.find(ft.ListView), "scroll", told)


async def test_the_button_refreshes() -> None:
    calls = Calls()
    async with screen(lambda: listing(calls)) as app:
        await app.click("Refresh")
        assert calls.refreshed == 1


async def test_f5_refreshes() -> None:
    calls = Calls()
    async with screen(lambda: listing(calls)) as app:
        await app.key("F5")
        await app.key("F4")
        assert calls.refreshed == 1


async def test_a_long_pull_down_from_the_top_refreshes_once() -> None:
    calls = Calls()
    async with screen(lambda: listing(calls)) as app:
        await drag(app, [20.0] * 6)
        assert calls.refreshed == 1


async def test_half_a_pull_does_nothing() -> None:
    calls = Calls()
    async with screen(lambda: listing(calls)) as app:
        await drag(app, [40.0])
        assert calls.refreshed == 0


async def test_a_touch_that_pulls_past_the_top_of_a_long_list_refreshes() -> None:
    calls = Calls()
    async with screen(lambda: listing(calls)) as app:
        await scroll(app, "start", 0)
        for _ in range(5):
            await scroll(app, "overscroll", 0, overscroll=-20)
        await scroll(app, "end", 0)
        assert calls.refreshed == 1


async def test_scrolling_back_up_to_the_top_refreshes_nothing() -> None:
    calls = Calls()
    async with screen(lambda: listing(calls)) as app:
        await scroll(app, "start", 500)
        await scroll(app, "overscroll", 0, overscroll=-200)
        await scroll(app, "end", 0)
        assert calls.refreshed == 0


async def test_it_says_when_it_was_last_refreshed() -> None:
    async with screen(lambda: listing(Calls(), last_refreshed=datetime(2026, 11, 24, 14, 2, tzinfo=UTC))) as app:
        assert "Updated 14:02" in app.texts()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"rows": (), "empty": EmptyState(ft.Icons.EVENT, "Nothing booked yet.")}, "Nothing booked yet."),
        ({"rows": (), "phase": Phase.ERROR, "error": "It broke."}, "It broke."),
        ({"rows": (), "phase": Phase.OFFLINE, "error": "No connection."}, "No connection."),
        ({}, "That's all."),
        ({"error": "It broke.", "phase": Phase.ERROR}, "one"),
    ],
)
async def test_every_state_is_shown_in_words(given: dict[str, Any], words: str) -> None:
    async with screen(lambda: listing(Calls(), **given)) as app:
        assert words in app.texts()


async def test_loading_shows_the_shape_of_what_comes() -> None:
    async with screen(lambda: listing(Calls(), rows=(), phase=Phase.LOADING)) as app:
        assert "Loading" in app.labels()


async def test_more_can_be_asked_for_where_nothing_scrolls() -> None:
    calls = Calls()
    calls.gate.set()
    async with screen(lambda: listing(calls, more=True, on_more=calls.load_more)) as app:
        await app.click("Load more")
        assert calls.more == 1


async def test_rows_given_as_components_are_shown() -> None:
    @ft.component
    def Own(text: str) -> ft.Control:
        return ft.Text(text)

    async with screen(lambda: listing(Calls(), rows=[Own("mine")], row=None)) as app:
        assert "mine" in app.texts()


async def test_a_change_beside_two_thousand_rows_draws_none_of_them_again() -> None:
    drawn: list[str] = []

    def counted(value: str) -> ft.Control:
        drawn.append(value)
        return ft.Text(value)

    rows = tuple(f"row {number}" for number in range(2000))

    @ft.component
    def Around() -> ft.Control:
        count, set_count = ft.use_state(0)
        return ft.Column(
            [
                ft.TextButton("Count", on_click=lambda: set_count(lambda now: now + 1)),
                ft.Text(f"count {count}"),
                listing(Calls(), rows=rows, row=counted),
            ]
        )

    async with screen(Around) as app:
        drawn.clear()
        began = time.perf_counter()
        await app.click("Count")
        assert "count 1" in app.texts()
        assert drawn == []
        assert time.perf_counter() - began < 2


def test_a_pull_that_is_pushed_back_is_taken_back() -> None:
    gesture = Gesture(armed=True)
    gesture.move(100)
    gesture.move(-60)
    assert not gesture.pulled_enough()


def test_a_gesture_that_began_lower_down_never_refreshes() -> None:
    gesture = Gesture(armed=False)
    gesture.move(200)
    assert not gesture.pulled_enough()
