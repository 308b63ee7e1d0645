"""One call into PortAudio at a time, for it is not thread-safe; but a driver that hangs in one stops no other."""

import contextlib
import threading
import time
from collections.abc import Iterator

HUNG_AFTER_S = 5.0
"""No call that comes back takes so long: starting PortAudio takes 1 s, a Bluetooth headset 3 s to open."""


class _Holder:
    def __init__(self) -> None:
        self.thread = threading.get_ident()
        self.since_s = time.perf_counter()


class DriverLock:
    """Can be taken again by the thread that has it. Who has held it for `HUNG_AFTER_S` is passed: others go on beside
    it. That is no crash waiting to happen as long as PortAudio is not restarted meanwhile (`has_hung`): what hangs is
    in the driver of one device, and what the others call belongs to theirs.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._holder: _Holder | None = None
        self._passed: set[_Holder] = set()

    @property
    def has_hung(self) -> bool:
        """Whether a call that was passed has not come back yet."""
        return bool(self._passed)

    @property
    def is_free(self) -> bool:
        """Whether nothing is in PortAudio now."""
        return self._holder is None and not self._passed

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        present = self._holder
        if present is not None and present.thread == threading.get_ident():
            yield
            return
        holder = self._take()
        try:
            yield
        finally:
            with self._changed:
                self._passed.discard(holder)
                if self._holder is holder:
                    self._holder = None
                self._changed.notify_all()

    def _take(self) -> _Holder:
        with self._changed:
            while self._holder is not None:
                left_s = self._holder.since_s + HUNG_AFTER_S - time.perf_counter()
                if left_s <= 0:
                    self._passed.add(self._holder)
                    break
                self._changed.wait(left_s)
            self._holder = _Holder()
            return self._holder
