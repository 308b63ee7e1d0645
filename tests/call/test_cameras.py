"""Cameras: what is listed, how a file and the test pattern are read, what is said when there is no video."""

import asyncio
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from app.call.contract.devices import TEST_PATTERN, DeviceFault
from app.call.contract.engine import PixelFormat
from app.call.runtime.threads import Worker
from app.call.video import camera as camera_module
from app.call.video.camera import Camera
from app.call.video.camera_list import camera_named, list_cameras
from app.call.video.convert import UInt8Array, render
from app.call.video.held_cameras import HeldCameras
from app.call.video.sources import FrameSource, VideoFile
from app.call.video.test_pattern import MovingTestPattern
from tests.stage.video_file import numbered_video
from tests.waiting import until


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return numbered_video(tmp_path_factory.mktemp("video") / "numbered.avi", range(1000, 1240))


def pause(wait_s: float) -> None:
    time.sleep(max(wait_s, 0))


def impatient(monkeypatch: pytest.MonkeyPatch, *sources: FrameSource) -> None:
    """These are opened one after the other, the last one again and again; silence shows after 0.3 s."""
    left = list(sources)
    monkeypatch.setattr(camera_module, "source_of", lambda device: left.pop(0) if len(left) > 1 else left[0])
    monkeypatch.setattr(camera_module, "SILENT_AFTER_S", 0.3)
    monkeypatch.setattr(camera_module, "RELEASE_LIMIT_S", 0.1)
    monkeypatch.setattr(camera_module, "TRY_AGAIN_AFTER_S", (0.2,))


def make_camera(chosen: str | None) -> Camera:
    return Camera(chosen, Worker("cameras-of-a-test"), lambda: None, held=HeldCameras())


class HangingSource:
    """A driver that does not come back until it is let go."""

    def __init__(self, hangs_in: str) -> None:
        self._hangs_in = hangs_in
        self.allow_unblurred = threading.Event()
        self.released = threading.Event()
        self._read = 0

    def open(self) -> None:
        if self._hangs_in == "open":
            self.allow_unblurred.wait(30)

    def read(self, pause: Callable[[float], object]) -> UInt8Array | None:
        self._read += 1
        if self._hangs_in == "read" and self._read > 1:
            self.allow_unblurred.wait(30)
        pause(0.01)
        return np.zeros((90, 160, 3), np.uint8)

    def release(self) -> None:
        self.released.set()


def test_the_test_pattern_is_always_in_the_list_and_last() -> None:
    assert list_cameras(None)[-1] == TEST_PATTERN


def test_a_chosen_file_is_in_the_list() -> None:
    chosen = camera_named("some/clip.avi")
    assert chosen in list_cameras(chosen)


def test_the_test_pattern_moves() -> None:
    source = MovingTestPattern()
    source.open()
    first, second = source.read(pause), source.read(pause)
    assert first is not None
    assert second is not None
    assert first.shape == (720, 1280, 3)
    assert (first != second).any()


def test_a_video_file_is_looped_at_its_own_rate(tmp_path: Path) -> None:
    source = VideoFile(str(numbered_video(tmp_path / "ten.avi", range(1, 11), 160, 90, rate_hz=50)))
    source.open()
    begun = time.monotonic()
    for _ in range(25):
        assert source.read(pause) is not None
    took_s = time.monotonic() - begun
    source.release()
    assert took_s > 0.4, "25 frames at 50 a second take half a second, not less"


@pytest.mark.parametrize("chosen", ["97", "no/such/file.mp4"])
async def test_a_missing_camera_is_a_fault_that_is_told_and_not_raised(chosen: str) -> None:
    camera = make_camera(chosen)
    await camera.open()
    assert camera.state.fault is DeviceFault.MISSING
    assert camera.state.detail
    assert not camera.state.working
    assert await camera.frames.next_after(0) is None


async def test_a_file_that_is_no_video_is_told(tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("not a video")
    camera = make_camera(str(tmp_path / "notes.mp4"))
    await camera.open()
    assert camera.state.fault is DeviceFault.MISSING


async def test_without_any_camera_the_test_pattern_is_not_taken_by_itself() -> None:
    camera = make_camera(None)
    await camera.open()
    if camera.state.fault is None:
        await camera.close()
        pytest.skip("this machine has a camera")
    assert camera.state.fault is DeviceFault.MISSING


async def test_a_camera_can_be_tried_again(video: Path, tmp_path: Path) -> None:
    path = tmp_path / "later.avi"
    camera = make_camera(str(path))
    await camera.open()
    assert camera.state.fault is DeviceFault.MISSING
    shutil.copy(video, path)
    await camera.open()
    assert camera.state.working
    shown = await camera.frames.next_after(0)
    assert shown is not None
    assert render(shown, 640, 360, PixelFormat.JPEG).width == 640
    await camera.close()


async def test_a_camera_whose_opening_hangs_is_busy_and_lets_go_when_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    source = HangingSource("open")
    monkeypatch.setattr(camera_module, "source_of", lambda device: source)
    monkeypatch.setattr(camera_module, "OPEN_LIMIT_S", 0.3)
    monkeypatch.setattr(camera_module, "RELEASE_LIMIT_S", 0.1)
    camera = make_camera("0")
    await camera.open()
    assert camera.state.fault is DeviceFault.BUSY
    source.allow_unblurred.set()
    await until(source.released.is_set, "the device is let go")
    assert await camera.frames.next_after(0) is None


async def test_a_camera_that_stops_giving_frames_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    source = HangingSource("read")
    impatient(monkeypatch, source)
    camera = make_camera("0")
    await camera.open()
    assert camera.state.working
    waiting = asyncio.ensure_future(camera.frames.next_after(1_000))
    while camera.state.fault is None:
        await camera.check()
        await asyncio.sleep(0.05)
    assert camera.state.fault is DeviceFault.SILENT
    assert await asyncio.wait_for(waiting, 5) is None
    source.allow_unblurred.set()


async def test_a_camera_that_was_lost_is_opened_again_by_itself(monkeypatch: pytest.MonkeyPatch, video: Path) -> None:
    hanging = HangingSource("read")
    impatient(monkeypatch, hanging, VideoFile("no/such/file.avi"), VideoFile(str(video)))
    camera = make_camera("0")
    await camera.open()
    faults: list[DeviceFault | None] = []

    async def look_until(reached: Callable[[], bool]) -> None:
        while not reached():
            await camera.check()
            if camera.state.fault not in faults[-1:]:
                faults.append(camera.state.fault)
            await asyncio.sleep(0.05)

    await look_until(lambda: camera.state.fault is DeviceFault.SILENT)
    for _ in range(10):
        await camera.check()
        await asyncio.sleep(0.05)
    assert camera.state.fault is DeviceFault.SILENT, "a driver that hangs is not opened once more"
    hanging.allow_unblurred.set()
    await look_until(lambda: camera.state.working)
    assert faults == [None, DeviceFault.SILENT, DeviceFault.MISSING, None], "what is wrong is said until it works"
    assert await camera.frames.next_after(0) is not None
    await camera.close()


async def test_a_camera_that_was_lost_and_is_switched_off_stays_off(monkeypatch: pytest.MonkeyPatch) -> None:
    source = HangingSource("read")
    impatient(monkeypatch, source)
    camera = make_camera("0")
    await camera.open()
    while camera.state.fault is None:
        await camera.check()
        await asyncio.sleep(0.02)
    await camera.set_enabled(False)
    source.allow_unblurred.set()
    await until(source.released.is_set, "the device is let go")
    for _ in range(20):
        await camera.check()
        await asyncio.sleep(0.02)
    assert not camera.state.working
    assert camera.state.fault is None


async def test_a_camera_is_not_called_silent_for_the_time_in_which_nobody_looked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A laptop that slept: the poll comes before the camera's next frame."""
    source = HangingSource("read")
    monkeypatch.setattr(camera_module, "source_of", lambda device: source)
    monkeypatch.setattr(camera_module, "SILENT_AFTER_S", 1.0)
    monkeypatch.setattr(camera_module, "LATE_POLL_S", 0.5)
    camera = make_camera("0")
    await camera.open()
    await camera.check()
    await asyncio.sleep(1.2)
    await camera.check()
    assert camera.state.working
    source.allow_unblurred.set()
    await camera.close()


async def test_a_call_that_ends_does_not_wait_for_a_camera_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    source = HangingSource("open")
    monkeypatch.setattr(camera_module, "source_of", lambda device: source)
    monkeypatch.setattr(camera_module, "RELEASE_LIMIT_S", 0.1)
    camera = make_camera("0")
    opening = asyncio.ensure_future(camera.open())
    await asyncio.sleep(0)
    await asyncio.wait_for(camera.close(), 3)
    await asyncio.wait_for(opening, 3)
    assert not camera.state.working
    source.allow_unblurred.set()
    await until(source.released.is_set, "the device is let go")
