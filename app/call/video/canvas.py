"""An I420 picture that others are drawn into. Blocking work for worker threads."""

from dataclasses import dataclass

import cv2
import numpy as np

from app.call.video.convert import ROTATIONS, I420Frame, UInt8Array, even, planes_of, resize_plane

GREY = 128
"""Both chroma planes of what has no colour."""


@dataclass(frozen=True)
class Box:
    """A part of the canvas in pixels; all four are even."""

    x: int
    y: int
    width: int
    height: int

    def centred(self, width: float, height: float) -> "Box":
        """The largest box of these proportions in the middle of this one."""
        scale = min(self.width / width, self.height / height)
        fitted_width, fitted_height = even(width * scale), even(height * scale)
        x, y = (self.width - fitted_width) // 4 * 2, (self.height - fitted_height) // 4 * 2
        return Box(self.x + x, self.y + y, fitted_width, fitted_height)


class Canvas:
    """`i420` has height*3/2 rows of `width` bytes, as OpenCV and FFmpeg take it; the height is a multiple of 4."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.i420: UInt8Array = np.full((height * 3 // 2, width), GREY, np.uint8)
        quarter = height // 4
        first, second = self.i420[height : height + quarter], self.i420[height + quarter :]
        half = (height // 2, width // 2)
        self._planes = (self.i420[:height], first.reshape(half), second.reshape(half))

    def fill(self, box: Box, luma: int) -> None:
        """With a grey."""
        for plane, value in zip(self._parts(box), (luma, GREY, GREY), strict=True):
            plane[:] = value

    def draw(self, frame: I420Frame, box: Box) -> None:
        """The frame upright, whole and as large as fits, in the middle of `box`; around it nothing is changed."""
        turned = frame.rotation_deg in (90, 270)
        upright = (frame.height, frame.width) if turned else (frame.width, frame.height)
        target = box.centred(*upright)
        for plane, (pixels, width, height) in zip(self._parts(target), planes_of(frame), strict=True):
            _draw_plane(pixels, width, height, plane, frame.rotation_deg)

    def _parts(self, box: Box) -> list[UInt8Array]:
        luma, first, second = self._planes
        x, y, right, bottom = box.x // 2, box.y // 2, (box.x + box.width) // 2, (box.y + box.height) // 2
        return [
            luma[box.y : box.y + box.height, box.x : box.x + box.width],
            first[y:bottom, x:right],
            second[y:bottom, x:right],
        ]


def _draw_plane(pixels: UInt8Array, width: int, height: int, into: UInt8Array, rotation_deg: int) -> None:
    rows, columns = into.shape
    rotation = ROTATIONS.get(rotation_deg)
    if rotation is None:
        resize_plane(pixels, width, height, into, columns, rows)
        return
    if rotation_deg != 180:
        rows, columns = columns, rows
    small = np.empty((rows, columns), np.uint8)
    resize_plane(pixels, width, height, small, columns, rows)
    into[:] = cv2.rotate(small, rotation)
