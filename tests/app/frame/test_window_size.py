"""A window opens as large as it was left, and never so that it cannot be used."""

from pathlib import Path

import flet as ft
import pytest

from app.components.frame.window_events import window_events
from app.desktop.device_file import DeviceFile
from app.desktop.window_size import KEY, WindowSize, remember_size, size_of
from tests.app.stage.harness import Harness


def opened(path: Path) -> Harness:
    def main(page: ft.Page) -> None:
        remember_size(page, window_events(page), DeviceFile(path))
        page.add(ft.Text("a page"))

    return Harness(main)


async def resize(app: Harness, kind: str, **props: object) -> None:
    app.session.apply_patch(app.page.window._i, props)
    await app.fire(app.page.window, "event", {"type": kind})


async def test_the_size_is_taken_up_at_the_next_start(tmp_path: Path) -> None:
    async with opened(tmp_path / "nora.json") as app:
        await resize(app, "resized", width=1000.0, height=700.0)
    async with opened(tmp_path / "nora.json") as app:
        assert (app.page.window.width, app.page.window.height, app.page.window.maximized) == (1000, 700, False)


async def test_a_maximised_window_is_so_again_and_keeps_the_size_that_it_goes_back_to(tmp_path: Path) -> None:
    async with opened(tmp_path / "nora.json") as app:
        await resize(app, "resized", width=1000.0, height=700.0)
        await resize(app, "maximize", width=1920.0, height=1050.0, maximized=True)
    async with opened(tmp_path / "nora.json") as app:
        assert (app.page.window.width, app.page.window.height, app.page.window.maximized) == (1000, 700, True)


async def test_the_full_screen_of_a_call_is_no_size_to_keep(tmp_path: Path) -> None:
    async with opened(tmp_path / "nora.json") as app:
        await resize(app, "resized", width=1000.0, height=700.0)
        await resize(app, "resized", width=1920.0, height=1080.0, full_screen=True)
    assert size_of(DeviceFile(tmp_path / "nora.json").read(KEY)) == WindowSize(1000, 700)


@pytest.mark.parametrize("words", ["", "large", "10x10", "1000x99999", "1000x700 and more", "379x700", "1000x599"])
def test_what_is_no_size_for_a_window_is_left_aside(words: str) -> None:
    assert size_of(words) is None
