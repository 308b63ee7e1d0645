"""Frames between the one who makes them and the tile that shows them: the latest only."""

import asyncio
import threading
import time

from app.call.video.convert import Bytes, Picture


class NewestPicture:
    """One source's newest picture. Any thread puts, any event loop waits; what nobody asked for is replaced."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._picture: Picture | None = None
        self._expected = False
        self._number = 0
        self._waiters: list[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = []
        self.last_at = 0.0
        """When the last picture came, on the monotonic clock, in seconds."""

    @property
    def count(self) -> int:
        return self._number

    @property
    def expected(self) -> bool:
        return self._expected

    def expect(self) -> None:
        """Pictures will come: who asks waits for one."""
        with self._lock:
            self._expected = True
            self.last_at = time.monotonic()

    def put(self, width: int, height: int, i420: Bytes, rotation_deg: int = 0) -> None:
        """`i420` must not be written to afterwards."""
        with self._lock:
            if not self._expected:
                return
            self._number += 1
            self._picture = Picture(width, height, i420, rotation_deg, self._number)
            self.last_at = time.monotonic()
            waiters, self._waiters = self._waiters, []
        self._wake(waiters)

    def clear(self) -> None:
        """No picture until the next `expect`: who asks or waits gets None."""
        with self._lock:
            self._expected, self._picture = False, None
            waiters, self._waiters = self._waiters, []
        self._wake(waiters)

    async def after(self, number: int) -> Picture | None:
        """The newest picture if its number is above `number`, else the next one. None when there is none to come."""
        while True:
            with self._lock:
                if not self._expected:
                    return None
                if self._picture is not None and self._picture.number > number:
                    return self._picture
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
