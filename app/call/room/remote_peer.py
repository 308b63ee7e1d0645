"""What is known of the other participant, and how far they are away."""

import asyncio
from collections.abc import Callable
from enum import StrEnum

from livekit import rtc

from app.call.contract.call_state import OtherSide
from app.call.contract.devices import DeviceKind
from app.call.room.device_attributes import fault_told


class Presence(StrEnum):
    ABSENT = "absent"  # not come yet, or gone for good
    HERE = "here"
    AWAY = "away"  # vanished without a goodbye; the grace is running


SAID_GOODBYE = rtc.DisconnectReason.USER_UNAVAILABLE
"""What an engine that leaves on purpose gives as its reason, and the server hands on. A full reconnect of the SDK gives
CLIENT_INITIATED, and a process that dies gives none, so these can be told from a person who pressed End.
"""

VISIT = "visit"
"""The attribute that the backend gives each token: another value each time that somebody is let in."""


class Other:
    """Follows the first other person in the room; recorders and agents are not persons. Lives on the media loop."""

    def __init__(self, grace_s: float, on_grace_ended: Callable[[], None]) -> None:
        self.known: OtherSide | None = None
        self.presence = Presence.ABSENT
        self._grace_s = grace_s
        self._on_grace_ended = on_grace_ended
        self._grace: asyncio.TimerHandle | None = None
        self.grace_spent = False
        """They have been away for the whole grace, though the server still counted them in."""
        self._departed: frozenset[str] = frozenset()

    def find(self, room: rtc.Room) -> "rtc.RemoteParticipant | None":
        persons = [
            each for each in room.remote_participants.values() if is_person(each) and not self.has_departed(each)
        ]
        mine = [each for each in persons if self.known and each.identity == self.known.identity]
        return next(iter((*mine, *persons)), None)

    def is_here(self, participant: "rtc.RemoteParticipant", speaking: bool = False) -> None:
        """They are in the room, with what they publish now."""
        self._end_grace()
        self.presence = Presence.HERE
        attributes = participant.attributes
        self.known = OtherSide(
            identity=participant.identity,
            name=participant.name or participant.identity,
            microphone_on=_sends(participant, rtc.TrackSource.SOURCE_MICROPHONE),
            camera_on=_sends(participant, rtc.TrackSource.SOURCE_CAMERA),
            speaking=speaking,
            camera_fault=fault_told(attributes, DeviceKind.CAMERA),
            microphone_fault=fault_told(attributes, DeviceKind.MICROPHONE),
            speaker_fault=fault_told(attributes, DeviceKind.SPEAKER),
        )

    def vanished(self) -> None:
        """Starts the grace, unless it is running already."""
        self.presence = Presence.AWAY
        if self._grace is None and not self.grace_spent:
            self._grace = asyncio.get_running_loop().call_later(self._grace_s, self._over)

    def is_gone(self) -> None:
        self._end_grace()
        self.presence = Presence.ABSENT
        if self.known is not None:
            self.known = OtherSide(self.known.identity, self.known.name)

    def departs(self, visit: frozenset[str]) -> None:
        """They said goodbye: what is still heard of this visit of theirs does not bring them back, not even another
        connection of it, which the SDK can make while it is being closed. With another token they are welcome.
        """
        self._departed = visit

    def has_departed(self, participant: "rtc.Participant") -> bool:
        return not self._departed.isdisjoint(visit_of(participant))

    def _over(self) -> None:
        self._grace, self.grace_spent = None, True
        self._on_grace_ended()

    def _end_grace(self) -> None:
        self.grace_spent = False
        if self._grace is not None:
            self._grace.cancel()
            self._grace = None

    def close(self) -> None:
        self._end_grace()


def visit_of(participant: "rtc.Participant") -> frozenset[str]:
    """What tells this visit from every other: of this connection, and of the token, which outlives it."""
    return frozenset({participant.sid, participant.attributes.get(VISIT, "")} - {""})


def is_person(participant: "rtc.Participant") -> bool:
    return participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD


def _sends(participant: "rtc.RemoteParticipant", source: int) -> bool:
    return any(each.source == source and not each.muted for each in participant.track_publications.values())
