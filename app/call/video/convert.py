"""I420 frames: made of a camera's BGR, scaled, and rendered for a tile. Blocking work for worker threads."""

import threading
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from app.call.contract.engine import Frame, PixelFormat

UInt8Array = NDArray[np.uint8]
JPEG_QUALITY = 80
_of_thread = threading.local()
ROTATIONS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


@dataclass(frozen=True, eq=False)
class I420Frame:
    """`i420` is flat: width*height of luma, then the two chroma planes of half the size, rounded up, each way.
    `rotation_deg` is how far it has to be turned clockwise to stand upright.
    """

    width: int
    height: int
    i420: UInt8Array
    rotation_deg: int
    number: int


def use_one_thread() -> None:
    """For all of OpenCV, before a call: each small conversion would wake a pool of threads that spin for a while, which
    costs 0.05 of a core in a call.
    """
    cv2.setNumThreads(1)


def to_i420(bgr: UInt8Array, max_width: int, max_height: int) -> tuple[int, int, UInt8Array]:
    """A camera's frame as width, height and flat I420, at most as large as given; both sides come out even."""
    height, width = bgr.shape[:2]
    scale = min(max_width / width, max_height / height, 1.0)
    target = (even(width * scale), even(height * scale))
    scaled = bgr if target == (width, height) else cv2.resize(bgr, target, interpolation=cv2.INTER_AREA)
    i420 = cv2.cvtColor(scaled, cv2.COLOR_BGR2YUV_I420).astype(np.uint8, copy=False)
    return target[0], target[1], i420.reshape(-1)


def bgra_to_i420(bgra: UInt8Array, max_width: int, max_height: int) -> tuple[int, int, UInt8Array]:
    """As `to_i420`, of a screen's picture."""
    height, width = bgra.shape[:2]
    scale = min(max_width / width, max_height / height, 1.0)
    target = (even(width * scale), even(height * scale))
    scaled = bgra if target == (width, height) else cv2.resize(bgra, target, interpolation=cv2.INTER_AREA)
    i420 = cv2.cvtColor(scaled, cv2.COLOR_BGRA2YUV_I420).astype(np.uint8, copy=False)
    return target[0], target[1], i420.reshape(-1)


def render(frame: I420Frame, max_width: int, max_height: int, pixel_format: PixelFormat) -> Frame:
    """The frame upright, scaled to fit, ready to be drawn. Scaled before it is converted: a small tile is cheap."""
    turned = frame.rotation_deg in (90, 270)
    box_width, box_height = (max_height, max_width) if turned else (max_width, max_height)
    scale = min(box_width / frame.width, box_height / frame.height, 1.0)
    planes = _scaled(frame, even(frame.width * scale), even(frame.height * scale))
    code, channels = (cv2.COLOR_YUV2BGR_I420, 3) if pixel_format is PixelFormat.JPEG else (cv2.COLOR_YUV2RGBA_I420, 4)
    target = _kept_pixels(planes.shape[0] * 2 // 3, planes.shape[1], channels)
    pixels = cv2.cvtColor(planes, code, dst=target)
    if (rotation := ROTATIONS.get(frame.rotation_deg)) is not None:
        pixels = cv2.rotate(pixels, rotation)
    height, width = pixels.shape[:2]
    if pixel_format is PixelFormat.RGBA:
        return Frame(width, height, pixel_format, pixels.tobytes(), frame.number)
    _, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return Frame(width, height, pixel_format, encoded.tobytes(), frame.number)


def scaled(frame: I420Frame, max_width: int, max_height: int) -> tuple[int, int, UInt8Array]:
    """Width, height and flat I420 of the frame, at most as large as given; the same pixels where it fits already."""
    scale = min(max_width / frame.width, max_height / frame.height, 1.0)
    if scale == 1.0:
        return frame.width, frame.height, frame.i420
    width, height = even(frame.width * scale), even(frame.height * scale)
    return width, height, _scaled(frame, width, height).reshape(-1)


def _kept_pixels(height: int, width: int, channels: int) -> UInt8Array:
    """This thread's own pixels, used again for every frame: fresh memory of that size comes page by page from the
    kernel, which costs ten times the conversion (measured: 4.8 ms against 0.5 at 720p RGBA).
    """
    size = height * width * channels
    kept: UInt8Array | None = getattr(_of_thread, "pixels", None)
    if kept is None or kept.size < size:
        kept = _of_thread.pixels = np.empty(size, np.uint8)
    return kept[:size].reshape(height, width, channels)


def _scaled(frame: I420Frame, width: int, height: int) -> UInt8Array:
    """The frame's planes at this even size, in OpenCV's layout: height*3/2 rows of `width` bytes."""
    if (width, height) == (frame.width, frame.height):
        return frame.i420[: width * height * 3 // 2].reshape(height * 3 // 2, width)
    quarter = (width // 2) * (height // 2)
    small = np.empty(width * height + 2 * quarter, np.uint8)
    luma, first, second = planes_of(frame)
    resize_plane(*luma, small[: width * height], width, height)
    resize_plane(*first, small[width * height : -quarter], width // 2, height // 2)
    resize_plane(*second, small[-quarter:], width // 2, height // 2)
    return small.reshape(height * 3 // 2, width)


def planes_of(frame: I420Frame) -> list[tuple[UInt8Array, int, int]]:
    """Luma and the two of chroma, each flat with its width and height."""
    luma, half = frame.width * frame.height, ((frame.width + 1) // 2, (frame.height + 1) // 2)
    chroma = half[0] * half[1]
    return [
        (frame.i420[:luma], frame.width, frame.height),
        (frame.i420[luma : luma + chroma], *half),
        (frame.i420[luma + chroma : luma + 2 * chroma], *half),
    ]


def resize_plane(
    plane: UInt8Array, from_width: int, from_height: int, into: UInt8Array, width: int, height: int
) -> None:
    """One plane, flat, into another of another size, which may be a part of a larger one."""
    source, target = plane.reshape(from_height, from_width), into.reshape(height, width)
    # Halving has a fast way of its own in OpenCV; averaging over an uneven area costs ten times as much.
    while from_width % 2 == 0 and from_height % 2 == 0 and from_width >= 2 * width and from_height >= 2 * height:
        from_width, from_height = from_width // 2, from_height // 2
        source = cv2.resize(source, (from_width, from_height), interpolation=cv2.INTER_AREA).astype(
            np.uint8, copy=False
        )
    interpolation = cv2.INTER_AREA if width * 3 < from_width * 2 else cv2.INTER_LINEAR
    cv2.resize(source, (width, height), dst=target, interpolation=interpolation)


def even(length: float) -> int:
    """The nearest even length, rounded down; at least 2."""
    return max(2, round(length) // 2 * 2)
