"""The window opens as large as it was left. Where it opens is up to the system, which knows the screens."""

import re
from dataclasses import dataclass

import flet as ft

from app.components.frame.window_events import WindowEvents
from app.desktop.device_file import DeviceFile
from app.state.core.kept.device import write_text

KEY = "rendezvous.window"
LEAST = (380, 600)
MOST = 10_000
SAVED = re.compile(r"(\d{1,5})x(\d{1,5})( maximised)?")
MEANS_SIZE = (
    ft.WindowEventType.RESIZED,
    ft.WindowEventType.MAXIMIZE,
    ft.WindowEventType.UNMAXIMIZE,
    ft.WindowEventType.RESTORE,
)


@dataclass(frozen=True)
class WindowSize:
    """In logical pixels; `maximised` keeps the size that it goes back to."""

    width: int
    height: int
    maximised: bool = False

    @property
    def words(self) -> str:
        return f"{self.width}x{self.height}{' maximised' if self.maximised else ''}"


def size_of(words: str) -> WindowSize | None:
    """What was kept; None when it is nothing, or not ours, or no size for a window."""
    found = SAVED.fullmatch(words)
    if found is None:
        return None
    size = WindowSize(int(found[1]), int(found[2]), bool(found[3]))
    fits = LEAST[0] <= size.width <= MOST and LEAST[1] <= size.height <= MOST
    return size if fits else None


def remember_size(page: ft.Page, events: WindowEvents, kept: DeviceFile) -> None:
    """Gives the window its last size before it is shown, and keeps each one that the person gives it."""
    window = page.window
    window.min_width, window.min_height = LEAST
    last = size_of(kept.read(KEY))
    if last is not None:
        window.width, window.height, window.maximized = last.width, last.height, last.maximised

    async def on_event(kind: ft.WindowEventType) -> None:
        nonlocal last
        if kind not in MEANS_SIZE or window.full_screen or window.minimized:
            return
        if window.maximized:
            last = WindowSize(last.width, last.height, True) if last else None
        elif window.width and window.height:
            last = WindowSize(round(window.width), round(window.height))
        if last is not None:
            await write_text(kept, KEY, last.words)

    events.add_handler(on_event)
