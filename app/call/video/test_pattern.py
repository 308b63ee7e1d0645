"""Moving video for calls without a camera: a landscape that drifts, a clock, and a number that counts up."""

import math
import time
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from app.call.video.convert import UInt8Array

WIDTH, HEIGHT, RATE_HZ = 1280, 720, 30.0
_SKY_TOP, _SKY_LOW = np.array((70, 58, 20), np.float32), np.array((196, 214, 168), np.float32)
_HILLS = ((430, 70, 3, (140, 150, 84), 1.0), (520, 55, 4, (104, 112, 48), 2.0), (610, 40, 6, (62, 66, 22), 4.0))
"""Of each row of hills: height of its middle, swing, waves per width, colour (BGR), speed in pixels a frame."""
_FLOOR = np.array(((WIDTH, HEIGHT), (0, HEIGHT)), np.int32)
_INK = (248, 250, 240)


class MovingTestPattern:
    """A `FrameSource` that needs no device. Hills are drawn once and only shifted, so a frame costs about 2 ms."""

    def __init__(self, clock: Callable[[], str] = lambda: time.strftime("%H:%M:%S")) -> None:
        self._clock = clock
        self._number = 0
        self._due = 0.0
        self._sky: UInt8Array = np.zeros((0, 0, 3), np.uint8)
        self._edges: list[NDArray[np.int32]] = []

    def open(self) -> None:
        share = np.linspace(0, 1, HEIGHT, dtype=np.float32)[:, None, None]
        rows = _SKY_TOP * (1 - share) + _SKY_LOW * share
        self._sky = np.repeat(rows, WIDTH, axis=1).astype(np.uint8)
        turn = np.arange(WIDTH) * 2 * math.pi / WIDTH
        self._edges = [
            np.rint(middle + swing * np.sin(turn * waves) + swing / 3 * np.cos(turn * 2 * waves)).astype(np.int32)
            for middle, swing, waves, _, _ in _HILLS
        ]
        self._due = time.monotonic()

    def read(self, pause: Callable[[float], object]) -> UInt8Array | None:
        self._due = max(self._due + 1 / RATE_HZ, time.monotonic() - 0.1)
        pause(self._due - time.monotonic())
        self._number += 1
        return self._draw(self._number)

    def _draw(self, number: int) -> UInt8Array:
        image = self._sky.copy()
        angle = number / 300 * 2 * math.pi
        sun = (round(WIDTH / 2 + 420 * math.cos(angle)), round(300 + 150 * math.sin(angle)))
        cv2.circle(image, sun, 62, (150, 214, 246), -1, cv2.LINE_AA)
        cv2.circle(image, sun, 46, (176, 232, 255), -1, cv2.LINE_AA)
        for edge, (_, _, _, colour, speed) in zip(self._edges, _HILLS, strict=True):
            ridge = np.stack((np.arange(WIDTH, dtype=np.int32), np.roll(edge, -round(number * speed))), 1)
            cv2.fillPoly(image, [np.concatenate((ridge, _FLOOR))], colour)
        self._write(image, self._clock(), 150, 3.2, 6)
        self._write(image, f"Test picture {number}", 670, 1.1, 2)
        return image

    @staticmethod
    def _write(image: UInt8Array, text: str, baseline: int, size: float, thickness: int) -> None:
        (width, _), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_DUPLEX, size, thickness)
        at = ((WIDTH - width) // 2, baseline)
        cv2.putText(image, text, at, cv2.FONT_HERSHEY_DUPLEX, size, _INK, thickness, cv2.LINE_AA)

    def release(self) -> None:
        """Nothing is held."""
