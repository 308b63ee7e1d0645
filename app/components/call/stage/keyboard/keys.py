"""What the call's keys do, and what is open over the call: a panel, the list of keys."""

from collections.abc import Callable
from dataclasses import dataclass

import flet as ft

from app.components.call.stage.full_screen import FullScreen
from app.components.call.stage.layout import corner_after, other_layout
from app.state.call.call_session import CallSession
from app.state.core.kept.preferences import Preferences

NO_PANEL, DEVICES, QUALITY, ENCRYPTION = "", "devices", "quality", "encryption"
CHAT, NOTES, TIMER, RECORD = "chat", "notes", "timer", "record"
WRITTEN_IN = (CHAT, NOTES)
AT_THE_SIDE = (CHAT, NOTES, TIMER, RECORD)
"""Tabs of one panel."""
OPENED_BY = {"q": QUALITY, "c": CHAT, "n": NOTES}


@dataclass(frozen=True)
class Overlays:
    """`panel` is the one that is open; `toggle` opens one, or closes it when it is the open one."""

    panel: str
    keys: bool
    toggle: Callable[[str], None]
    toggle_keys: Callable[[], None]
    close: Callable[[], None]

    @property
    def anything(self) -> bool:
        return self.panel != NO_PANEL or self.keys


def use_overlays(call: CallSession) -> Overlays:
    """Nothing is open at first."""
    page = ft.context.page
    panel, set_panel = ft.use_state(NO_PANEL)
    keys, set_keys = ft.use_state(False)

    def toggle(which: str) -> None:
        set_panel(lambda now: NO_PANEL if now == which else which)
        if which == DEVICES:
            page.run_task(call.load_devices)

    def close() -> None:
        set_panel(NO_PANEL)
        set_keys(False)

    return Overlays(panel, keys, toggle, lambda: set_keys(lambda now: not now), close)


def toggle_layout(preferences: Preferences) -> None:
    """One large, or both side by side."""
    preferences.call_layout = other_layout(preferences.call_layout)


def on_call_key(
    e: ft.KeyboardEvent,
    call: CallSession,
    page: ft.Page,
    overlays: Overlays,
    full: FullScreen,
    on_screen_key: Callable[[str], bool],
) -> None:
    """Escape closes what is open, then leaves the full screen; in the device panel keys belong to its menus, and in the
    chat and the notes to what is written. `on_screen_key`: whether a shared screen took the key.
    """
    preferences = call.services.preferences
    if e.key == "Escape":
        if full.on and not overlays.anything:
            full.toggle()
        overlays.close()
    elif _asks_for_keys(e) and overlays.panel not in WRITTEN_IN:
        overlays.toggle_keys()
    elif e.ctrl or e.alt or e.meta or overlays.panel in (DEVICES, *WRITTEN_IN):
        return
    elif on_screen_key(e.key):
        pass  # it moves or zooms the screen that the other shares
    elif e.key.startswith("Arrow"):
        preferences.call_inset = corner_after(preferences.call_inset, e.key)
    else:
        _letter(e.key.lower(), call, page, overlays, full)


def _letter(key: str, call: CallSession, page: ft.Page, overlays: Overlays, full: FullScreen) -> None:
    match key:
        case "m":
            page.run_task(call.toggle_microphone)
        case "v":
            page.run_task(call.toggle_camera)
        case "s":
            page.run_task(call.toggle_screen)
        case "q" | "c" | "n":
            overlays.toggle(OPENED_BY[key])
        case "t" if call.is_professional:
            overlays.toggle(TIMER)
        case "r" if call.can_record:
            overlays.toggle(RECORD)
        case "l":
            toggle_layout(call.services.preferences)
        case "f":
            full.toggle()


def _asks_for_keys(e: ft.KeyboardEvent) -> bool:
    """The question mark, which some clients name by its key and Shift."""
    return e.key == "?" or (e.key == "/" and e.shift)
