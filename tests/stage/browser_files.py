"""What a client sends in place of camera and microphone: files that OpenCV, livekit-client in Chromium and all read."""

import wave
from pathlib import Path

import cv2
import numpy as np

from tests.stage.sound_cards import RATE_HZ, Samples
from tests.stage.video_file import numbered_frame

PICTURES_PER_S = 30


def write_picture_file(path: Path, numbers: range, width: int = 1280, height: int = 720, grain: float = 0.0) -> Path:
    """Numbered pictures, uncompressed (YUV4MPEG2), with the grain of a webcam if wanted (its standard deviation)."""
    draw = np.random.default_rng(5)
    grains = [np.rint(draw.normal(0, grain, (height, width))).astype(np.int16) for _ in range(8 if grain else 0)]
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{width} H{height} F{PICTURES_PER_S}:1 Ip A1:1 C420jpeg\n".encode())
        for number in numbers:
            planes = cv2.cvtColor(numbered_frame(number, width, height), cv2.COLOR_BGR2YUV_I420)
            if grains:
                planes[:height] = np.clip(planes[:height] + grains[number % len(grains)], 0, 255)
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
