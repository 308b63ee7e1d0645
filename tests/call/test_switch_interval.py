"""How often Python's threads change: quickly in a call, and as before when it is over."""

import sys
from types import ModuleType

import pytest

from app.call.runtime import threads
from app.call.runtime.threads import EventLoopThread


def test_threads_change_quickly_while_a_call_runs_and_as_before_after_the_last() -> None:
    before_s = sys.getswitchinterval()
    first, second = EventLoopThread("call-first"), EventLoopThread("call-second")
    assert sys.getswitchinterval() == pytest.approx(threads.SWITCH_INTERVAL_S)
    first.stop(5)
    assert sys.getswitchinterval() == pytest.approx(threads.SWITCH_INTERVAL_S)
    second.stop(5)
    assert sys.getswitchinterval() == before_s


@pytest.mark.parametrize(("system", "at_least_s"), [("win32", 0.001), ("linux", 0.0001)])
def test_on_windows_the_interval_is_a_whole_millisecond(
    monkeypatch: pytest.MonkeyPatch, system: str, at_least_s: float
) -> None:
    """SleepConditionVariableSRW takes milliseconds: less is 0, and every waiting thread spins."""
    monkeypatch.setattr(sys, "platform", system)
    source = (threads.__file__, "exec")
    again = ModuleType("threads_on_another_system")
    with open(threads.__file__, encoding="utf-8") as file:
        exec(compile(file.read(), *source), again.__dict__)
    assert at_least_s <= again.SWITCH_INTERVAL_S
    assert again.SWITCH_INTERVAL_S <= 0.001
