"""What is known of the device in front of the person: its time zone, and how they like the app to look on it."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Protocol
from zoneinfo import ZoneInfo

from app.call.contract.devices import AudioBackend
from app.state.core.kept.drafts import LARGEST_UNSAVED, Drafts
from app.state.core.kept.preferences import BRIGHTNESSES, CALL_LAYOUTS, INSET_CORNERS, TEXT_SCALES, Preferences
from app.state.core.region import Region, region_of
from app.state.core.wall_time import zone_or

ZONE_KEY = "rendezvous.device_zone"  # written by assets/web/start.js
REGION_KEY = "rendezvous.device_region"  # the same
BRIGHTNESS_KEY = "rendezvous.brightness"
TEXT_SIZE_KEY = "rendezvous.text_size"
CALL_LAYOUT_KEY = "rendezvous.call_layout"
CALL_INSET_KEY = "rendezvous.call_inset"
SOUND_KEY = "rendezvous.call_sound"
NOTICES_KEY = "rendezvous.notices"
SERVER_KEY = "rendezvous.server"
RECORDING_FOLDER_KEY = "rendezvous.recording_folder"
UTC = ZoneInfo("UTC")
UNSAVED_KEY = "rendezvous.unsaved"
PATIENCE_S = 5.0


class DeviceStore(Protocol):
    """A few words kept on the device (Flet's SharedPreferences)."""

    async def get(self, key: str) -> object: ...

    async def set(self, key: str, value: str) -> object: ...


async def read_text(store: DeviceStore, key: str) -> str:
    """What the device keeps under `key`; empty when it keeps nothing or does not answer in time."""
    try:
        value = await asyncio.wait_for(store.get(key), PATIENCE_S)
    except (TimeoutError, RuntimeError, OSError):  # RuntimeError: Flet's word for a refusal by the client
        return ""
    return value if isinstance(value, str) else ""


async def read_texts(store: DeviceStore, keys: Iterable[str]) -> list[str]:
    """The same of several at once: in a browser each is a way to the device and back."""
    return await asyncio.gather(*(read_text(store, key) for key in keys))


async def write_text(store: DeviceStore, key: str, value: str) -> None:
    """Keeps a word on the device if it can be kept."""
    try:
        await asyncio.wait_for(store.set(key, value), PATIENCE_S)
    except (TimeoutError, RuntimeError, OSError):
        return


async def load_unsaved(store: DeviceStore, start: Callable[..., object]) -> Drafts:
    """What the backend did not have yet when the app was last open; `start` runs a coroutine function."""

    def keep(text: str) -> None:
        start(write_text, store, UNSAVED_KEY, text)

    return Drafts(await read_text(store, UNSAVED_KEY), keep, LARGEST_UNSAVED)


async def browser_zone(store: DeviceStore) -> ZoneInfo | None:
    """The browser's own zone; None when the page could not leave it."""
    name = await read_text(store, ZONE_KEY)
    zone = zone_or(name, UTC) if name else None
    return zone if zone and str(zone) == name else None


async def browser_region(store: DeviceStore) -> Region:
    """The browser's own clock and week: its locale, and "h12" or "h23" where it tells its clock."""
    locale, _, clock = (await read_text(store, REGION_KEY)).partition(" ")
    return region_of(locale, clock.startswith("h2") if clock else None)


def machine_zone() -> ZoneInfo | None:
    """This machine's own zone; None when it has no name."""
    try:
        from tzlocal import get_localzone_name
    except ImportError:  # phones: the account's zone is used
        return None
    name = get_localzone_name()
    return zone_or(name, UTC) if name else None


async def load_preferences(store: DeviceStore, preferences: Preferences) -> None:
    """Takes up how the app looked, and how calls were to sound, last time on this device."""
    keys = (BRIGHTNESS_KEY, TEXT_SIZE_KEY, CALL_LAYOUT_KEY, CALL_INSET_KEY, SOUND_KEY, NOTICES_KEY)
    brightness, text_size, layout, inset, sound, notices = await read_texts(store, keys)
    if brightness in BRIGHTNESSES:
        preferences.brightness = brightness
    if text_size in TEXT_SCALES:
        preferences.text_size = text_size
    if layout in CALL_LAYOUTS:
        preferences.call_layout = layout
    if inset in INSET_CORNERS:
        preferences.call_inset = inset
    if sound in set(AudioBackend):
        preferences.sound = sound
    if notices in ("on", "off"):
        preferences.notices = notices
    preferences.server, preferences.recording_folder = await read_texts(store, (SERVER_KEY, RECORDING_FOLDER_KEY))


async def save_preferences(store: DeviceStore, preferences: Preferences) -> None:
    """Keeps the preferences for the next start on this device."""
    await write_text(store, BRIGHTNESS_KEY, preferences.brightness)
    await write_text(store, TEXT_SIZE_KEY, preferences.text_size)
    await write_text(store, CALL_LAYOUT_KEY, preferences.call_layout)
    await write_text(store, CALL_INSET_KEY, preferences.call_inset)
    await write_text(store, SOUND_KEY, preferences.sound)
    await write_text(store, NOTICES_KEY, preferences.notices)
    await write_text(store, SERVER_KEY, preferences.server)
    await write_text(store, RECORDING_FOLDER_KEY, preferences.recording_folder)
