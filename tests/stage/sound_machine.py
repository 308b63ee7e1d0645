"""Microphone and speaker over `tests.fakes.sounddevice`, opened and polled as a call does."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from app.call.audio.audio_device import AudioDevice
from app.call.contract.devices import DeviceKind
from app.call.runtime.device_permission import Access, Capability


class Permission:
    answer = Access.GRANTED

    def access(self, capability: Capability) -> Access:
        return self.answer

    def request(self, capability: Capability) -> None: ...


def nothing(*_: object) -> None: ...


def make(kind: DeviceKind, permission: Permission | None = None) -> AudioDevice:
    return AudioDevice(kind, nothing, permission or Permission(), nothing, nothing, lambda: 10.0)


@contextlib.asynccontextmanager
async def both(*devices: AudioDevice) -> AsyncIterator[tuple[AudioDevice, ...]]:
    """Opened, and polled as a call does, each by itself."""

    async def polls(device: AudioDevice) -> None:
        while True:
            await device.check()
            await asyncio.sleep(0.02)

    await asyncio.gather(*(device.open() for device in devices))
    polling = [asyncio.ensure_future(polls(device)) for device in devices]
    try:
        yield devices
    finally:
        for each in polling:
            each.cancel()
        await asyncio.gather(*(device.close() for device in devices))
        for device in devices:
            device.end_worker()
