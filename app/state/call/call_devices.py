"""What a person can do about their devices in a call: mute, camera, blur, another device, another try."""

from dataclasses import dataclass

from app.call.contract.devices import BlurFault, DeviceKind
from app.state.call.call_facts import CallFacts


@dataclass(eq=False)
class CallDevices(CallFacts):
    """Each deed reaches the engine; without one (before and after a call) nothing happens."""

    async def toggle_microphone(self) -> None:
        if self.engine is not None:
            await self.engine.set_microphone(not self.snapshot.microphone.enabled)

    async def talk(self, on: bool) -> None:
        """Push to talk: speaks while a key is held, and is muted again after it."""
        if self.engine is not None:
            await self.engine.set_microphone(on)

    async def toggle_camera(self) -> None:
        if self.engine is not None:
            on = not self.snapshot.camera.enabled
            if on and self.snapshot.background_blur.fault is BlurFault.NOT_INSTALLED:
                self.services.device_choices.blur = False  # it cannot be had here, and they want to be seen
            await self.engine.set_camera(on)

    async def set_background_blur(self, on: bool) -> None:
        self.services.device_choices.blur = on
        if self.engine is not None:
            await self.engine.set_background_blur(on)

    async def load_devices(self) -> None:
        """Lists again what can be chosen; each kind shows as soon as it is known."""
        engine = self.engine
        if engine is None:
            return
        for kind in DeviceKind:
            found = await engine.devices(kind)
            if found != self.devices.get(kind):
                self.devices = {**self.devices, kind: found}

    async def choose(self, kind: DeviceKind, device_id: str) -> None:
        device = next((d for d in self.devices.get(kind, []) if d.id == device_id), None)
        if device is None or self.engine is None or self.choosing is not None:
            return
        self.choosing = kind
        self.services.device_choices.note(device)
        try:
            await self.engine.choose(device)
        finally:
            self.choosing = None

    async def retry(self, kind: DeviceKind) -> None:
        if self.engine is None or self.retrying is not None:
            return
        self.retrying = kind
        try:
            await self.engine.retry(kind)
        finally:
            self.retrying = None
