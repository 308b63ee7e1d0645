"""A call while it is in its room: what the room's events mean to it. All of it runs on the media loop.

Events of the SDK: livekit.rtc.Room.on. Publishing inside one of them can time out, so they only note and post.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from livekit import rtc

from app.call.audio.playout import PlayoutMixer
from app.call.contract.call_state import CallState, ReconnectCause
from app.call.contract.engine import CallLimits
from app.call.room.device_attributes import DeviceAttributes, attributes_to_publish
from app.call.room.encryption import EncryptionAgreement
from app.call.room.remote_peer import RemotePeer, is_person
from app.call.room.room_connection import ENDINGS, RoomConnection
from app.call.room.room_keys import RoomKeys
from app.call.room.subscriber import TrackSubscriber
from app.call.runtime.task_scope import TaskScope
from app.call.runtime.threads import EventLoopThread
from app.call.state.machine import CallEvent
from app.call.state.store import CallStatus
from app.call.video.latest_frame import LatestFrame

OnMessage = Callable[["rtc.DataPacket"], None]


class Interruption(StrEnum):
    """Who says that this side is cut off. It is, as long as one of them says so."""

    SDK = "sdk"
    STALL = "stall"  # only our own monitor has seen it
    REJOIN = "rejoin"  # there is no connection at all


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
        screen_frames: LatestFrame,
        on_end: Callable[[CallEvent], None],
        encryption_key: str,
        rejoin: Callable[[], None],
    ) -> None:
        """`encryption_key` is the session's own. `rejoin` takes a new connection, if the call can have one."""
        self.remote = TrackSubscriber(frames, screen_frames, mixer, audio_loop, scope.start)
        self.status = status
        self.peer = RemotePeer(status, limits.peer_grace_s, frames, screen_frames, lambda: self.room)
        self.restorations = 0
        """How often the connection came back: what was counted before proves nothing."""
        self.on_resumed: Callable[[], None] = lambda: None
        """The SDK has reconnected by itself."""
        self._scope = scope
        self._on_end = on_end
        self._interruptions: set[Interruption] = set()
        self._message_handlers: dict[str, list[OnMessage]] = {}
        self.encryption = EncryptionAgreement(status.store, rejoin)
        self.keys = RoomKeys(encryption_key, status.store, scope.start, self.publish_attributes)
        self.peer.on_left = self.keys.peer_has_left
        self._new_connection()

    def _new_connection(self) -> None:
        self.encryption.on_new_connection()
        options = self.keys.on_new_connection(self.encryption.on)
        self.connection = RoomConnection(self._handlers(), self._peer_announced_leave, options)
        self._attributes = DeviceAttributes(self._scope.start)

    @property
    def room(self) -> rtc.Room:
        return self.connection.room

    def _handlers(self) -> dict[str, Callable[..., None]]:
        return {
            "participant_connected": self._peer_changed,
            "participant_disconnected": self._peer_disconnected,
            "track_subscribed": self._track_subscribed,
            "track_unsubscribed": lambda track, publication, participant: self._track_gone(publication.sid),
            "e2ee_state_changed": self._encryption_state_changed,
            "track_published": lambda publication, participant: self._peer_changed(participant),
            "track_unpublished": lambda publication, participant: self._peer_changed(participant),
            "track_muted": lambda participant, publication: self._peer_changed(participant),
            "track_unmuted": lambda participant, publication: self._peer_changed(participant),
            "participant_name_changed": lambda participant, before, after: self._peer_changed(participant),
            "participant_attributes_changed": lambda changed, participant: self._peer_changed(participant),
            "active_speakers_changed": self._speakers_changed,
            "local_track_published": lambda publication, track: self.keys.on_track_published(),
            "local_track_republished": lambda publication, previous_sid: self.keys.on_track_published(),
            "data_received": self._message_received,
            "reconnecting": lambda: self.on_interrupted(Interruption.SDK),
            "reconnected": lambda: self.on_restored(Interruption.SDK),
            "connection_state_changed": self._connection_changed,
            "disconnected": self._disconnected,
        }

    def on_joined(self) -> None:
        """The connection is made: who is there."""
        if (participant := self.peer.find()) is not None:
            self.peer.on_present(participant)
        self.status.post(CallEvent.JOINED)
        self.update_encryption()
        self.publish_attributes()

    def update_encryption(self) -> None:
        """What is known of the peer, or of this side, has changed. Also to be called now and then."""
        self.encryption.update()
        participant = self.peer.find() if self.peer.present is not None else None
        self.keys.follow(self.room, self.encryption.on, participant)

    def publish_attributes(self) -> None:
        """This side's devices have changed, or may have, or what the person answered, or its half of the key."""
        attributes = attributes_to_publish(self.status.store.snapshot) | self.keys.offer
        self._attributes.publish(self.room, attributes)

    async def close(self) -> None:
        """Ends the timers and the readers; the connection itself is closed by `connection.disconnect`."""
        self.peer.close()
        await self.remote.close()

    # -- messages

    def subscribe_messages(self, topic: str, on_message: OnMessage) -> Callable[[], None]:
        """`on_message` gets each data message of this topic, over every connection. Returns the unsubscribe."""
        handlers = self._message_handlers.setdefault(topic, [])
        handlers.append(on_message)

        def unsubscribe() -> None:
            if on_message in handlers:
                handlers.remove(on_message)

        return unsubscribe

    def _message_received(self, packet: "rtc.DataPacket") -> None:
        for on_message in tuple(self._message_handlers.get(packet.topic or "", ())):
            on_message(packet)

    # -- the peer

    def _peer_changed(self, participant: "rtc.Participant") -> None:
        there = self.room.remote_participants.get(participant.identity)
        if self.status.in_room and there is not None and participant is there:
            self.peer.on_changed(there)
            self.update_encryption()

    def _peer_disconnected(self, participant: "rtc.RemoteParticipant") -> None:
        if self.status.in_room:
            self.encryption.forget(participant.identity)
            self.peer.on_disconnected(participant)

    def _peer_announced_leave(self, identity: str, join_ids: frozenset[str]) -> None:
        if self.status.in_room:
            self.peer.on_leave_announced(identity, join_ids)

    def _track_subscribed(self, track: "rtc.Track", publication: Any, participant: "rtc.RemoteParticipant") -> None:
        if is_person(participant):
            if self.encryption.accepts(publication):
                self.remote.add(track, publication.source)
            if not self.peer.silent:  # else it was our own resubscription, and no sign of life
                self._peer_changed(participant)

    def _track_gone(self, sid: str) -> None:
        self.remote.remove(sid)
        self.encryption.forget(sid)

    def _encryption_state_changed(self, participant: "rtc.Participant | None", state: int) -> None:
        if participant is not None and participant.identity != self.room.local_participant.identity:
            self.encryption.on_state(participant, state)

    def _speakers_changed(self, speakers: "list[rtc.Participant]") -> None:
        self.peer.on_speakers(frozenset(each.identity for each in speakers if each is not None))

    # -- the connection

    def _connection_changed(self, state: int) -> None:
        """A resume gives "reconnecting" without this, a full reconnect gives both."""
        if state == rtc.ConnectionState.CONN_RECONNECTING:
            self.on_interrupted(Interruption.SDK)
        elif state == rtc.ConnectionState.CONN_CONNECTED:
            self.on_restored(Interruption.SDK)

    def on_interrupted(self, by: Interruption) -> None:
        if not self.status.in_room:
            return
        self._interruptions.add(by)
        if self.status.state is not CallState.RECONNECTING:
            self.status.post(CallEvent.CONNECTION_INTERRUPTED)
            self.set_reconnect_cause(ReconnectCause.NO_ANSWER)

    def set_reconnect_cause(self, cause: ReconnectCause) -> None:
        """What the person is shown of the reason, while reconnecting."""
        if self.status.state is CallState.RECONNECTING:
            self.status.store.update(reconnect_cause=cause)

    def on_restored(self, by: Interruption) -> None:
        if by not in self._interruptions or self.status.state is not CallState.RECONNECTING:
            return
        self._interruptions.discard(by)
        if self._interruptions and by is Interruption.STALL:  # something arrives, but the SDK is not done yet
            return
        self._interruptions.clear()
        if by is Interruption.SDK:
            self.on_resumed()
        self.restorations += 1
        self._attributes.republish(self.room)
        self.peer.on_connection_restored()
        self.status.post(CallEvent.CONNECTION_RESTORED)
        self.update_encryption()
        self.publish_attributes()

    def replace_connection(self) -> RoomConnection:
        """Takes a new connection, not connected yet, and gives back the one before, whose events count no more.
        Reconnecting until `on_restored(Interruption.REJOIN)`.
        """
        before = self.connection
        before.mute_events()
        self.on_interrupted(Interruption.REJOIN)
        self._interruptions = {Interruption.REJOIN}
        self.remote.remove_all()
        self._new_connection()
        return before

    def _disconnected(self, reason: int) -> None:
        if self.status.in_room:
            self._on_end(ENDINGS.get(reason, CallEvent.CONNECTION_LOST))
