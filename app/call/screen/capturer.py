"""One screen that is shared, read in a thread of its own: a driver that hangs holds up nothing else."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import mss
import numpy as np

from app.call.contract.screen import SCREEN_HEIGHT, SCREEN_RATE_HZ, SCREEN_WIDTH, Screen, ScreenFault
from app.call.runtime.thread_priority import lower_priority
from app.call.screen.screens import ScreenUnavailable, monitor_of, open_screens
from app.call.video.convert import UInt8Array, bgra_to_i420

log = logging.getLogger(__name__)

PERIOD_S = 1 / SCREEN_RATE_HZ
STILL_EVERY_S = 1.0
"""What does not change is sent again so often: the encoder sharpens it, and who has just come sees it."""


class ScreenSink(Protocol):
    """Where frames go. Both methods are called in the capture's thread."""

    def wants_frame(self) -> bool:
        """Whether the next frame would be used."""
        ...

    def send_frame(self, width: int, height: int, i420: UInt8Array) -> None:
        """Width, height and flat I420 of one frame."""
        ...


class ScreenCapturer:
    """Reads `screen` until stopped, 15 times a second at most, and hands what has changed to the `sinks` of the moment.
    `on_change` is called in the capture's thread: with the first frame, and when it fails.
    """

    def __init__(
        self, screen: Screen, sinks: Callable[[], Sequence[ScreenSink]], on_change: Callable[[], None]
    ) -> None:
        self.began = False
        self.failure: ScreenFault | None = None
        self._screen = screen
        self._sinks = sinks
        self._on_change = on_change
        self._stop = threading.Event()
        self._delivering = threading.Lock()
        self._before: UInt8Array | None = None
        self._sent_at_s = 0.0
        self._sent_to: list[ScreenSink] = []
        threading.Thread(target=self._run, name="call-screen", daemon=True).start()

    def stop(self) -> None:
        """No frame is delivered after this returns."""
        with self._delivering:
            self._stop.set()

    def _run(self) -> None:
        lower_priority()
        try:
            with open_screens() as reader:
                monitor = monitor_of(reader, self._screen)
                while not self._stop.is_set():
                    began_s = time.monotonic()
                    self._read(reader, monitor)
                    self._stop.wait(max(0.0, PERIOD_S - (time.monotonic() - began_s)))
        except ScreenUnavailable as unavailable:
            self._fail(unavailable.fault)
        except Exception:  # mss and the system's libraries raise whatever they like; the call goes on without a screen
            log.exception("reading the screen failed")
            self._fail(ScreenFault.FAILED)

    def _read(self, reader: mss.MSS, monitor: dict[str, Any]) -> None:
        takers = [sink for sink in self._sinks() if sink.wants_frame()]
        if self.began and not takers:
            self._before = None  # so that the next one that is wanted goes out whatever it shows
            return
        shot = reader.grab(monitor)
        image = np.frombuffer(shot.raw, np.uint8).reshape(shot.height, shot.width, 4)
        if self._is_news(image, takers) and takers:
            converted = bgra_to_i420(image, SCREEN_WIDTH, SCREEN_HEIGHT)
            with self._delivering:
                for sink in takers if not self._stop.is_set() else ():
                    sink.send_frame(*converted)
        if not self.began:
            self.began = True
            self._on_change()

    def _is_news(self, image: UInt8Array, takers: list[ScreenSink]) -> bool:
        """Whether it differs from what was sent last to the same, or that is long ago."""
        now_s = time.monotonic()
        due = now_s - self._sent_at_s >= STILL_EVERY_S or takers != self._sent_to
        if not due and self._before is not None and np.array_equal(image, self._before):
            return False
        self._before, self._sent_at_s, self._sent_to = image, now_s, takers
        return True

    def _fail(self, fault: ScreenFault) -> None:
        self.failure = fault
        if not self._stop.is_set():
            self._on_change()
