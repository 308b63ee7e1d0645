"""A call while it is in its room: what the room's events and silences mean to it. All of it runs on the media loop.

Events of the SDK: livekit.rtc.Room.on. Publishing inside one of them can time out, so they only note and post.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from livekit import rtc

from app.call.audio.playout import PlayoutMixer
from app.call.contract.call_state import CallState, ReconnectCause
from app.call.contract.engine import CallLimits
from app.call.room.device_attributes import DeviceAttributes, faults_to_publish
from app.call.room.remote_peer import LEFT_ON_PURPOSE, Presence, RemotePeer, is_person
from app.call.room.resubscribe import Resubscribe
from app.call.room.room_connection import ENDINGS, RoomConnection
from app.call.room.subscriber import TrackSubscriber
from app.call.runtime.task_scope import TaskScope
from app.call.runtime.threads import EventLoopThread
from app.call.state.machine import CallEvent
from app.call.state.store import CallStatus
from app.call.stats.stall_detector import StallDetector
from app.call.video.latest_frame import LatestFrame

CAMERA, MICROPHONE = rtc.TrackSource.SOURCE_CAMERA, rtc.TrackSource.SOURCE_MICROPHONE


class RoomSession:
    """Follows one room from before its connection to its end, over every connection to it; `on_end` is called with the
    event that ends the call, or with `CONNECTION_LOST` when this connection will not come back.
    """

    def __init__(
        self,
        status: CallStatus,
        limits: CallLimits,
        scope: TaskScope,
        mixer: PlayoutMixer | None,
        audio_loop: EventLoopThread,
        frames: LatestFrame,
        on_end: Callable[[CallEvent], None],
    ) -> None:
        self.remote = TrackSubscriber(frames, mixer, audio_loop, scope.start)
        self.status = status
        self.detector = StallDetector()
        self.peer = RemotePeer(limits.other_grace_s, self._grace_expired)
        self._scope = scope
        self._frames = frames
        self._on_end = on_end
        self._interrupted_by: set[str] = set()
        self._speaking: set[str] = set()
        self.on_message: Callable[[rtc.DataPacket], None] = lambda packet: None
        self.on_resumed: Callable[[], None] = lambda: None
        """The SDK is done with a reconnecting of its own."""
        self._new_connection()

    def _new_connection(self) -> None:
        self.connection = RoomConnection(self._handlers(), self._peer_announced_leave)
        self._attributes = DeviceAttributes(self._scope.start)

    @property
    def room(self) -> rtc.Room:
        return self.connection.room

    def _handlers(self) -> dict[str, Callable[..., None]]:
        return {
            "participant_connected": self._peer_changed,
            "participant_disconnected": self._peer_disconnected,
            "track_subscribed": self._track_subscribed,
            "track_unsubscribed": lambda track, publication, participant: self.remote.remove(publication.sid),
            "track_published": lambda publication, participant: self._peer_changed(participant),
            "track_unpublished": lambda publication, participant: self._peer_changed(participant),
            "track_muted": lambda participant, publication: self._peer_changed(participant),
            "track_unmuted": lambda participant, publication: self._peer_changed(participant),
            "participant_name_changed": lambda participant, before, after: self._peer_changed(participant),
            "participant_attributes_changed": lambda changed, participant: self._peer_changed(participant),
            "active_speakers_changed": self._speakers_changed,
            "data_received": lambda packet: self.on_message(packet),
            "reconnecting": lambda: self.on_interrupted("sdk"),
            "reconnected": lambda: self.on_restored("sdk"),
            "connection_state_changed": self._connection_changed,
            "disconnected": self._disconnected,
        }

    def on_joined(self) -> None:
        """The connection is made: who is there."""
        peer = self.peer.find(self.room)
        if peer is not None:
            self.peer.on_present(peer)
        self.status.post(CallEvent.JOINED_WITH_PEER if peer else CallEvent.JOINED_ALONE)
        self.show_peer()

    def publish_device_state(self) -> None:
        """This side's devices have changed, or may have: the peer is told what fails."""
        self._attributes.publish(self.room, faults_to_publish(self.status.store.snapshot))

    async def close(self) -> None:
        """Ends the timers and the readers; the connection itself is `connection`'s."""
        self.peer.close()
        await self.remote.close()

    # -- the peer

    def _peer_changed(self, participant: "rtc.Participant") -> None:
        """They came, came back, or changed what they send. Events about their tracks may follow their departure."""
        if not self.status.in_room or participant is not self.room.remote_participants.get(participant.identity):
            return
        state = self.peer.state
        stranger = state is not None and participant.identity != state.identity
        if not is_person(participant) or self.peer.has_left(participant):
            return
        if stranger and self.peer.presence is Presence.HERE:
            return
        came = self.peer.presence is not Presence.HERE
        self.peer.on_present(participant, participant.identity in self._speaking)
        if came:
            self.detector.restart_peer()
        self.show_peer()
        if came:
            self.status.post(CallEvent.PEER_CAME)

    def show_peer(self) -> None:
        """Puts what is known of them, and of their media, into the snapshot."""
        state = self.peer.state
        if state is None or not state.camera_on:
            self._frames.close()
        elif not self._frames.is_open:
            self._frames.open()
        if state is not None:
            state = self.peer.state = replace(
                state,
                video_stalled=state.camera_on and self.detector.video_stalled,
                audio_stalled=state.microphone_on and self.detector.audio_stalled,
            )
        self.status.store.update(peer=state)

    def _peer_disconnected(self, participant: "rtc.RemoteParticipant") -> None:
        state = self.peer.state
        if not self.status.in_room or state is None or participant.identity != state.identity:
            return
        if self.peer.has_left(participant):
            return
        if participant.disconnect_reason == LEFT_ON_PURPOSE:
            self._peer_gone(CallEvent.PEER_LEFT)
        elif self.peer.grace_expired:
            self._peer_gone(CallEvent.PEER_GRACE_EXPIRED)
        else:
            self.peer_lost()

    def _peer_announced_leave(self, identity: str, join_ids: frozenset[str]) -> None:
        """They will disconnect as soon as this is confirmed; by then, they have left for everybody here. It can come
        before the server has told that they are here at all.
        """
        state = self.peer.state
        if self.status.in_room and (state is None or identity == state.identity):
            self.peer.mark_left(join_ids)
            self._peer_gone(CallEvent.PEER_LEFT)

    def peer_lost(self) -> None:
        if self.peer.presence is Presence.HERE:
            self.peer.on_lost()
            self.status.post(CallEvent.PEER_LOST)

    def peer_is_received(self) -> None:
        """Something comes of them again, though the server never counted them out."""
        if (peer := self.peer.find(self.room)) is not None:
            self._peer_changed(peer)

    def resubscribe(self, source: int, how: Resubscribe) -> None:
        """Takes a track of theirs again, from which nothing comes."""

        async def attempt(publication: rtc.RemoteTrackPublication) -> None:
            publication.set_subscribed(False)
            await asyncio.sleep(how.gap_s)
            publication.set_subscribed(True)

        peer = self.peer.find(self.room)
        for publication in peer.track_publications.values() if peer is not None else ():
            if publication.source == source and (how.include_unsubscribed or publication.track is not None):
                self._scope.start(attempt(publication), "taking a track again")

    def _grace_expired(self) -> None:
        """While the server still counts them in, they are only silent."""
        if self.status.in_room and self.peer.find(self.room) is None:
            self._peer_gone(CallEvent.PEER_GRACE_EXPIRED)

    def _peer_gone(self, event: CallEvent) -> None:
        if self.peer.presence is not Presence.ABSENT:
            self.peer.on_left()
            self.show_peer()
            self.status.post(event)

    def _track_subscribed(self, track: "rtc.Track", publication: Any, participant: "rtc.RemoteParticipant") -> None:
        if is_person(participant):
            self.remote.add(track, publication.source)
            if not self.detector.peer_silent:  # else it was our own try to mend their tracks, and no sign of life
                self._peer_changed(participant)

    def _speakers_changed(self, speakers: "list[rtc.Participant]") -> None:
        self._speaking = {each.identity for each in speakers if each is not None}
        state = self.peer.state
        if state is not None and self.peer.presence is Presence.HERE:
            self.peer.state = replace(state, speaking=state.identity in self._speaking)
            self.show_peer()

    # -- the connection

    def _connection_changed(self, state: int) -> None:
        """A resume gives "reconnecting" without this, a full reconnect gives both."""
        if state == rtc.ConnectionState.CONN_RECONNECTING:
            self.on_interrupted("sdk")
        elif state == rtc.ConnectionState.CONN_CONNECTED:
            self.on_restored("sdk")

    def on_interrupted(self, by: str) -> None:
        """`by`: "sdk", "watch" for what only our own watch has seen, "relink" while there is no connection at all."""
        if not self.status.in_room:
            return
        self._interrupted_by.add(by)
        if self.status.state is not CallState.RECONNECTING:
            self.status.post(CallEvent.CONNECTION_INTERRUPTED)
            self.set_reconnect_cause(ReconnectCause.NO_ANSWER)

    def set_reconnect_cause(self, cause: ReconnectCause) -> None:
        """What the person is told of the reason, while reconnecting."""
        if self.status.state is CallState.RECONNECTING:
            self.status.store.update(reconnect_cause=cause)

    def on_restored(self, by: str) -> None:
        if by not in self._interrupted_by or self.status.state is not CallState.RECONNECTING:
            return
        self._interrupted_by.discard(by)
        if self._interrupted_by and by == "watch":  # something is heard, but the SDK is not done yet
            return
        self._interrupted_by.clear()
        if by == "sdk":
            self.on_resumed()
        self.detector.restart()
        self._attributes.republish(self.room)
        peer = self.peer.find(self.room)
        if peer is not None:
            self.peer.on_present(peer)
            self.status.post(CallEvent.CONNECTION_RESTORED_WITH_PEER)
        elif self.peer.presence is Presence.ABSENT or self.peer.grace_expired:
            self.peer.on_left()
            self.status.post(CallEvent.CONNECTION_RESTORED_ALONE)
        else:
            self.peer.on_lost()
            self.status.post(CallEvent.CONNECTION_RESTORED_PEER_AWAY)
        self.show_peer()

    def replace_connection(self) -> RoomConnection:
        """Takes a new connection, not connected yet, and gives back the one before, whose events count no more.
        Reconnecting until `on_restored("replace_connection")`.
        """
        before = self.connection
        before.mute_events()
        self.on_interrupted("relink")
        self._interrupted_by = {"relink"}
        self.remote.remove_all()
        self._new_connection()
        return before

    def _disconnected(self, reason: int) -> None:
        if self.status.in_room:
            self._on_end(ENDINGS.get(reason, CallEvent.CONNECTION_LOST))
