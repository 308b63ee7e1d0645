"""Blurs all of a frame but the person: MediaPipe's person segmentation, run by LiteRT on one thread.

The model (assets/models/NOTICE) takes 256x144 RGB floats from 0 to 1 and gives a likelihood from 0 to 1 for each pixel.
What it costs: docs/decisions/0009, benchmarks/bench_blur.py.
"""

import importlib.util
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from app.call.video.convert import UInt8Array
from app.call.video.sources import HEIGHT, WIDTH
from app.settings import ASSETS

MODEL = ASSETS / "models" / "selfie_segmentation_landscape.tflite"
MASK_WIDTH, MASK_HEIGHT = 256, 144
BACKGROUND_LONG_SIDE = 160
BACKGROUND_SIGMA = 5.0
"""Of the background at that size: at 1280x720 a blur of 40 pixels, in which no writing can be read."""
SLOW_SHARE, QUICK_GAIN = 0.35, 1.5
"""How much of a new mask is taken over: little where it hardly differs (flicker), all where it differs by half."""
SURE_OUTSIDE, SURE_INSIDE = 0.35, 0.75
"""Likelihoods between which the edge fades; below, it is background."""

Likelihoods = NDArray[np.float32]


class PersonSegmenter(Protocol):
    """Tells the person from what is behind them."""

    def likelihoods(self, bgr: UInt8Array) -> Likelihoods:
        """144x256, from 0 (background) to 1 (person), of a frame of any size."""
        ...


def can_blur() -> bool:
    """Whether this installation has what it takes; nothing is loaded by asking."""
    return MODEL.is_file() and importlib.util.find_spec("ai_edge_litert") is not None


class LiteRtSegmenter:
    """Making one loads the library (0.15 s the first time). Raises whatever loading raises."""

    def __init__(self) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter = Interpreter(model_path=str(MODEL), num_threads=1)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._output = self._interpreter.get_output_details()[0]["index"]

    def likelihoods(self, bgr: UInt8Array) -> Likelihoods:
        small = cv2.cvtColor(
            cv2.resize(bgr, (MASK_WIDTH, MASK_HEIGHT), interpolation=cv2.INTER_LINEAR), cv2.COLOR_BGR2RGB
        )
        self._interpreter.set_tensor(self._input, (small.astype(np.float32) / 255.0)[None])
        self._interpreter.invoke()
        found: Likelihoods = self._interpreter.get_tensor(self._output)[0, :, :, 0]
        return found


class TemporalMaskFilter:
    """An exponential mean over time, pixel by pixel, which follows a real change at once."""

    def __init__(self) -> None:
        self._mean: Likelihoods | None = None

    def update(self, found: Likelihoods) -> Likelihoods:
        """The mean with this mask in it."""
        if self._mean is None:
            self._mean = found.copy()
        else:
            difference = found - self._mean
            share = np.minimum(SLOW_SHARE + QUICK_GAIN * np.abs(difference), 1.0)
            self._mean += share * difference
        return self._mean


def weights_of(likelihoods: Likelihoods) -> UInt8Array:
    """How much of the person's own pixel is shown, 0 to 255, with a soft edge."""
    span = SURE_INSIDE - SURE_OUTSIDE
    scaled = cv2.convertScaleAbs(np.clip(likelihoods - SURE_OUTSIDE, 0.0, span), alpha=255.0 / span)
    weights: UInt8Array = cv2.blur(scaled, (3, 3)).astype(np.uint8, copy=False)
    return weights


class BlendBuffers:
    """Pixels kept from frame to frame: fresh memory of that size would cost three times the work."""

    def __init__(self) -> None:
        self._shape = (0, 0)

    def fit(self, height: int, width: int) -> None:
        """Allocates them when the frames have another size than before."""
        if self._shape != (height, width):
            self._shape = (height, width)
            self.edge = np.empty((height, width), np.uint8)
            self.person, self.behind, self.shown, self.rest = (np.empty((height, width, 3), np.uint8) for _ in range(4))


def composite(bgr: UInt8Array, weights: UInt8Array, buffers: BlendBuffers) -> UInt8Array:
    """The frame where `weights` (any size, stretched over it) are 255, its blur where they are 0. The pixels belong
    to `buffers`: the next frame replaces them.
    """
    height, width = bgr.shape[:2]
    buffers.fit(height, width)
    scale = min(BACKGROUND_LONG_SIDE / max(width, height), 1.0)
    small = cv2.resize(bgr, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA)
    cv2.resize(cv2.GaussianBlur(small, (0, 0), BACKGROUND_SIGMA), (width, height), dst=buffers.behind)
    cv2.resize(weights, (width, height), dst=buffers.edge, interpolation=cv2.INTER_LINEAR)
    cv2.cvtColor(buffers.edge, cv2.COLOR_GRAY2BGR, dst=buffers.person)
    cv2.multiply(bgr, buffers.person, dst=buffers.shown, scale=1 / 255)
    cv2.bitwise_not(buffers.person, dst=buffers.person)
    cv2.multiply(buffers.behind, buffers.person, dst=buffers.rest, scale=1 / 255)
    cv2.add(buffers.shown, buffers.rest, dst=buffers.shown)
    return buffers.shown


class BackgroundBlur:
    """One camera's frames, one after the other; used in one thread at a time."""

    def __init__(self, segmenter: PersonSegmenter) -> None:
        self._segmenter = segmenter
        self._mask_filter = TemporalMaskFilter()
        self._buffers = BlendBuffers()

    def reset(self) -> None:
        """The next frame has nothing to do with the last."""
        self._mask_filter = TemporalMaskFilter()

    def blurred(self, bgr: UInt8Array) -> UInt8Array:
        """All but the person blurred, no larger than it is sent; the next call replaces the pixels. Raises what the
        model raises.
        """
        height, width = bgr.shape[:2]
        scale = min(WIDTH / width, HEIGHT / height, 1.0)
        if scale < 1.0:
            fitting = (max(2, round(width * scale)), max(2, round(height * scale)))
            bgr = cv2.resize(bgr, fitting, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        weights = weights_of(self._mask_filter.update(self._segmenter.likelihoods(bgr)))
        return composite(bgr, weights, self._buffers)
