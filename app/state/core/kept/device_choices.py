"""Which camera, microphone and speaker this person chose on this machine, from one call to the next."""

import json
from dataclasses import dataclass, field

import flet as ft

from app.call.contract.call_state import CallSnapshot
from app.call.contract.devices import TEST_PATTERN, Device, DeviceFault, DeviceKind
from app.call.contract.engine import CallEngine
from app.state.core.kept.device import DeviceStore, read_texts, write_text

KEY = "rendezvous.device."
BLUR_KEY = "rendezvous.background_blur"


@ft.observable
@dataclass(eq=False)
class DeviceChoices:
    """`fixed` are the kinds that the environment decides for this program (RENDEZVOUS_CAMERA): a choice of these holds
    for one call only.
    """

    fixed: frozenset[DeviceKind] = frozenset()
    chosen: dict[DeviceKind, Device] = field(default_factory=dict)
    blur: bool = False  # the background behind the person

    def note(self, device: Device) -> None:
        """The person has chosen this one."""
        if device.kind not in self.fixed:
            self.chosen = {**self.chosen, device.kind: device}

    async def bring_back(self, engine: CallEngine) -> None:
        """Tells a fresh engine, before it opens anything, what was chosen last."""
        if self.blur:
            await engine.set_background_blur(True)
        for device in self.chosen.values():
            await engine.choose(device)

    async def make_do(self, engine: CallEngine) -> None:
        """What was chosen and is not connected today gives way to the first of its kind, which is said; the choice is
        kept. A person who is not seen is not replaced by the test pattern.
        """
        snapshot = engine.snapshot()
        states = {
            DeviceKind.CAMERA: snapshot.camera,
            DeviceKind.MICROPHONE: snapshot.microphone,
            DeviceKind.SPEAKER: snapshot.speaker,
        }
        for kind, wanted in self.chosen.items():
            state = states[kind]
            if state.chosen == wanted and state.fault is DeviceFault.MISSING:
                others = [each for each in await engine.devices(kind) if each not in (wanted, TEST_PATTERN)]
                if others:
                    await engine.choose(others[0], instead_of=wanted)


async def repeat_choices(engine: CallEngine, former: CallSnapshot) -> None:
    """Gives an engine that has opened nothing yet all that was wanted of the one before."""
    await engine.set_microphone(former.microphone.enabled)
    await engine.set_camera(former.camera.enabled)
    for state in (former.camera, former.microphone, former.speaker):
        if state.chosen is not None:
            await engine.choose(state.chosen)
    await engine.set_background_blur(former.background_blur.enabled)  # last: if it fails, the camera stays off


async def load_device_choices(store: DeviceStore, choices: DeviceChoices) -> None:
    """Takes up what was chosen last time on this machine."""
    kinds = tuple(DeviceKind)
    *kept, blur = await read_texts(store, [*(KEY + kind.value for kind in kinds), BLUR_KEY])
    for kind, text in zip(kinds, kept, strict=True):
        if device := _read(kind, text):
            choices.note(device)
    choices.blur = blur == "on"


async def save_device_choices(store: DeviceStore, choices: DeviceChoices) -> None:
    """Keeps what is chosen for the next start on this machine."""
    for device in choices.chosen.values():
        await write_text(store, KEY + device.kind.value, json.dumps([device.id, device.label]))
    await write_text(store, BLUR_KEY, "on" if choices.blur else "off")


def _read(kind: DeviceKind, kept: str) -> Device | None:
    try:
        device_id, label = json.loads(kept)
    except (ValueError, TypeError):  # nothing, or not ours
        return None
    if not isinstance(device_id, str) or not isinstance(label, str):
        return None
    if kind is DeviceKind.CAMERA and device_id.isdecimal():  # of an older version: a number, another camera's today
        return None
    return Device(kind, device_id, label)
