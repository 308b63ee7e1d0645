"""Publishes which devices fail here and what this person answered about encryption, and reads what the peer published:
attributes of the participant, which the server keeps for whoever comes later.
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
TRY_AGAIN_AFTER_S = (1.0, 2.0, 5.0, 10.0)
"""The last pause for all further."""
ATTRIBUTES = {
    DeviceKind.CAMERA: "camera_fault",
    DeviceKind.MICROPHONE: "microphone_fault",
    DeviceKind.SPEAKER: "speaker_fault",
}
"""Names on the wire; the value is a `DeviceFault`, or empty when all is well."""
ANSWER_ATTRIBUTE = "unencrypted"
"""Whether this person would go on without encryption (`ANSWERS`); empty until they have answered."""
ANSWERS = {"yes": True, "no": False}
CANNOT_ENCRYPT_ATTRIBUTE = "cannot_encrypt"
"""`yes` where a browser has no means for it; the native engine always can."""


def attributes_to_publish(snapshot: CallSnapshot) -> dict[str, str]:
    """What there is to publish: only a device that is switched on can be missed."""
    states: dict[DeviceKind, DeviceState] = {
        DeviceKind.CAMERA: snapshot.camera,
        DeviceKind.MICROPHONE: snapshot.microphone,
        DeviceKind.SPEAKER: snapshot.speaker,
    }
    faults = {name: (states[kind].fault or "") if states[kind].enabled else "" for kind, name in ATTRIBUTES.items()}
    answer = next((word for word, yes in ANSWERS.items() if yes is snapshot.unencrypted_answer), "")
    return {**faults, ANSWER_ATTRIBUTE: answer}


def parse_answer(attributes: Mapping[str, str]) -> bool | None:
    """What the peer answered about going on without encryption."""
    return ANSWERS.get(attributes.get(ANSWER_ATTRIBUTE, ""))


def parse_can_encrypt(attributes: Mapping[str, str]) -> bool:
    return attributes.get(CANNOT_ENCRYPT_ATTRIBUTE, "") != "yes"


def parse_fault(attributes: Mapping[str, str], kind: DeviceKind) -> DeviceFault | None:
    """The peer's fault of one device. A value that this version does not know counts as none."""
    value = attributes.get(ATTRIBUTES[kind], "")
    return DeviceFault(value) if value in {fault.value for fault in DeviceFault} else None


class DeviceAttributes:
    """Sends the newest values over one connection, until the server has them: one message at a time, and only what has
    changed. Lives on the media loop.
    """

    def __init__(self, start: Callable[[Coroutine[Any, Any, Any], str], Any]) -> None:
        self._start = start
        self._wanted: dict[str, str] = {}
        self._sent: dict[str, str] = {}
        self._publishing_now = False
        self._again = False

    def publish(self, room: rtc.Room, attributes: dict[str, str]) -> None:
        self._wanted = attributes
        if not self._publishing_now and room.isconnected():
            self._publishing_now = True
            self._start(self._publish(room), "publishing attributes")

    def republish(self, room: rtc.Room) -> None:
        """The server has a new participant in place of this one, without attributes yet."""
        self._again = True
        self.publish(room, self._wanted)

    def _changed(self) -> dict[str, str]:
        if self._again:
            self._sent, self._again = {}, False
        return {name: value for name, value in self._wanted.items() if self._sent.get(name, "") != value}

    async def _publish(self, room: rtc.Room) -> None:
        failures = 0
        try:
            while room.isconnected() and (changed := self._changed()):
                try:
                    await asyncio.wait_for(room.local_participant.set_attributes(changed), PUBLISH_LIMIT_S)
                    self._sent |= changed
                    failures = 0
                except Exception:  # the SDK's own are plain: no answer, a room that is reconnecting or closing
                    log.warning("the attributes were not published", exc_info=not failures)
                    await asyncio.sleep(TRY_AGAIN_AFTER_S[min(failures, len(TRY_AGAIN_AFTER_S) - 1)])
                    failures += 1
        finally:
            self._publishing_now = False
