"""One call into PortAudio at a time, and a driver that hangs stops no other."""

import threading

import pytest

from app.call.audio.driver import driver_lock
from app.call.audio.driver.driver_lock import DriverLock
from tests.waiting import eventually


class Holder:
    """Holds the lock in a thread of its own until it is let go."""

    def __init__(self, lock: DriverLock) -> None:
        self._lock = lock
        self.has_it, self.let_go = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self._hold)
        self.thread.start()

    def _hold(self) -> None:
        with self._lock.held():
            self.has_it.set()
            self.let_go.wait(30)

    def end(self) -> None:
        self.let_go.set()
        self.thread.join(10)


def test_a_second_call_waits_for_the_first() -> None:
    lock = DriverLock()
    first = Holder(lock)
    assert first.has_it.wait(5)
    second = Holder(lock)
    assert not second.has_it.wait(0.1)
    first.end()
    assert second.has_it.wait(5)
    second.end()
    assert not lock.has_hung


def test_a_call_within_a_call_does_not_wait_for_itself() -> None:
    lock = DriverLock()
    with lock.held(), lock.held():
        pass
    Holder(lock).end()


def test_a_call_that_hangs_is_passed_and_known_until_it_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver_lock, "HUNG_AFTER_S", 0.05)
    lock = DriverLock()
    hanging = Holder(lock)
    assert hanging.has_it.wait(5)
    with lock.held():
        assert lock.has_hung
    assert lock.has_hung
    third = Holder(lock)
    assert third.has_it.wait(5), "those that come later wait for nobody"
    hanging.end()
    eventually(lambda: not lock.has_hung, "it is back")
    fourth = Holder(lock)
    third.end()
    assert fourth.has_it.wait(5), "what came back late has not given the third one's turn away"
    fourth.end()
