"""Before the first screen everything is asked of the device at once: in a browser each question is a round trip."""

import asyncio

from app.state.core.kept.device import load_preferences
from app.state.core.kept.device_choices import DeviceChoices, load_device_choices
from app.state.core.kept.preferences import Preferences


class SlowDevice:
    """Answers nobody before so many wait."""

    def __init__(self, together: int) -> None:
        self._together = together
        self._waiting = 0
        self._all_there = asyncio.Event()

    async def get(self, key: str) -> object:
        self._waiting += 1
        if self._waiting == self._together:
            self._all_there.set()
        await self._all_there.wait()
        return "dark" if key == "rendezvous.brightness" else "on" if key == "rendezvous.background_blur" else None

    async def set(self, key: str, value: str) -> object:
        return None


async def test_preferences_and_devices_take_one_round_trip() -> None:
    device, preferences, choices = SlowDevice(6 + 4), Preferences(), DeviceChoices()
    async with asyncio.timeout(4):  # less than the patience for one answer
        await asyncio.gather(load_preferences(device, preferences), load_device_choices(device, choices))
    assert (preferences.brightness, choices.blur) == ("dark", True)
