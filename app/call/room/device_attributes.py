"""Publishes which devices fail here, and reads what the peer published: attributes of the participant, which the server
keeps for whoever comes later.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from livekit import rtc

from app.call.contract.call_state import CallSnapshot
from app.call.contract.devices import DeviceFault, DeviceKind, DeviceState

log = logging.getLogger(__name__)

PUBLISH_LIMIT_S = 10.0
ATTRIBUTES = {
    DeviceKind.CAMERA: "camera_fault",
    DeviceKind.MICROPHONE: "microphone_fault",
    DeviceKind.SPEAKER: "speaker_fault",
}
"""Names on the wire; the value is a `DeviceFault`, or empty when all is well."""


def faults_to_publish(snapshot: CallSnapshot) -> dict[str, str]:
    """What there is to publish: only a device that is switched on can be missed."""
    states: dict[DeviceKind, DeviceState] = {
        DeviceKind.CAMERA: snapshot.camera,
        DeviceKind.MICROPHONE: snapshot.microphone,
        DeviceKind.SPEAKER: snapshot.speaker,
    }
    return {name: (states[kind].fault or "") if states[kind].enabled else "" for kind, name in ATTRIBUTES.items()}


def parse_fault(attributes: Mapping[str, str], kind: DeviceKind) -> DeviceFault | None:
    """The peer's fault of one device. A value that this version does not know counts as none."""
    value = attributes.get(ATTRIBUTES[kind], "")
    return DeviceFault(value) if value in {fault.value for fault in DeviceFault} else None


class DeviceAttributes:
    """Sends the newest values, one message at a time, and only what has changed. Lives on the media loop."""

    def __init__(self, start: Callable[[Coroutine[Any, Any, Any], str], Any]) -> None:
        self._start = start
        self._faults: dict[str, str] = {}
        self._sent: dict[str, str] = dict.fromkeys(ATTRIBUTES.values(), "")
        self._publishing_now = False
        self._again = False

    def publish(self, room: rtc.Room, faults: dict[str, str]) -> None:
        self._faults = faults
        if not self._publishing_now and room.isconnected():
            self._publishing_now = True
            self._start(self._publish(room), "publishing device faults")

    def republish(self, room: rtc.Room) -> None:
        """The server has a new participant in place of this one, without attributes yet."""
        self._again = True
        self.publish(room, self._faults)

    def _changed(self) -> dict[str, str]:
        if self._again:
            self._sent, self._again = dict.fromkeys(ATTRIBUTES.values(), ""), False
        return {name: value for name, value in self._faults.items() if self._sent[name] != value}

    async def _publish(self, room: rtc.Room) -> None:
        try:
            while changed := self._changed():
                await asyncio.wait_for(room.local_participant.set_attributes(changed), PUBLISH_LIMIT_S)
                self._sent |= changed
        except Exception:  # the SDK's own are plain: a token without the right, a room that is closing, no answer
            log.warning("a device's fault was not published", exc_info=True)
        finally:
            self._publishing_now = False
