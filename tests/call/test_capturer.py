"""What a capture passes on: 15 frames a second to the own tile, all to the room, and nothing that nobody wants."""

import threading
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from app.call.video import capturer as capturer_module
from app.call.video.blur_processor import BlurProcessor
from app.call.video.capturer import VideoCapturer
from app.call.video.convert import UInt8Array, to_i420
from app.call.video.latest_frame import LatestFrame
from tests.waiting import until

RATE_HZ, COUNT = 30, 61


class ThirtyASecond:
    """Gives so many frames by a clock of its own, which the capture reads too."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.left = COUNT
        self.done = threading.Event()

    def monotonic(self) -> float:
        return self.now_s

    def open(self) -> None: ...

    def read(self, pause: Callable[[float], object]) -> UInt8Array | None:
        self.now_s += 1 / RATE_HZ
        if not self.left:
            self.done.set()
            pause(0.01)
            return None
        self.left -= 1
        return np.zeros((90, 160, 3), np.uint8)

    def release(self) -> None: ...


class Room:
    def __init__(self, wants: bool) -> None:
        self.wants, self.sent = wants, 0

    def wants_frame(self) -> bool:
        return self.wants

    def send_frame(self, width: int, height: int, i420: UInt8Array) -> None:
        self.sent += 1


@pytest.mark.parametrize(
    ("watched", "sent", "shown", "converted"),
    [
        (True, True, range(30, 33), range(COUNT, COUNT + 1)),
        (True, False, range(30, 33), range(30, 33)),
        (False, True, range(COUNT, COUNT + 1), range(COUNT, COUNT + 1)),
        (False, False, range(1), range(1)),
    ],
)
async def test_of_30_frames_a_second_the_tile_gets_15_and_what_nobody_wants_costs_nothing(
    monkeypatch: pytest.MonkeyPatch, watched: bool, sent: bool, shown: range, converted: range
) -> None:
    source, room, frames, conversions = ThirtyASecond(), Room(sent), LatestFrame(), 0

    def counted(bgr: UInt8Array, width: int, height: int) -> tuple[int, int, UInt8Array]:
        nonlocal conversions
        conversions += 1
        return to_i420(bgr, width, height)

    monkeypatch.setattr(capturer_module, "time", SimpleNamespace(monotonic=source.monotonic))
    monkeypatch.setattr(capturer_module, "to_i420", counted)
    monkeypatch.setattr(frames, "is_wanted", lambda: watched)
    frames.open()
    capture = VideoCapturer(source, BlurProcessor(lambda: None), frames, lambda: (room,), lambda: None)
    await until(source.done.is_set, "two seconds are through")
    capture.stop()
    assert room.sent == (COUNT if sent else 0)
    assert frames.count in shown
    assert conversions in converted


async def test_a_camera_that_cannot_be_closed_properly_counts_as_free(monkeypatch: pytest.MonkeyPatch) -> None:
    source = ThirtyASecond()

    def fails() -> None:
        raise RuntimeError("the driver has crashed")

    monkeypatch.setattr(source, "release", fails)
    capture = VideoCapturer(source, BlurProcessor(lambda: None), LatestFrame(), lambda: (Room(False),), lambda: None)
    capture.stop()
    await until(lambda: capture.released, "it is over")
