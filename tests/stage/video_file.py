"""Video files whose frames carry their number, so that whoever sees a picture knows which one it is.

The number stands in 16 black or white blocks across the middle, the lowest bit first; compression and scaling leave it
readable. Around it something moves, so that the encoder has work.
"""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from app.call.contract.engine import Frame, PixelFormat

BITS = 16
Pixels = NDArray[np.uint8]


def numbered_frame(number: int, width: int, height: int) -> Pixels:
    """BGR."""
    across = np.linspace(0, 255, width, dtype=np.uint8)
    image = np.empty((height, width, 3), np.uint8)
    image[:, :, 0] = np.roll(across, number * 4)
    image[:, :, 1] = 90
    image[:, :, 2] = np.roll(across, -number * 3)
    top, bottom, block = height // 2 - height // 12, height // 2 + height // 12, width // BITS
    for bit in range(BITS):
        image[top:bottom, bit * block : (bit + 1) * block] = 255 if number >> bit & 1 else 0
    return image


def numbered_video(path: Path, numbers: range, width: int = 640, height: int = 360, rate_hz: float = 30.0) -> Path:
    """Writes the file (motion JPEG: quick to write and to read) unless it is there, and returns its path."""
    if path.exists():
        return path
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), rate_hz, (width, height))
    for number in numbers:
        writer.write(numbered_frame(number, width, height))
    writer.release()
    return path


def number_in(frame: Frame) -> int:
    """Which numbered frame this is a picture of."""
    if frame.pixel_format is PixelFormat.JPEG:
        decoded = cv2.imdecode(np.frombuffer(frame.data, np.uint8), cv2.IMREAD_GRAYSCALE)
        assert decoded is not None
        grey = decoded
    else:
        grey = np.frombuffer(frame.data, np.uint8).reshape(frame.height, frame.width, 4)[:, :, 1]
    block = grey.shape[1] / BITS
    row = grey[grey.shape[0] // 2]
    return sum(1 << bit for bit in range(BITS) if row[int((bit + 0.5) * block)] > 128)
