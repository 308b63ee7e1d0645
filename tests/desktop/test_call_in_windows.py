"""Two people at two real windows, in a real call, from signing in by keyboard to every way in which a window ends.

What this shows and what it does not is in README.md beside this file: the client is 0.82.2 behind a bridge, not 1.0.5.
Times are measured and printed; what is asserted is what is seen, for a busy machine is slow.
"""

import os
import signal
import time
from collections import Counter

import pytest

from tests.desktop.conftest import Desktop
from tests.desktop.translation import RAW
from tests.desktop.window import Window
from tests.waiting import eventually

pytestmark = pytest.mark.timeout(600)  # a whole journey on a busy machine; each step has its own limit

NORA, SAM = "Nora Lindqvist", "Sam Okafor"


def enter_the_call(person: Window, first_name: str) -> None:
    """From the sign-in screen to the room."""
    person.tap(f"Sign in as {first_name}")
    person.tap("Start")
    person.tap("Join")


def both_in_a_call(desktop: Desktop, test: str) -> tuple[Window, Window]:
    nora, sam = desktop.open(f"nora-{test}"), desktop.open(f"sam-{test}")
    enter_the_call(nora, "Nora")
    enter_the_call(sam, "Sam")
    nora.sees(f"Video of {SAM}, live")
    sam.sees(f"Video of {NORA}, live")
    return nora, sam


def left_and_ended(leaving: Window, other: Window, who: str, how: str) -> None:
    """The other person reads it, and nothing of the window is left."""
    began = time.monotonic()
    other.sees(f"{who} has left")
    told = time.monotonic() - began
    eventually(leaving.ended, "the app and its window have ended")
    print(f"{how}: the other was told after {told:.1f} s, nothing was left after {time.monotonic() - began:.1f} s")


def more_frames(person: Window, than: Counter[int]) -> Counter[int]:
    """What has come since, once there is something."""
    return eventually(lambda: person.frames() - than if (person.frames() - than).total() > 4 else None, "frames come")


def test_signing_in_by_keyboard_leads_to_a_call_whose_frames_are_raw_pixels_through_every_render(
    desktop: Desktop,
) -> None:
    nora, sam = desktop.open("nora-keyboard"), desktop.open("sam-keyboard")
    account = desktop.product.person("professional")
    sam.sees("Sign in as Sam")  # a window that comes takes the keyboard
    nora.sees("Sign in as Nora")  # the e-mail's field has the focus by itself
    nora.type(account["email"])
    nora.press("Tab")
    nora.type(account["password"])
    nora.press("Return")
    nora.sees("Next session")
    nora.press("Return")  # Start has the focus
    nora.tap("Join")
    enter_the_call(sam, "Sam")
    nora.sees(f"Video of {SAM}, live")
    sam.sees(f"Video of {NORA}, live")

    seen = nora.frames()
    for keys in ("l", "l", "m", "q", "Escape", "v"):  # each draws the screen again
        nora.press(keys)
        seen = seen + more_frames(nora, seen)
    assert set(seen) == {RAW}, seen
    assert set(sam.frames()) == {RAW}


def test_closing_the_window_in_a_call_asks_and_then_leaves(desktop: Desktop) -> None:
    nora, sam = both_in_a_call(desktop, "close")
    sam.ask_to_close()
    sam.sees("Leave the call?")
    sam.tap("Stay")
    sam.sees_no("Leave the call?")
    nora.sees(f"Video of {SAM}, live")
    sam.ask_to_close()
    sam.sees("Leave the call?")
    sam.tap("Leave")
    left_and_ended(sam, nora, SAM, "closing the window")
    nora.tap("End call")
    nora.sees("You were together for")
    nora.ask_to_close()  # nothing is asked any more
    eventually(nora.ended, "the window is closed")


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_a_signal_in_a_call_leaves_it_as_hanging_up_does(desktop: Desktop, name: str) -> None:
    nora, sam = both_in_a_call(desktop, name.lower())
    os.kill(sam.app_pid, signal.Signals[name])
    left_and_ended(sam, nora, SAM, name)


def test_a_window_does_not_outlive_an_app_that_is_killed(desktop: Desktop) -> None:
    nora = desktop.open("nora-killed")
    nora.sees("Sign in as Nora")
    os.kill(nora.app_pid, signal.SIGKILL)
    eventually(nora.ended, "the window is gone")


def test_a_window_that_hangs_does_not_keep_the_app_from_ending(desktop: Desktop) -> None:
    nora = desktop.open("nora-hangs")
    nora.sees("Sign in as Nora")
    os.kill(nora.client_pid, signal.SIGSTOP)
    began = time.monotonic()
    os.kill(nora.app_pid, signal.SIGTERM)
    eventually(nora.ended, "both have ended")
    print(f"a window that hangs: nothing was left after {time.monotonic() - began:.1f} s")
