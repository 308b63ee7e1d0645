"""Frames between the one who makes them and the tile that shows them: the latest only."""

import asyncio
import threading
import time
from collections.abc import Callable

from app.call.video.convert import I420Frame, UInt8Array

WANTED_FOR_S = 1.0
"""After the last one who asked: a tile asks again within a fraction of this."""


class LatestFrame:
    """One source's latest frame. Any thread puts, any event loop waits; what nobody asked for is replaced.

    A recording hears of each by `on_frame`, and by `on_close` that there are no more, in the thread that says so.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._frame: I420Frame | None = None
        self._open = False
        self._number = 0
        self._waiters: list[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = []
        self._asked_at_s: float | None = None
        self.on_frame: Callable[[I420Frame], object] | None = None
        self.on_close: Callable[[], object] | None = None

    @property
    def count(self) -> int:
        return self._number

    @property
    def is_open(self) -> bool:
        return self._open

    def open(self) -> None:
        """Frames will come: who asks waits for one."""
        with self._lock:
            self._open = True

    def put(self, width: int, height: int, i420: UInt8Array, rotation_deg: int = 0) -> None:
        """`i420` must not be written to afterwards."""
        with self._lock:
            if not self._open:
                return
            self._number += 1
            frame = self._frame = I420Frame(width, height, i420, rotation_deg, self._number)
            waiters, self._waiters = self._waiters, []
        self._wake(waiters)
        if (on_frame := self.on_frame) is not None:
            on_frame(frame)

    def skip(self) -> None:
        """There was a newer one, and nobody wanted it: the one before is not the latest any more."""
        with self._lock:
            self._frame = None

    def close(self) -> None:
        """No frame until the next `open`: who asks or waits gets None."""
        with self._lock:
            self._open, self._frame = False, None
            waiters, self._waiters = self._waiters, []
        self._wake(waiters)
        if (on_close := self.on_close) is not None:
            on_close()

    def is_wanted(self) -> bool:
        """Whether somebody waits for a frame, or has asked within the last second; from any thread."""
        with self._lock:
            asked_s = self._asked_at_s
            return bool(self._waiters) or (asked_s is not None and time.monotonic() - asked_s < WANTED_FOR_S)

    async def next_after(self, number: int) -> I420Frame | None:
        """The newest frame if its number is above `number`, else the next one. None when there is none to come."""
        while True:
            with self._lock:
                self._asked_at_s = time.monotonic()
                if not self._open:
                    return None
                if self._frame is not None and self._frame.number > number:
                    return self._frame
                loop = asyncio.get_running_loop()
                entry = (loop, loop.create_future())
                self._waiters.append(entry)
            try:
                await entry[1]
            finally:
                with self._lock:
                    if entry in self._waiters:
                        self._waiters.remove(entry)

    @staticmethod
    def _wake(waiters: list[tuple[asyncio.AbstractEventLoop, "asyncio.Future[None]"]]) -> None:
        for loop, future in waiters:
            try:
                loop.call_soon_threadsafe(_wake_one, future)
            except RuntimeError:  # the loop of one who waited has closed
                continue


def _wake_one(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)
