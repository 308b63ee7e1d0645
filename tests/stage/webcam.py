"""What a webcam shows, made here: a drawn person moving before a still room, both textured, and a sensor's grain.

Drawn areas alone cost an encoder nothing and look the same at any size; texture that falls with the frequency, as that
of photographs does, makes likeness and size worth their bits. A strip at the bottom carries the picture's number in
Gray code, so that from one picture to the next one of its blocks changes.
"""

import functools
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.stage.portrait_video import HAIR, JUMPER, SKIN, portrait_frame

DISTINCT = 240
"""Eight seconds at 30 a second; the second half is the first one backwards, so that they join without a jump."""
RATE_HZ = 30
BLOCKS = 8
_STRIP = 15
"""The strip's share of the height: one part in so many. WebRTC cuts a few rows off when it makes a picture smaller."""
_DARK, _BRIGHT = 64, 192
_TEXTURE, _GRAIN = 18.0, 3.0
"""Standard deviations, of 256 levels."""
_GRAINS = 16
_PERSON = (SKIN, HAIR, JUMPER)
Pixels = NDArray[np.uint8]
Levels = NDArray[np.float32]


@functools.cache
def _texture(seed: int, width: int, height: int) -> Levels:
    """Noise whose amplitude falls as one over the frequency."""
    spectrum = np.fft.rfft2(np.random.default_rng(seed).normal(0, 1, (height, width)))
    frequency = np.hypot(np.fft.fftfreq(height)[:, None] * height, np.fft.rfftfreq(width)[None, :] * width)
    shaped = np.fft.irfft2(spectrum / np.maximum(frequency, 4), (height, width))
    return np.asarray(shaped / shaped.std() * _TEXTURE, np.float32)[:, :, None]


@functools.cache
def _grain(which: int, width: int, height: int) -> Levels:
    return np.random.default_rng(which).normal(0, _GRAIN, (height, width, 1)).astype(np.float32)


def webcam_frame(number: int, width: int = 1280, height: int = 720) -> Pixels:
    """BGR. `number` from 0 to `DISTINCT` - 1."""
    moment = min(number, DISTINCT - 1 - number)
    drawn = portrait_frame(moment / RATE_HZ, width, height).astype(np.float32)
    person = np.zeros((height, width, 1), bool)
    for colour in _PERSON:
        person |= (np.abs(drawn - np.array(colour, np.float32)).max(axis=2, keepdims=True)) < 30
    sway = round(np.sin(moment / RATE_HZ * 0.9) * 0.025 * height)  # with the person of portrait_frame
    textured = np.where(person, np.roll(_texture(1, width, height), sway, axis=1), _texture(2, width, height))
    image = (drawn + textured + _grain(number % _GRAINS, width, height)).clip(0, 255).astype(np.uint8)
    code, block = number ^ number >> 1, width // BLOCKS
    for bit in range(BLOCKS):
        image[-(height // _STRIP) :, bit * block : (bit + 1) * block] = _BRIGHT if code >> bit & 1 else _DARK
    return image


def number_of(luma: Pixels) -> int:
    """Which picture this is, from its brightness (height, width), of any size."""
    height, width = luma.shape
    row, block = luma[height - height // _STRIP // 2], width / BLOCKS
    code = sum(
        1 << bit for bit in range(BLOCKS) if row[int((bit + 0.3) * block) : int((bit + 0.7) * block)].mean() > 128
    )
    number = 0
    while code:
        number, code = number ^ code, code >> 1
    return number


def webcam_video(path: Path, width: int = 1280, height: int = 720) -> Path:
    """Writes the file (motion JPEG, 30 a second, two seconds about the turn) unless it is there; returns its path."""
    if not path.exists():
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), RATE_HZ, (width, height))
        for number in range(DISTINCT // 2 - RATE_HZ, DISTINCT // 2 + RATE_HZ):
            writer.write(webcam_frame(number, width, height))
        writer.release()
    return path
