"""Which screens of this machine can be shared, and why none can. Blocking: for threads made for it.

mss: python-mss.readthedocs.io. Wayland gives a program no picture of the screen but through the desktop's portal and
PipeWire: that it cannot be is said instead, and why (docs/decisions/0047).
"""

import ctypes
import os
import sys
from collections.abc import Mapping
from typing import Any

import mss
from mss.exception import ScreenShotError

from app.call.contract.screen import Screen, ScreenFault

CORE_GRAPHICS = "/System/Library/Frameworks/CoreGraphics.framework/CoreGraphics"


class ScreenUnavailable(Exception):
    """Why a screen gives no picture."""

    def __init__(self, fault: ScreenFault) -> None:
        super().__init__(fault)
        self.fault = fault


def open_screens() -> mss.MSS:
    """What reads the screens, for one thread, with the pointer in the picture where mss can have it (Linux). Raises
    `ScreenUnavailable`.
    """
    if sys.platform == "linux":
        if on_wayland(os.environ):
            raise ScreenUnavailable(ScreenFault.WAYLAND)
        if not os.environ.get("DISPLAY"):
            raise ScreenUnavailable(ScreenFault.NONE_THERE)
    if sys.platform == "darwin" and not _mac_allows():
        raise ScreenUnavailable(ScreenFault.REFUSED)
    try:
        return mss.MSS(with_cursor=True) if sys.platform == "linux" else mss.MSS()
    except (ScreenShotError, OSError, ImportError) as error:
        raise ScreenUnavailable(ScreenFault.NONE_THERE) from error


def on_wayland(environment: Mapping[str, str]) -> bool:
    """Whether the person's session is one of Wayland: what X11 shows there is black, or only a part."""
    return bool(environment.get("WAYLAND_DISPLAY")) or environment.get("XDG_SESSION_TYPE") == "wayland"


def list_screens() -> list[Screen]:
    """Never empty. Raises `ScreenUnavailable`."""
    with open_screens() as reader:
        found = [screen_of(number, monitor) for number, monitor in enumerate(_monitors(reader)) if number]
    if not found:
        raise ScreenUnavailable(ScreenFault.NONE_THERE)
    return found


def monitor_of(reader: mss.MSS, screen: Screen) -> dict[str, Any]:
    """Where that screen is. Raises `ScreenUnavailable` where it is not there any more, or is another by now."""
    for number, monitor in enumerate(_monitors(reader)):
        if number and screen_of(number, monitor) == screen:
            return monitor
    raise ScreenUnavailable(ScreenFault.FAILED)


def screen_of(number: int, monitor: Mapping[str, Any]) -> Screen:
    """By its place: the system's own names are missing on some."""
    place = f"{number} {monitor['left']} {monitor['top']}"
    return Screen(place, int(monitor["width"]), int(monitor["height"]))


def _monitors(reader: mss.MSS) -> list[dict[str, Any]]:
    try:
        return reader.monitors
    except (ScreenShotError, OSError) as error:
        raise ScreenUnavailable(ScreenFault.FAILED) from error


def _mac_allows() -> bool:
    """Asks the person the first time; developer.apple.com, CGRequestScreenCaptureAccess. Without permission mss gives
    the desktop's background alone.
    """
    try:
        graphics = ctypes.CDLL(CORE_GRAPHICS)
        allowed, ask = graphics.CGPreflightScreenCaptureAccess, graphics.CGRequestScreenCaptureAccess
    except (OSError, AttributeError):  # before macOS 10.15 nobody had to ask
        return True
    allowed.restype = ask.restype = ctypes.c_bool
    return bool(allowed()) or bool(ask())
