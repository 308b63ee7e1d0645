"""Sharing a screen in the app: choosing it, the bar that says so, and the other's screen over the stage."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import flet as ft
import pytest

from app.call.contract.screen import Screen, ScreenFault
from app.components.call.stage.screen import ScreenZoom
from app.state.call.words import screen_words
from app.state.call.zoomed_view import ZoomedView
from tests.app.stage.call_stage import ADA, together

TWO = [Screen("1 0 0", 1920, 1080), Screen("2 1920 0", 2560, 1440)]


async def test_the_only_screen_is_shared_at_once_and_a_bar_says_so_until_it_ends() -> None:
    async with together() as call:
        await call.app.click("Share your screen")
        await call.app.shows("You are sharing your screen")
        assert ("share", "1 0 0") in call.engine.calls
        await call.app.click("Stop sharing")
        await call.app.until(lambda: "You are sharing your screen" not in call.app.texts())
        assert call.engine.calls[-1] == ("stop sharing",)


async def test_s_shares_and_stops() -> None:
    async with together() as call:
        await call.app.key("s")
        await call.app.shows("You are sharing your screen")
        await call.app.key("s")
        await call.app.until(lambda: "You are sharing your screen" not in call.app.texts())


async def test_of_several_screens_one_is_chosen() -> None:
    async with together() as call:
        call.engine.own_screens = list(TWO)
        await call.app.click("Share your screen")
        await call.app.shows("Which screen?")
        await call.app.click("Screen 2, 2560 × 1440")
        await call.app.shows("You are sharing your screen")
        assert ("share", "2 1920 0") in call.engine.calls
        assert "Which screen?" not in call.app.texts()


async def test_the_choice_can_be_closed_without_sharing() -> None:
    async with together() as call:
        call.engine.own_screens = list(TWO)
        await call.app.click("Share your screen")
        await call.app.click(screen_words.CLOSE)
        await call.app.until(lambda: "Which screen?" not in call.app.texts())
        assert not any(each[0] == "share" for each in call.engine.calls)


async def test_why_no_screen_can_be_shared_is_said_and_can_be_put_away() -> None:
    async with together() as call:
        call.engine.screen_fault = ScreenFault.WAYLAND
        await call.app.click("Share your screen")
        await call.app.shows(screen_words.FAULTS[ScreenFault.WAYLAND])
        await call.app.click(screen_words.HIDE)
        await call.app.until(lambda: screen_words.FAULTS[ScreenFault.WAYLAND] not in call.app.texts())


def videos(labels: list[str]) -> list[str]:
    return [label.split(",")[0] for label in labels if label.startswith("Video of")]


async def test_the_others_screen_takes_the_stage_they_stay_as_an_inset_and_its_end_brings_them_back() -> None:
    async with together() as call:
        call.engine.let_other(screen_on=True)
        await call.app.until(lambda: f"Video of {ADA}'s screen" in videos(call.app.labels()))
        assert sorted(videos(call.app.labels())) == [f"Video of {ADA}", f"Video of {ADA}'s screen", "Video of yourself"]
        assert call.app.is_enabled("Zoom in")
        await call.engine.give_frame("screen")
        await call.app.until(lambda: call.engine.frames_asked["screen"] > 0)
        call.engine.let_other(screen_on=False)
        await call.app.until(lambda: f"Video of {ADA}'s screen" not in videos(call.app.labels()))
        assert f"Video of {ADA}" in videos(call.app.labels())
        assert "Zoom in" not in call.app.labels()


async def test_the_others_screen_is_shown_large_also_where_both_stand_side_by_side() -> None:
    async with together() as call:
        await call.app.key("l")
        call.engine.let_other(screen_on=True)
        await call.app.until(lambda: f"Video of {ADA}'s screen" in videos(call.app.labels()))
        assert "Video of yourself" in videos(call.app.labels())


class Viewer:
    """What Flet's viewer was told to do."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    async def zoom(self, factor: float) -> None:
        await asyncio.sleep(0)  # the client's answer
        self.told.append(("zoom", factor))

    async def reset(self) -> None:
        self.told.append(("reset",))

    async def pan(self, x: float, y: float) -> None:
        self.told.append(("pan", x, y))

    @property
    def page(self) -> "PageOfTest":
        return PageOfTest()

    def follow(self) -> tuple[float, float, float]:
        """Where Flet's client (1.0.5) has the picture by then: it scales around the top left corner, moves by the
        picture's own pixels, and keeps the viewer covered when it moves.
        """
        scale, x, y = 1.0, 0.0, 0.0
        for what, *numbers in self.told:
            if what == "reset":
                scale, x, y = 1.0, 0.0, 0.0
            elif what == "zoom":
                scale = min(6.0, max(1.0, scale * numbers[0]))
            else:
                x, y = x + scale * numbers[0], y + scale * numbers[1]
                x, y = min(0.0, max(1000 * (1 - scale), x)), min(0.0, max(500 * (1 - scale), y))
        return scale, x, y


class PageOfTest:
    width, height = 1000.0, 500.0

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def run_task(self, work: Any, *arguments: Any) -> None:
        self.asked.append(work(*arguments))


async def test_keys_zoom_the_screen_and_the_arrows_move_it_only_while_it_is_zoomed() -> None:
    zoom, viewer, page = ScreenZoom(), Viewer(), PageOfTest()
    zoom.viewer.current = cast(Any, viewer)
    there = cast(ft.Page, page)

    async def press(key: str) -> bool:
        taken = zoom.on_key(key, there)
        for work in page.asked:
            await work
        page.asked.clear()
        return taken

    assert not await press("Arrow Left")
    assert await press("+")
    assert await press("Arrow Left")
    assert await press("-")
    assert await press("0")
    assert not await press("Arrow Left")
    assert not await press("m")
    assert [what for what, *_ in viewer.told] == ["zoom", "pan", "pan", "zoom", "pan", "reset"]
    assert [pytest.approx(numbers) for _, *numbers in viewer.told[:3]] == [
        [1.4],
        [-200 / 1.4, -100 / 1.4],
        [150 / 1.4, 0],
    ]


async def test_buttons_keep_the_middle_in_the_middle_also_after_a_gesture() -> None:
    zoom, viewer = ScreenZoom(), Viewer()
    zoom.viewer.current = cast(Any, viewer)

    def middle() -> tuple[int, int]:
        """The spot of the picture that is seen in the middle."""
        scale, x, y = viewer.follow()
        assert (zoom.view.scale, zoom.view.x, zoom.view.y) == pytest.approx((scale, x, y), abs=3, rel=0.01)
        return round((500 - x) / scale), round((250 - y) / scale)

    for _ in range(4):
        await zoom.larger()
        assert middle() == pytest.approx((500, 250), abs=3)
    await zoom.pan(0.3, -0.2)
    there = middle()
    assert there != (500, 250)
    await zoom.larger()
    assert middle() == pytest.approx(there, abs=3)
    await zoom.whole()
    await asyncio.gather(zoom.larger(), zoom.larger())  # two presses before the client has answered the first
    assert middle() == pytest.approx((500, 250), abs=3)
    for _ in range(12):
        await zoom.smaller()
    assert viewer.follow() == (1.0, 0.0, 0.0)
    await zoom.whole()
    assert zoom.view == ZoomedView()


def test_a_gesture_is_followed() -> None:
    zoom, viewer = ScreenZoom(), Viewer()
    zoom.viewer.current = cast(Any, viewer)

    def gesture(start: tuple[float, float], now: tuple[float, float], scale: float) -> ZoomedView:
        zoom.on_gesture(cast(Any, SimpleNamespace(local_focal_point=ft.Offset(*start))))
        zoom.on_gesture_goes_on(cast(Any, SimpleNamespace(local_focal_point=ft.Offset(*now), scale=scale)))
        return zoom.view

    assert gesture((1000, 500), (1000, 500), 2) == ZoomedView(2, -1000, -500), "a wheel in the corner"
    assert gesture((100, 100), (400, 200), 1) == ZoomedView(2, -700, -400), "a drag"
    assert gesture((0, 0), (9999, 9999), 1) == ZoomedView(2, 0, 0), "as far as the edge"
