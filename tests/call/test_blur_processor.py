"""While a blur is wanted no frame gets past unblurred: every frame that leaves the capture is looked at."""

import asyncio
import threading
from collections.abc import Callable

import numpy as np
import pytest

from app.call.contract.devices import BlurFault
from app.call.runtime.threads import Worker
from app.call.video import blur_processor as blur_gate
from app.call.video import camera as camera_module
from app.call.video import latest_frame
from app.call.video.background_blur import Likelihoods, PersonSegmenter
from app.call.video.camera import Camera
from app.call.video.convert import UInt8Array
from tests.waiting import until

WIDTH, HEIGHT = 320, 180
STRIPES = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
STRIPES[:, ::2] = 255


class StripedCamera:
    """Gives the sharpest of frames as fast as a camera does."""

    def open(self) -> None: ...

    def read(self, pause: Callable[[float], object]) -> UInt8Array:
        pause(0.004)
        return STRIPES.copy()

    def release(self) -> None: ...


class Nobody:
    """Finds no person; `fails` makes it raise."""

    def __init__(self) -> None:
        self.fails = False

    def likelihoods(self, bgr: UInt8Array) -> Likelihoods:
        if self.fails:
            raise RuntimeError("the library gave up")
        return np.zeros((144, 256), np.float32)


class Seen:
    """Whether each frame that was sent is sharp, in order."""

    def __init__(self) -> None:
        self.sharp: list[bool] = []
        self.wants = True

    def wants_frame(self) -> bool:
        return self.wants

    def send_frame(self, width: int, height: int, i420: UInt8Array) -> None:
        luma = i420[: width * height].reshape(height, width).astype(np.int16)
        self.sharp.append(bool(np.abs(np.diff(luma, axis=1)).mean() > 20))

    async def more(self, count: int = 5) -> None:
        wanted = len(self.sharp) + count
        await until(lambda: len(self.sharp) >= wanted, "more frames")


Stage = Callable[[Callable[[], PersonSegmenter]], tuple[Camera, Seen]]


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setattr(camera_module, "source_of", lambda device: StripedCamera())

    def make(load: Callable[[], PersonSegmenter]) -> tuple[Camera, Seen]:
        camera = Camera("0", Worker("cameras-of-a-test"), lambda: None, load)
        camera.blur._available = lambda: True
        seen = Seen()
        camera.sink = seen
        return camera, seen

    return make


async def reads(camera: Camera, count: int) -> None:
    """Until the capture has read so many more frames."""
    seen: set[float | None] = set()

    def enough() -> bool:
        seen.add(camera._capture.last_at if camera._capture is not None else None)
        return len(seen) > count

    await until(enough, "the camera is read")


async def test_nothing_unblurred_passes_while_the_blur_is_loaded_nor_after(stage: Stage) -> None:
    may_load = threading.Event()

    def slow() -> PersonSegmenter:
        may_load.wait(30)
        return Nobody()

    camera, seen = stage(slow)
    await camera.open()
    await seen.more()
    camera.set_blur(True)
    before = len(seen.sharp)
    assert camera.blur.state.starting
    await reads(camera, 5)
    assert len(seen.sharp) == before, "nothing is sent while it is made ready"
    assert camera.state.working, "the capture goes on"
    may_load.set()
    await seen.more(20)
    assert not any(seen.sharp[before:])
    await camera.close()


async def test_switching_to_and_fro_never_lets_a_sharp_video_out_while_it_is_on(stage: Stage) -> None:
    camera, seen = stage(Nobody)
    await camera.open()
    for _ in range(30):
        camera.set_blur(True)
        begun = len(seen.sharp)
        await seen.more(2)
        assert not any(seen.sharp[begun:])
        camera.set_blur(False)
        await seen.more(2)
        assert seen.sharp[-1], "and off means off"
    await camera.close()


async def test_the_own_tile_forgets_the_sharp_video(stage: Stage) -> None:
    may_load = threading.Event()
    camera, seen = stage(lambda: (may_load.wait(30), Nobody())[1])
    await camera.open()
    await seen.more()
    camera.set_blur(True)
    asked = asyncio.ensure_future(camera.frames.next_after(0))
    await reads(camera, 5)
    assert not asked.done()
    may_load.set()
    await asyncio.wait_for(asked, 10)
    await camera.close()


async def test_a_blur_that_cannot_be_loaded_switches_the_camera_off_before_anything_is_sent(stage: Stage) -> None:
    def broken() -> PersonSegmenter:
        raise OSError("no such model")

    camera, seen = stage(broken)
    camera.set_blur(True)
    await camera.open()
    await until(lambda: not camera.state.enabled, "the camera goes off")
    assert camera.blur.state.fault is BlurFault.FAILED
    assert not camera.blur.state.enabled
    assert camera.blur.state.blocked
    assert seen.sharp == []
    await camera.set_enabled(True)
    await seen.more()
    assert all(seen.sharp), "the person has decided to be seen as they are"
    assert not camera.blur.state.blocked
    await camera.close()


async def test_a_blur_that_stops_working_takes_the_video_with_it(stage: Stage) -> None:
    segmenter = Nobody()
    camera, seen = stage(lambda: segmenter)
    camera.set_blur(True)
    await camera.open()
    await seen.more()
    segmenter.fails = True
    await until(lambda: not camera.state.enabled, "the camera goes off")
    await until(lambda: camera._capture is None, "the capture has ended")
    assert not any(seen.sharp)
    await camera.close()


async def test_a_blur_that_takes_for_ever_to_load_is_given_up(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blur_gate, "LOADING_LIMIT_S", 0.2)
    may_load = threading.Event()
    camera, seen = stage(lambda: (may_load.wait(30), Nobody())[1])
    camera.set_blur(True)
    await camera.open()
    await until(lambda: not camera.state.enabled, "the camera goes off")
    may_load.set()
    await until(lambda: camera._capture is None, "the capture has ended")
    assert camera.blur.state.fault is BlurFault.FAILED
    assert seen.sharp == []
    await camera.close()


async def test_where_it_is_not_installed_wanting_it_switches_the_camera_off(stage: Stage) -> None:
    camera, seen = stage(Nobody)
    camera.blur._available = lambda: False
    await camera.open()
    await seen.more()
    camera.set_blur(True)
    begun = len(seen.sharp)
    await until(lambda: not camera.state.enabled, "the camera goes off")
    assert camera.blur.state.fault is BlurFault.NOT_INSTALLED
    assert len(seen.sharp) == begun
    await camera.close()


class Counted:
    """How many frames were blurred or passed, around a camera's own blur."""

    def __init__(self, camera: Camera) -> None:
        self.count = 0
        process = camera.blur.process

        def counted(bgr: UInt8Array) -> blur_gate.ProcessedFrame | None:
            self.count += 1
            return process(bgr)

        camera.blur.process = counted  # type: ignore[method-assign]  # seen from outside


async def test_what_nobody_wants_is_neither_blurred_nor_converted(stage: Stage) -> None:
    camera, seen = stage(Nobody)
    counted = Counted(camera)
    seen.wants = False
    await camera.open()
    await reads(camera, 10)
    assert camera.state.working, "the camera is read and watched all the same"
    assert counted.count == 0
    assert await asyncio.wait_for(camera.frames.next_after(0), 5) is not None, "a tile that asks gets the next one"
    assert counted.count > 0
    seen.wants = True
    await seen.more()
    await camera.close()


async def test_a_tile_that_comes_back_is_not_shown_what_it_missed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(latest_frame, "WANTED_FOR_S", 0.05)
    camera, seen = stage(Nobody)
    seen.wants = False
    await camera.open()
    first = await camera.frames.next_after(0)
    assert first is not None
    await asyncio.sleep(0.1)
    await reads(camera, 5)
    counted = Counted(camera)
    again = await camera.frames.next_after(first.number - 1)
    assert again is not None
    assert counted.count > 0, "it is a new frame and not the one that was kept"
    await camera.close()
