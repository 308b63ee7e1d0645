"""The picture and the sound that every client of a measured call sends: files, read by clients of all kinds alike."""

import wave
from pathlib import Path

import cv2
import numpy as np

from tests.stage.sound_cards import RATE_HZ, Samples
from tests.stage.video_file import numbered_frame

WIDTH, HEIGHT, PICTURES_PER_S = 1280, 720, 30
DISTINCT = 240
"""Pictures in the file, which is read again and again: a number comes back after 8 s."""
GRAIN = 3.0


def write_picture_file(path: Path) -> Path:
    """Numbered 720p pictures with the grain of a webcam, uncompressed (YUV4MPEG2): OpenCV and Chromium both read it."""
    draw = np.random.default_rng(5)
    grains = [np.rint(draw.normal(0, GRAIN, (HEIGHT, WIDTH))).astype(np.int16) for _ in range(8)]
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{PICTURES_PER_S}:1 Ip A1:1 C420jpeg\n".encode())
        for number in range(1, DISTINCT + 1):
            planes = cv2.cvtColor(numbered_frame(number, WIDTH, HEIGHT), cv2.COLOR_BGR2YUV_I420)
            planes[:HEIGHT] = np.clip(planes[:HEIGHT] + grains[number % len(grains)], 0, 255)
            file.write(b"FRAME\n" + planes.tobytes())
    return path


def write_sound_file(path: Path, samples: Samples) -> Path:
    """The same samples that go into a virtual microphone, for a browser that takes a file as one."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.tobytes())
    return path


def delays_ms(sent: list[list[float]], seen: list[list[float]]) -> list[float]:
    """Of each (number, ms) seen, since the last time before it that this number was sent."""
    by_number: dict[float, list[float]] = {}
    for number, at in sent:
        by_number.setdefault(number, []).append(at)
    found = []
    for number, at in seen:
        before = [sent_at for sent_at in by_number.get(number, []) if sent_at <= at]
        if before:
            found.append(at - max(before))
    return found
