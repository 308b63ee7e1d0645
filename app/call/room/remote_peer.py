"""The remote participant: who they are, what they publish, and how far they are away. Lives on the media loop.

How far is kept in one place, the machine's second region (`app.call.state.machine.Presence`): this class posts the
events that move it, and puts what is known of them into the snapshot.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from livekit import rtc

from app.call.contract.call_state import CallState, RemotePeerState
from app.call.contract.devices import DeviceKind
from app.call.room.device_attributes import parse_answer, parse_can_encrypt, parse_fault
from app.call.state.machine import CallEvent, Presence
from app.call.state.store import CallStatus
from app.call.video.latest_frame import LatestFrame

LEFT_ON_PURPOSE = rtc.DisconnectReason.USER_UNAVAILABLE
"""What an engine that leaves on purpose gives as its reason, and the server passes on. A full reconnect of the SDK
gives CLIENT_INITIATED, and a process that dies gives none: so both differ from a person who pressed End.
"""

JOIN_ID_ATTRIBUTE = "visit"
"""The attribute that the backend gives each token: another value each time that somebody is let in."""


class RemotePeer:
    """Follows the first other person in the room; recorders and agents are not persons."""

    def __init__(
        self,
        status: CallStatus,
        grace_s: float,
        frames: LatestFrame,
        screen_frames: LatestFrame,
        current_room: Callable[[], rtc.Room],
    ) -> None:
        """`frames` is where their video arrives, open while their camera is on; `screen_frames` a screen they share."""
        self.state: RemotePeerState | None = None
        self.silent = False
        """They are in the room, and nothing comes of all that they have switched on."""
        self.arrivals = 0
        """How often they came, the first time included: what was counted before proves nothing."""
        self.on_left: Callable[[], None] = lambda: None
        """On purpose, and so for good."""
        self._status = status
        self._frames, self._screen_frames = frames, screen_frames
        self._current_room = current_room
        self._grace_s = grace_s
        self._grace: asyncio.TimerHandle | None = None
        self._grace_expired = False
        """They have been away for the whole grace, though the server still counted them in."""
        self._left: frozenset[str] = frozenset()
        self._speaking: frozenset[str] = frozenset()

    @property
    def presence(self) -> Presence:
        return self._status.presence

    @property
    def present(self) -> RemotePeerState | None:
        """What is known of them while they are here; None while they are not."""
        return self.state if self.presence is Presence.PRESENT else None

    def find(self) -> "rtc.RemoteParticipant | None":
        """They, or whoever else is a person in the room; None when nobody is."""
        there = self._current_room().remote_participants.values()
        persons = [each for each in there if is_person(each) and not self.has_left(each)]
        same = [each for each in persons if self.state and each.identity == self.state.identity]
        return next(iter((*same, *persons)), None)

    # -- events of the room

    def on_changed(self, participant: "rtc.RemoteParticipant") -> None:
        """They came, came back, or changed what they publish. Events about their tracks may follow their departure."""
        stranger = self.state is not None and participant.identity != self.state.identity
        if not is_person(participant) or self.has_left(participant):
            return
        if not (stranger and self.presence is Presence.PRESENT):
            self.on_present(participant)

    def on_present(self, participant: "rtc.RemoteParticipant") -> None:
        """They are in the room, with what they publish now."""
        self._end_grace()
        came = self.presence is not Presence.PRESENT
        if came:
            self.arrivals += 1
            self.silent = False
        before = None if came else self.state
        attributes = participant.attributes
        microphone_on = _is_sending(participant, rtc.TrackSource.SOURCE_MICROPHONE)
        camera_on = _is_sending(participant, rtc.TrackSource.SOURCE_CAMERA)
        self.state = RemotePeerState(
            identity=participant.identity,
            name=participant.name or participant.identity,
            microphone_on=microphone_on,
            camera_on=camera_on,
            screen_on=_is_sending(participant, rtc.TrackSource.SOURCE_SCREENSHARE),
            speaking=participant.identity in self._speaking,
            camera_fault=parse_fault(attributes, DeviceKind.CAMERA),
            microphone_fault=parse_fault(attributes, DeviceKind.MICROPHONE),
            speaker_fault=parse_fault(attributes, DeviceKind.SPEAKER),
            audio_stalled=microphone_on and before is not None and before.audio_stalled,
            video_stalled=camera_on and before is not None and before.video_stalled,
            can_encrypt=parse_can_encrypt(attributes),
            unencrypted_answer=parse_answer(attributes),
        )
        self.publish()
        if came:
            self._status.post(CallEvent.PEER_CAME)

    def on_disconnected(self, participant: "rtc.RemoteParticipant") -> None:
        if self.state is None or participant.identity != self.state.identity or self.has_left(participant):
            return
        if participant.disconnect_reason == LEFT_ON_PURPOSE:
            self._on_gone(CallEvent.PEER_LEFT)
        elif self._grace_expired:
            self._on_gone(CallEvent.PEER_GRACE_EXPIRED)
        else:
            self.on_lost()

    def on_leave_announced(self, identity: str, join_ids: frozenset[str]) -> None:
        """They will disconnect as soon as this is acknowledged; by then they have left for everybody here. It can come
        before the server has announced them at all.
        """
        if self.state is None or identity == self.state.identity:
            self.mark_left(join_ids)
            self._on_gone(CallEvent.PEER_LEFT)

    def on_speakers(self, identities: frozenset[str]) -> None:
        self._speaking = identities
        if (state := self.present) is not None:
            self.state = replace(state, speaking=state.identity in identities)
            self.publish()

    # -- findings of the connection's monitor

    def on_stalled(self, audio: bool, video: bool) -> None:
        """Which of their tracks are switched on and have stopped coming."""
        if self.state is not None:
            self.state = replace(
                self.state,
                audio_stalled=self.state.microphone_on and audio,
                video_stalled=self.state.camera_on and video,
            )
            self.publish()

    def on_silence(self, silent: bool) -> None:
        """Whether nothing comes of all that they have switched on, though the server never counted them out."""
        self.silent = silent
        if silent and self._status.state is CallState.IN_CALL:
            self.on_lost()
        elif not silent and self._status.state is CallState.PEER_RECONNECTING and (participant := self.find()):
            self.on_changed(participant)

    def on_lost(self) -> None:
        """They are gone without an announcement, or silent. Starts the grace, unless it is running already."""
        if self._grace is None and not self._grace_expired and self.presence is not Presence.ABSENT:
            self._grace = asyncio.get_running_loop().call_later(self._grace_s, self._on_grace_expired)
        if self.presence is Presence.PRESENT:
            self._status.post(CallEvent.PEER_LOST)

    def on_connection_restored(self) -> None:
        """This side was cut off, and is not any more: who is in the room now. Before the event that says so."""
        self.silent, self._speaking = False, frozenset()
        self.on_stalled(audio=False, video=False)
        if (participant := self.find()) is not None:
            self.on_present(participant)
        elif self._grace_expired:
            self._on_gone(CallEvent.PEER_GRACE_EXPIRED)
        else:
            self.on_lost()

    # -- their departure

    def mark_left(self, join_ids: frozenset[str]) -> None:
        """They announced that they leave: what still comes of this join does not bring them back, not even another
        connection of it, which the SDK can make while it is being closed. With another token they are welcome.
        """
        self._left = join_ids

    def has_left(self, participant: "rtc.Participant") -> bool:
        return not self._left.isdisjoint(join_ids_of(participant))

    def _on_gone(self, event: CallEvent) -> None:
        if self.presence is not Presence.ABSENT:
            self._end_grace()
            if self.state is not None:
                self.state = RemotePeerState(self.state.identity, self.state.name)
            self.publish()
            self._status.post(event)
            if event is CallEvent.PEER_LEFT:
                self.on_left()

    def _on_grace_expired(self) -> None:
        """While the server still counts them in, they are only silent."""
        self._grace, self._grace_expired = None, True
        if self._status.in_room and self.find() is None:
            self._on_gone(CallEvent.PEER_GRACE_EXPIRED)

    def _end_grace(self) -> None:
        self._grace_expired = False
        if self._grace is not None:
            self._grace.cancel()
            self._grace = None

    def publish(self) -> None:
        """Puts what is known of them into the snapshot."""
        state = self.state
        _keep_open(self._frames, state is not None and state.camera_on)
        _keep_open(self._screen_frames, state is not None and state.screen_on)
        self._status.store.update(peer=self.state)

    def close(self) -> None:
        self._end_grace()


def _keep_open(frames: LatestFrame, is_open: bool) -> None:
    if not is_open:
        frames.close()
    elif not frames.is_open:
        frames.open()


def join_ids_of(participant: "rtc.Participant") -> frozenset[str]:
    """What tells this join from every other: the connection's SID, and the token's attribute, which outlives it."""
    return frozenset({participant.sid, participant.attributes.get(JOIN_ID_ATTRIBUTE, "")} - {""})


def is_person(participant: "rtc.Participant") -> bool:
    return participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD


def _is_sending(participant: "rtc.RemoteParticipant", source: int) -> bool:
    return any(each.source == source and not each.muted for each in participant.track_publications.values())
