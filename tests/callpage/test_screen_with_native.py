"""Screens shared between a call page and the native engine: a real tab one way, a real X11 screen the other."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import numpy as np
import pytest
import pytest_asyncio
from livekit import rtc
from playwright.async_api import Page, Playwright, expect

from app.call.contract.call_state import CallState
from app.call.contract.engine import Frame, PixelFormat
from app.call.contract.screen import ScreenFault
from tests.callpage.conftest import NUMBERS, Enter
from tests.callpage.people import Guest, Member
from tests.callpage.test_encryption import rejoining
from tests.callpage.test_page_with_native import Mixed, cards, mixed, native, video
from tests.callpage.test_screen import SHARED, SHARP_AFTER_S, STILL_S, tab_to_share, whole_frame
from tests.e2e.driving import CHROMIUM
from tests.live.sides import ANNA_NUMBERS, Side
from tests.stage.chromium import QUIET_FLAGS
from tests.stage.left_out import left_out
from tests.stage.livekit_server import LivekitServer
from tests.stage.shared_picture import DIGITS, HEIGHT, PAGE, WIDTH, Grey, read_digits, shapes_on
from tests.stage.video_file import number_in
from tests.stage.x_screen import ELSEWHERE, XScreen, why_no_screen
from tests.waiting import until

__all__ = ["cards", "mixed", "native", "rejoining", "video"]  # fixtures

FRAMES_DECODED = """
async () => {
  const { srcObject } = document.querySelector(".tile.screen video");
  const [{ id }] = srcObject.getVideoTracks();
  for (const connection of connections) {
    for (const each of (await connection.getStats()).values()) {
      if (each.type === "inbound-rtp" && each.trackIdentifier === id) return each.framesDecoded;
    }
  }
}
"""


@dataclass(frozen=True)
class Shown:
    """An X11 screen, and the page on it."""

    page: Page

    async def count(self, numbers: range) -> None:
        await self.page.evaluate("([from, to]) => count(from, to)", [numbers.start, numbers.stop])


@pytest.fixture(scope="module")
def x_screen() -> Iterator[XScreen]:
    """Also what this process takes for its screen."""
    if reason := why_no_screen():
        left_out(reason)
    screen = XScreen().start()
    with pytest.MonkeyPatch.context() as patch:
        for name in ELSEWHERE:
            patch.delenv(name, raising=False)
        patch.setenv("DISPLAY", screen.name)
        yield screen
    screen.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def shown(on_x: Shown) -> Shown:
    """Counting."""
    await on_x.count(SHARED)
    return on_x


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def on_x(
    x_screen: XScreen, playwright: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Shown]:
    browser = await playwright.chromium.launch_persistent_context(
        tmp_path_factory.mktemp("chromium"),
        executable_path=CHROMIUM,
        headless=False,
        args=[*QUIET_FLAGS, *x_screen.flags],
        env=dict(x_screen.environment),
        ignore_default_args=["--enable-automation"],  # whose bar would take a part of the screen
        no_viewport=True,
    )
    page = browser.pages[0]
    await page.set_content(PAGE)
    width, height = await page.evaluate("[innerWidth, innerHeight]")
    assert width >= WIDTH, width
    assert height >= HEIGHT, height
    yield Shown(page)
    await browser.close()


async def screen_frame(side: Side, after: int = 0, limit_s: float = 30) -> Frame:
    found = await asyncio.wait_for(side.engine.remote_screen_frame(after, WIDTH, HEIGHT, PixelFormat.RGBA), limit_s)
    assert found is not None
    return found


async def sees_shared(side: Side, numbers: range, limit_s: float = 30) -> Frame:
    """A frame of the other's screen that carries one of these numbers."""
    end, after, last = time.monotonic() + limit_s, 0, None
    while time.monotonic() < end:
        frame = await side.engine.remote_screen_frame(after, WIDTH, HEIGHT, PixelFormat.RGBA)
        if frame is None:
            await asyncio.sleep(0.1)
            continue
        after, last = frame.number, number_in(frame)
        if last in numbers:
            return frame
    raise AssertionError(f"saw none of {numbers} on the screen; last {last}")


def grey_of(frame: Frame) -> Grey:
    return np.frombuffer(frame.data, np.uint8).reshape(frame.height, frame.width, 4)[:, :, 1]


async def share(side: Side) -> None:
    (only,) = await side.engine.screens()
    assert (only.width, only.height) == (WIDTH, HEIGHT)
    await side.engine.share_screen(only)
    await until(lambda: side.now.screen.sharing, lambda: f"it is shared: {side.now.screen}")


async def test_what_a_page_shares_is_read_at_the_native_side_and_the_camera_goes_on(
    mixed: Mixed,
) -> None:
    side, page = mixed.native, mixed.page
    tab = await tab_to_share(page)
    shapes = await shapes_on(tab)
    await page.press("Share your screen")
    await until(lambda: side.now.peer and side.now.peer.screen_on, "a screen is announced")
    frame = await sees_shared(side, SHARED)
    assert (frame.width, frame.height) == (WIDTH, HEIGHT)
    end = time.monotonic() + SHARP_AFTER_S
    while (read := read_digits(grey_of(frame), shapes)) != DIGITS:
        assert time.monotonic() < end, f"not legible: {read}"
        frame = await screen_frame(side, frame.number)
    await side.seen(NUMBERS["user"])
    await page.page.keyboard.press("s")
    await until(lambda: side.now.peer and not side.now.peer.screen_on, "it has ended")
    assert await side.engine.remote_screen_frame(0, 640, 360, PixelFormat.JPEG) is None
    await side.seen(NUMBERS["user"])


async def test_a_moving_screen_is_not_taken_for_a_camera_whose_frames_get_lost(
    mixed: Mixed,
    caplog: pytest.LogCaptureFixture,
) -> None:
    side, page = mixed.native, mixed.page
    await page.press("Turn camera off")
    await tab_to_share(page)
    await page.press("Share your screen")
    await sees_shared(side, SHARED)
    samples = len(side.engine.quality_samples())
    await until(lambda: len(side.engine.quality_samples()) >= samples + 4, "it is polled several times")
    assert "not handed over" not in caplog.text
    assert side.now.peer is not None
    assert not side.now.peer.video_stalled


async def test_an_x11_screen_is_read_on_the_page_until_it_is_no_longer_shared(
    mixed: Mixed,
    shown: Shown,
) -> None:
    side, page = mixed.native, mixed.page
    shapes = await shapes_on(shown.page)
    await share(side)
    await page.sees_number(SHARED, tile="screen")
    end = time.monotonic() + SHARP_AFTER_S
    while (read := read_digits(await whole_frame(page), shapes)) != DIGITS:
        assert time.monotonic() < end, f"not legible: {read}"
        await asyncio.sleep(0.1)
    await page.sees_number(ANNA_NUMBERS)
    await side.engine.stop_sharing()
    await expect(page.page.locator(".tile.screen")).to_be_hidden()
    await page.sees_number(ANNA_NUMBERS)
    assert not side.now.screen.sharing
    await share(side)
    await page.sees_number(SHARED, tile="screen")


async def test_a_native_screen_that_stands_still_is_sent_again_and_is_no_stall(
    mixed: Mixed,
    shown: Shown,
) -> None:
    side, page = mixed.native, mixed.page
    await shown.page.evaluate("standStill(9100)")
    await share(side)
    await page.sees_number(range(9100, 9101), tile="screen")
    first, end = await page.page.evaluate(FRAMES_DECODED), time.monotonic() + STILL_S
    while time.monotonic() < end:
        await page.sees_no("picture has stopped")
        await asyncio.sleep(0.2)
    came = await page.page.evaluate(FRAMES_DECODED) - first
    assert STILL_S / 2 < came < STILL_S * 3, f"about one a second, not {came} in {STILL_S} s"


async def test_both_share_at_once_and_each_sees_the_others_screen(
    mixed: Mixed,
    shown: Shown,
) -> None:
    side, page = mixed.native, mixed.page
    others = range(9200, 9260)
    await tab_to_share(page, others)
    await share(side)
    await page.press("Share your screen")
    await sees_shared(side, others)
    await page.sees_number(SHARED, tile="screen")
    assert side.now.screen.sharing
    room = side.engine._call._session.room  # type: ignore[union-attr]  # a call that is going on
    (theirs,) = room.remote_participants.values()
    sent = [*theirs.track_publications.values(), *room.local_participant.track_publications.values()]
    assert len([each for each in sent if each.source == rtc.TrackSource.SOURCE_SCREENSHARE]) == 2
    assert all(each.encryption_type == rtc.EncryptionType.GCM for each in sent)


def connection_of(side: Side) -> object:
    call = side.engine._call
    assert call is not None
    return call._session.connection if call._session is not None else None


async def test_a_native_screen_is_shared_on_after_a_rejoin(
    rejoining: Side,
    shown: Shown,
    enter: Enter,
    sam: Member,
    livekit: LivekitServer,
) -> None:
    page: Guest = await enter(sam)
    await page.join()
    await rejoining.seen(NUMBERS["user"])
    await share(rejoining)
    await page.sees_number(SHARED, tile="screen")
    before = connection_of(rejoining)
    livekit.freeze()
    try:
        await until(lambda: rejoining.now.state is CallState.RECONNECTING, "it is cut off")
        await until(lambda: connection_of(rejoining) is not before, "a rejoin begins")
    finally:
        livekit.thaw()
    later = range(9300, 9360)
    await shown.count(later)
    await page.sees_number(later, 60, tile="screen")
    page.broken.clear()  # promises of livekit-client's own (test_bad_network.py)


async def test_a_screen_that_goes_while_it_is_shared_is_said(
    mixed: Mixed,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if reason := why_no_screen():
        left_out(reason)
    side, page, going = mixed.native, mixed.page, XScreen().start()
    try:
        monkeypatch.setenv("DISPLAY", going.name)
        await share(side)
        await expect(page.page.locator(".tile.screen")).to_be_visible()
    finally:
        going.stop()
    await until(lambda: side.now.screen.fault is ScreenFault.FAILED, lambda: f"it is said: {side.now.screen}")
    await expect(page.page.locator(".tile.screen")).to_be_hidden()
    await side.engine.stop_sharing()
    assert side.now.screen.fault is None


async def test_under_wayland_there_is_no_screen_and_it_is_said(
    native: Side,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert os.environ["WAYLAND_DISPLAY"]
    assert await native.engine.screens() == []
    await until(lambda: native.now.screen.fault is ScreenFault.WAYLAND, "it is said why")
