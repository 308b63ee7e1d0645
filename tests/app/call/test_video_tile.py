"""How a frame reaches a desktop window: as raw pixels, whatever was rendered in between."""

import asyncio
import gc
from collections.abc import Callable

import flet as ft
import pytest

from app.call.contract.engine import Frame, PixelFormat
from app.components.call.video.video_tile import VideoTile
from app.components.frame.tasks import use_task
from tests.app.stage.harness import Harness, screen

RAW, ENCODED = 0x04, 0x01
"""The first byte of a frame's packet (flet 1.0.5, `raw_image.py`)."""


class Shown:
    """What the screen around the tile is told to draw; every change renders all of it again."""

    def __init__(self) -> None:
        self.render: Callable[[], None] = lambda: None
        self.asked = 0

    async def frame(self, after: int, width: int, height: int, pixel_format: PixelFormat) -> Frame:
        self.asked += 1
        await asyncio.sleep(0.001)
        data = bytes((1, 2, 3, 255)) * 4 if pixel_format is PixelFormat.RGBA else b"a JPEG"
        return Frame(2, 2, pixel_format, data, after + 1)


@ft.component
def Screen(shown: Shown) -> ft.Control:
    times, set_times = ft.use_state(0)
    shown.render = lambda: set_times(lambda now: now + 1)
    tile = VideoTile(shown.frame, f"Ada {times}", "video-remote", ft.Text("nobody"))
    return ft.Container(ft.Stack([ft.Container(tile, expand=True)]), expand=True)


async def open_channel(app: Harness) -> None:
    """What the client does once the image is on its screen."""
    image = app.find(ft.RawImage)
    await app.fire(image, "data_channel_open", {"channel_name": "frames", "channel_id": 7})


async def first_bytes_after_renders(app: Harness, shown: Shown) -> set[int]:
    await open_channel(app)
    for _ in range(4):
        shown.render()
        await app.settle()
        gc.collect()  # the parents of before are gone now
        sent = len(app.connection.packets)
        await app.until(lambda sent=sent: len(app.connection.packets) > sent + 1)  # type: ignore[misc]  # bound to this round
    assert "Video of Ada 4, live" in app.labels()
    return {packet[0] for packet in app.connection.packets}


async def test_a_desktop_window_gets_raw_pixels_after_every_render() -> None:
    shown = Shown()
    async with screen(lambda: Screen(shown), local=True) as app:
        assert await first_bytes_after_renders(app, shown) == {RAW}


async def test_a_browser_gets_encoded_pictures() -> None:
    shown = Shown()
    async with screen(lambda: Screen(shown), local=False, web=True) as app:
        assert await first_bytes_after_renders(app, shown) == {ENCODED}


async def test_a_tile_whose_window_was_closed_ends_without_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    """A closed window unmounts nothing, and Flet lets go of its session: pictures go on coming for a moment."""
    shown = Shown()
    async with screen(lambda: Screen(shown), local=True) as app:
        await open_channel(app)
        await app.until(lambda: app.connection.packets)
        with monkeypatch.context() as closed:
            closed.setattr(app.page, "_Page__session", lambda: None)  # its weak reference, as it is then
            await app.settle(50)
            asked = shown.asked
            await app.settle(50)
            assert shown.asked == asked  # its task has ended
    assert app.faults == []


@ft.component
def Failing() -> ft.Control:
    async def work() -> None:
        raise RuntimeError("what nobody foresaw")

    use_task(work, [])
    return ft.Text("a screen")


async def test_any_other_failure_of_a_components_task_is_logged() -> None:
    async with screen(Failing) as app:
        await app.until(lambda: app.faults)
        assert [fault.split(":")[0] for fault in app.faults] == ["a task of a component failed"]
        app.faults.clear()
