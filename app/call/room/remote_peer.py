"""What is known of the remote participant, and how far they are away."""

import asyncio
from collections.abc import Callable
from enum import StrEnum

from livekit import rtc

from app.call.contract.call_state import RemotePeerState
from app.call.contract.devices import DeviceKind
from app.call.room.device_attributes import parse_fault


class Presence(StrEnum):
    ABSENT = "absent"  # not come yet, or gone for good
    HERE = "here"
    AWAY = "away"  # vanished without a goodbye; the grace is running


LEFT_ON_PURPOSE = rtc.DisconnectReason.USER_UNAVAILABLE
"""What an engine that leaves on purpose gives as its reason, and the server hands on. A full reconnect of the SDK gives
CLIENT_INITIATED, and a process that dies gives none, so these can be told from a person who pressed End.
"""

JOIN_ID_ATTRIBUTE = "visit"
"""The attribute that the backend gives each token: another value each time that somebody is let in."""


class RemotePeer:
    """Follows the first other person in the room; recorders and agents are not persons. Lives on the media loop."""

    def __init__(self, grace_s: float, on_grace_expired: Callable[[], None]) -> None:
        self.state: RemotePeerState | None = None
        self.presence = Presence.ABSENT
        self._grace_s = grace_s
        self._on_grace_expired = on_grace_expired
        self._grace: asyncio.TimerHandle | None = None
        self.grace_expired = False
        """They have been away for the whole grace, though the server still counted them in."""
        self._left: frozenset[str] = frozenset()

    def find(self, room: rtc.Room) -> "rtc.RemoteParticipant | None":
        persons = [each for each in room.remote_participants.values() if is_person(each) and not self.has_left(each)]
        mine = [each for each in persons if self.state and each.identity == self.state.identity]
        return next(iter((*mine, *persons)), None)

    def on_present(self, participant: "rtc.RemoteParticipant", speaking: bool = False) -> None:
        """They are in the room, with what they publish now."""
        self._end_grace()
        self.presence = Presence.HERE
        attributes = participant.attributes
        self.state = RemotePeerState(
            identity=participant.identity,
            name=participant.name or participant.identity,
            microphone_on=_is_sending(participant, rtc.TrackSource.SOURCE_MICROPHONE),
            camera_on=_is_sending(participant, rtc.TrackSource.SOURCE_CAMERA),
            speaking=speaking,
            camera_fault=parse_fault(attributes, DeviceKind.CAMERA),
            microphone_fault=parse_fault(attributes, DeviceKind.MICROPHONE),
            speaker_fault=parse_fault(attributes, DeviceKind.SPEAKER),
        )

    def on_lost(self) -> None:
        """Starts the grace, unless it is running already."""
        self.presence = Presence.AWAY
        if self._grace is None and not self.grace_expired:
            self._grace = asyncio.get_running_loop().call_later(self._grace_s, self._over)

    def on_left(self) -> None:
        self._end_grace()
        self.presence = Presence.ABSENT
        if self.state is not None:
            self.state = RemotePeerState(self.state.identity, self.state.name)

    def mark_left(self, join_ids: frozenset[str]) -> None:
        """They said goodbye: what is still heard of this visit of theirs does not bring them back, not even another
        connection of it, which the SDK can make while it is being closed. With another token they are welcome.
        """
        self._left = join_ids

    def has_left(self, participant: "rtc.Participant") -> bool:
        return not self._left.isdisjoint(join_ids_of(participant))

    def _over(self) -> None:
        self._grace, self.grace_expired = None, True
        self._on_grace_expired()

    def _end_grace(self) -> None:
        self.grace_expired = False
        if self._grace is not None:
            self._grace.cancel()
            self._grace = None

    def close(self) -> None:
        self._end_grace()


def join_ids_of(participant: "rtc.Participant") -> frozenset[str]:
    """What tells this visit from every other: of this connection, and of the token, which outlives it."""
    return frozenset({participant.sid, participant.attributes.get(JOIN_ID_ATTRIBUTE, "")} - {""})


def is_person(participant: "rtc.Participant") -> bool:
    return participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD


def _is_sending(participant: "rtc.RemoteParticipant", source: int) -> bool:
    return any(each.source == source and not each.muted for each in participant.track_publications.values())
