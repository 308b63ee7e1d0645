"""Tells the other side which devices fail here, and reads what they tell: attributes of the participant, which the
server keeps for whoever comes later.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from livekit import rtc

from app.call.contract.call_state import CallSnapshot
from app.call.contract.devices import DeviceFault, DeviceKind, DeviceState

log = logging.getLogger(__name__)

TELLING_LIMIT_S = 10.0
ATTRIBUTES = {
    DeviceKind.CAMERA: "camera_fault",
    DeviceKind.MICROPHONE: "microphone_fault",
    DeviceKind.SPEAKER: "speaker_fault",
}
"""Names on the wire; the value is a `DeviceFault`, or empty when all is well."""


def noted_faults(snapshot: CallSnapshot) -> dict[str, str]:
    """What there is to tell: only a device that is wanted can be missed."""
    states: dict[DeviceKind, DeviceState] = {
        DeviceKind.CAMERA: snapshot.camera,
        DeviceKind.MICROPHONE: snapshot.microphone,
        DeviceKind.SPEAKER: snapshot.speaker,
    }
    return {name: (states[kind].fault or "") if states[kind].wanted else "" for kind, name in ATTRIBUTES.items()}


def fault_told(attributes: Mapping[str, str], kind: DeviceKind) -> DeviceFault | None:
    """What the other says of one device. A word that this version does not know counts as nothing."""
    said = attributes.get(ATTRIBUTES[kind], "")
    return DeviceFault(said) if said in {fault.value for fault in DeviceFault} else None


class DeviceNotes:
    """Sends the newest notes, one at a time, and only what has changed. Lives on the media loop."""

    def __init__(self, start: Callable[[Coroutine[Any, Any, Any], str], Any]) -> None:
        self._start = start
        self._wanted: dict[str, str] = {}
        self._told: dict[str, str] = dict.fromkeys(ATTRIBUTES.values(), "")
        self._telling = False
        self._again = False

    def show(self, room: rtc.Room, faults: dict[str, str]) -> None:
        self._wanted = faults
        if not self._telling and room.isconnected():
            self._telling = True
            self._start(self._tell(room), "telling of devices")

    def tell_again(self, room: rtc.Room) -> None:
        """The server has a new participant in place of this one, who has told nothing yet."""
        self._again = True
        self.show(room, self._wanted)

    def _changed(self) -> dict[str, str]:
        if self._again:
            self._told, self._again = dict.fromkeys(ATTRIBUTES.values(), ""), False
        return {name: said for name, said in self._wanted.items() if self._told[name] != said}

    async def _tell(self, room: rtc.Room) -> None:
        try:
            while changed := self._changed():
                await asyncio.wait_for(room.local_participant.set_attributes(changed), TELLING_LIMIT_S)
                self._told |= changed
        except Exception:  # the SDK's own are plain: a token without the right, a room that is closing, no answer
            log.warning("the other side was not told of a device", exc_info=True)
        finally:
            self._telling = False
