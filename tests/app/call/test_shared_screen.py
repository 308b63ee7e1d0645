"""Sharing a screen in the app: choosing it, the bar that says so, and the other's screen over the stage."""

from typing import Any, cast

import flet as ft

from app.call.contract.screen import Screen, ScreenFault
from app.components.call.stage.screen import ScreenZoom
from app.state.call.words import screen_words
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
        self.told.append(("zoom", round(factor, 2)))

    async def reset(self) -> None:
        self.told.append(("reset",))

    async def pan(self, x: float, y: float) -> None:
        self.told.append(("pan", x, y))


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
    assert viewer.told == [("zoom", 1.4), ("pan", 150.0, 0.0), ("zoom", 0.71), ("reset",)]
