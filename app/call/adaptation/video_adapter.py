"""Drops and scales the camera's frames to what the step allows: fewer and smaller ones, or none."""

import time
from collections.abc import Callable

from app.call.adaptation.policy import FULL, STEPS
from app.call.video.convert import I420Frame, UInt8Array, scaled

EARLY_SHARE = 0.25
"""A camera is not punctual: a frame that comes this share of a period early is let through."""


class VideoAdapter:
    """`step` is set on the media loop, frames pass in the capture's thread."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self.step = FULL
        self._now_s = now_s
        self._due_s = 0.0

    def wants_frame(self) -> bool:
        """Whether `adapt` would let a frame through now."""
        return self._is_due(self.step, self._now_s())

    def _is_due(self, step: int, now_s: float) -> bool:
        rate_hz = STEPS[step].rate_hz
        if rate_hz >= STEPS[FULL].rate_hz:  # a camera that gives its frames in bursts keeps them all
            return True
        return bool(rate_hz) and now_s >= self._due_s - EARLY_SHARE / rate_hz

    def adapt(self, width: int, height: int, i420: UInt8Array) -> tuple[int, int, UInt8Array] | None:
        """The frame as it may be sent; None when this one is left out. A full step costs nothing."""
        step = self.step
        if step == FULL:
            return width, height, i420
        now_s = self._now_s()
        if not self._is_due(step, now_s):
            return None
        allowed = STEPS[step]
        self._due_s = max(self._due_s + 1 / allowed.rate_hz, now_s)
        return scaled(I420Frame(width, height, i420, 0, 0), allowed.width, allowed.height)
