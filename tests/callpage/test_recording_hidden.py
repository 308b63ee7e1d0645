"""A recording goes on in a tab that is really hidden: a Chromium with a window, and another tab in front."""

import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Playwright

from tests.callpage.conftest import HZ, NUMBERS, Enter
from tests.callpage.people import Guest, Member
from tests.callpage.recorded import read_recording
from tests.callpage.recording_people import KEPT, allows, asks, records, saved, stops
from tests.e2e.driving import CHROMIUM
from tests.stage.browser_files import write_picture_file, write_sound_file
from tests.stage.chromium import QUIET_FLAGS
from tests.stage.left_out import left_out
from tests.stage.sound_cards import tone
from tests.stage.x_screen import XScreen, why_no_screen
from tests.waiting import until

HIDDEN_S = 6
THROTTLED = (
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
)
"""What Playwright switches off, and nobody else does."""


@pytest.fixture
def x_screen() -> Iterator[XScreen]:
    if reason := why_no_screen():
        left_out(reason)
    screen = XScreen().start()
    yield screen
    screen.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def with_window(x_screen: XScreen, playwright: Playwright, tmp_path: Path) -> AsyncIterator[Browser]:
    """Nora's, as her own browser would be."""
    picture = write_picture_file(tmp_path / "nora.y4m", NUMBERS["professional"], 640, 360)
    sound = write_sound_file(tmp_path / "nora.wav", tone(HZ["professional"], 20))
    media = (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={picture}",
        f"--use-file-for-fake-audio-capture={sound}",
    )
    browser = await playwright.chromium.launch(
        executable_path=CHROMIUM,
        headless=False,
        args=[*QUIET_FLAGS, *media],
        env=dict(x_screen.environment),
        ignore_default_args=["--mute-audio", *THROTTLED],
    )
    yield browser
    await browser.close()


async def test_a_hidden_tab_goes_on_with_both_pictures_and_both_voices(
    with_window: Browser, enter: Enter, nora: Member, sam: Member, tmp_path: Path
) -> None:
    at_nora, at_sam = await Guest.at(with_window, nora, init=KEPT), await enter(sam, init=KEPT)
    await at_nora.join()
    await at_sam.join()
    await at_nora.sees_number(NUMBERS["user"])
    await asks(at_nora, at_sam)
    await allows(at_sam)
    await records(at_nora, 2)
    front = await at_nora.context.new_page()
    await front.bring_to_front()
    hidden = "document.visibilityState === 'hidden'"
    end = time.monotonic() + 10
    while not await at_nora.page.evaluate(hidden):
        assert time.monotonic() < end, "the tab is not hidden"
    began = time.monotonic()
    await until(lambda: time.monotonic() > began + HIDDEN_S, "a while")
    assert await at_nora.page.evaluate(hidden)
    await at_nora.page.bring_to_front()
    await stops(at_nora)
    await at_nora.sees("Recording stopped.")
    await at_nora.sees_no("stood still")
    found = read_recording(await saved(at_nora, tmp_path))
    print(f"{found.seconds:.1f} s, {len(found.times)} frames")
    assert found.seconds > HIDDEN_S + 1
    hidden_frames = [at for at, time_s in enumerate(found.times) if 3.5 < time_s - found.times[0] < HIDDEN_S]
    for shown, numbers in ((found.left, NUMBERS["user"]), (found.right, NUMBERS["professional"])):
        assert len({shown[at] for at in hidden_frames} & set(numbers)) > 10, "it moves while it is hidden"
    assert found.loudness(HZ["user"]) > 0.1
    assert found.loudness(HZ["professional"]) > 0.1
    await at_nora.leave()
