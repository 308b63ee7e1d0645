"""What a person can do about their devices in a call: mute, camera, blur, another device, another try."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from app.call.contract.devices import BlurFault, DeviceKind
from app.state.call.call_facts import CallFacts


@dataclass(eq=False)
class CallDevices(CallFacts):
    """Each deed reaches the engine; without one (before and after a call) nothing happens."""

    async def toggle_microphone(self) -> None:
        engine, kind = self.engine, DeviceKind.MICROPHONE
        if engine is not None:
            await self._switch(kind, not self._is_wanted(kind, self.snapshot.microphone.enabled), engine.set_microphone)

    async def talk(self, on: bool) -> None:
        """Push to talk: speaks while a key is held, and is muted again after it."""
        if self.engine is not None:
            await self._switch(DeviceKind.MICROPHONE, on, self.engine.set_microphone)

    async def toggle_camera(self) -> None:
        engine, kind = self.engine, DeviceKind.CAMERA
        if engine is not None:
            on = not self._is_wanted(kind, self.snapshot.camera.enabled)
            if on and self.snapshot.background_blur.fault is BlurFault.NOT_INSTALLED:
                self.services.device_choices.blur = False  # it cannot be had here, and they want to be seen
            await self._switch(kind, on, engine.set_camera)

    def _is_wanted(self, kind: DeviceKind, enabled: bool) -> bool:
        """On or off as the person last asked for it, until the snapshot (`enabled`) can have followed."""
        return self._wanted[kind][1] if kind in self._wanted else enabled

    async def _switch(self, kind: DeviceKind, on: bool, set_on: Callable[[bool], Awaitable[None]]) -> None:
        """Two presses before the snapshot returns are two toggles, not the same one twice."""
        self._switches += 1
        wanted = self._wanted[kind] = self._switches, on
        try:
            await set_on(on)
        finally:
            self.post(lambda: self._let_go_of(kind, wanted))  # after the snapshot, which comes by the same way

    def _let_go_of(self, kind: DeviceKind, wanted: tuple[int, bool]) -> None:
        if self._wanted.get(kind) == wanted:
            del self._wanted[kind]

    async def set_background_blur(self, on: bool) -> None:
        self.services.device_choices.blur = on
        if self.engine is not None:
            await self.engine.set_background_blur(on)

    async def answer_unencrypted(self, goes_on_without: bool) -> None:
        """Whether this person would go on without encryption, where one side cannot have it."""
        if self.engine is not None:
            await self.engine.answer_unencrypted(goes_on_without)

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
