"""A drawn person at a desk, moving a little: a camera for journeys and their pictures, made here, of nobody."""

import math
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
WALL, LIGHT, SHELF = (196, 205, 188), (214, 224, 208), (150, 163, 139)
SKIN, HAIR, JUMPER, LEAF = (150, 178, 226), (52, 62, 92), (110, 108, 46), (96, 138, 84)  # BGR


def portrait_frame(at_s: float, width: int, height: int) -> Pixels:
    """BGR, drawn at twice the size and scaled down, which smooths the edges."""
    image = np.full((height * 2, width * 2, 3), WALL, np.uint8)
    unit = height * 2 / 100
    centre = width + math.sin(at_s * 0.9) * 2.5 * unit
    nod = math.sin(at_s * 1.7) * 0.8 * unit

    def spot(x: float, y: float) -> tuple[int, int]:
        return int(x), int(y)

    cv2.circle(image, spot(width * 0.45, 22 * unit), int(30 * unit), LIGHT, -1)
    cv2.rectangle(image, spot(width * 1.5, 30 * unit), spot(width * 2, 33 * unit), SHELF, -1)
    for leaf in range(5):
        sway = math.sin(at_s * 0.6 + leaf) * 3
        middle, size = spot(width * 1.72, 22 * unit), (int(3 * unit), int(10 * unit))
        cv2.ellipse(image, middle, size, -50 + 25 * leaf + sway, 0, 360, LEAF, -1)
    cv2.rectangle(image, spot(width * 1.68, 24 * unit), spot(width * 1.76, 30 * unit), SHELF, -1)
    cv2.ellipse(image, spot(centre, 112 * unit), (int(34 * unit), int(42 * unit)), 0, 0, 360, JUMPER, -1)
    cv2.ellipse(image, spot(centre, 46 * unit + nod), (int(18 * unit), int(22 * unit)), 0, 0, 360, HAIR, -1)
    cv2.rectangle(image, spot(centre - 5 * unit, 60 * unit), spot(centre + 5 * unit, 76 * unit), SKIN, -1)
    cv2.ellipse(image, spot(centre, 50 * unit + nod), (int(14 * unit), int(18 * unit)), 0, 0, 360, SKIN, -1)
    cv2.ellipse(image, spot(centre, 35 * unit + nod), (int(15 * unit), int(8 * unit)), 0, 180, 360, HAIR, -1)
    blink = 0.2 if at_s % 4 < 0.15 else 1.1
    for side in (-1, 1):
        eye = spot(centre + side * 5.5 * unit, 48 * unit + nod)
        cv2.ellipse(image, eye, (int(1.2 * unit), max(1, int(blink * unit))), 0, 0, 360, HAIR, -1)
    talk = 1.2 + 1.2 * abs(math.sin(at_s * 6)) * (math.sin(at_s * 0.8) > 0)
    cv2.ellipse(image, spot(centre, 59 * unit + nod), (int(4 * unit), int(talk * unit)), 0, 0, 180, (70, 70, 150), -1)
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def portrait_video(path: Path, width: int = 640, height: int = 360, rate_hz: float = 15.0, length_s: int = 28) -> Path:
    """Writes the file (motion JPEG) unless it is there, and returns its path."""
    if not path.exists():
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), rate_hz, (width, height))
        for number in range(int(length_s * rate_hz)):
            writer.write(portrait_frame(number / rate_hz, width, height))
        writer.release()
    return path
