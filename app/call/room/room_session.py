"""A call while it is in its room: what the room's events and silences mean to it. All of it runs on the media loop.

Events of the SDK: livekit.rtc.Room.on. Publishing inside one of them can time out, so they only note and post.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from livekit import rtc

from app.call.audio.playout import Ear
from app.call.contract.call_state import CallState, LinkTrouble
from app.call.contract.engine import CallLimits
from app.call.room.device_attributes import DeviceNotes, noted_faults
from app.call.room.remote_peer import SAID_GOODBYE, Other, Presence, is_person
from app.call.room.resubscribe import Take
from app.call.room.room_connection import ENDINGS, RoomLink
from app.call.room.subscriber import RemoteMedia
from app.call.runtime.task_scope import Scope
from app.call.runtime.threads import MediaThread
from app.call.state.machine import CallEvent
from app.call.state.store import Progress
from app.call.stats.stall_detector import StallWatch
from app.call.video.latest_frame import NewestPicture

CAMERA, MICROPHONE = rtc.TrackSource.SOURCE_CAMERA, rtc.TrackSource.SOURCE_MICROPHONE


class InRoom:
    """Follows one room from before its connection to its end, over every link to it; `on_end` is called with the event
    that ends the call, or with `LINK_LOST` when this link will not come back.
    """

    def __init__(
        self,
        progress: Progress,
        limits: CallLimits,
        scope: Scope,
        ear: Ear | None,
        voices: MediaThread,
        pictures: NewestPicture,
        on_end: Callable[[CallEvent], None],
    ) -> None:
        self.remote = RemoteMedia(pictures, ear, voices, scope.start)
        self.progress = progress
        self.watch = StallWatch()
        self.other = Other(limits.other_grace_s, self._grace_ended)
        self._scope = scope
        self._pictures = pictures
        self._on_end = on_end
        self._interrupted_by: set[str] = set()
        self._speaking: set[str] = set()
        self.on_message: Callable[[rtc.DataPacket], None] = lambda packet: None
        self.on_restored: Callable[[], None] = lambda: None
        """The SDK is done with a reconnecting of its own."""
        self._take_link()

    def _take_link(self) -> None:
        self.link = RoomLink(self._handlers(), self._other_said_goodbye)
        self._notes = DeviceNotes(self._scope.start)

    @property
    def room(self) -> rtc.Room:
        return self.link.room

    def _handlers(self) -> dict[str, Callable[..., None]]:
        return {
            "participant_connected": self._other_changed,
            "participant_disconnected": self._other_disconnected,
            "track_subscribed": self._track_subscribed,
            "track_unsubscribed": lambda track, publication, participant: self.remote.remove(publication.sid),
            "track_published": lambda publication, participant: self._other_changed(participant),
            "track_unpublished": lambda publication, participant: self._other_changed(participant),
            "track_muted": lambda participant, publication: self._other_changed(participant),
            "track_unmuted": lambda participant, publication: self._other_changed(participant),
            "participant_name_changed": lambda participant, before, after: self._other_changed(participant),
            "participant_attributes_changed": lambda changed, participant: self._other_changed(participant),
            "active_speakers_changed": self._speakers_changed,
            "data_received": lambda packet: self.on_message(packet),
            "reconnecting": lambda: self.interrupted("sdk"),
            "reconnected": lambda: self.restored("sdk"),
            "connection_state_changed": self._connection_changed,
            "disconnected": self._disconnected,
        }

    def joined(self) -> None:
        """The connection is made: who is there."""
        other = self.other.find(self.room)
        if other is not None:
            self.other.is_here(other)
        self.progress.post(CallEvent.JOINED_WITH_OTHER if other else CallEvent.JOINED_ALONE)
        self.show_other()

    def tell_devices(self) -> None:
        """This side's devices have changed, or may have: the other is told what fails."""
        self._notes.show(self.room, noted_faults(self.progress.board.snapshot))

    async def close(self) -> None:
        """Ends the timers and the readers; the connection itself is `link`'s."""
        self.other.close()
        await self.remote.close()

    # -- the other side

    def _other_changed(self, participant: "rtc.Participant") -> None:
        """They came, came back, or changed what they send. Events about their tracks may follow their departure."""
        if not self.progress.in_room or participant is not self.room.remote_participants.get(participant.identity):
            return
        known = self.other.known
        stranger = known is not None and participant.identity != known.identity
        if not is_person(participant) or self.other.has_departed(participant):
            return
        if stranger and self.other.presence is Presence.HERE:
            return
        came = self.other.presence is not Presence.HERE
        self.other.is_here(participant, participant.identity in self._speaking)
        if came:
            self.watch.restart_other()
        self.show_other()
        if came:
            self.progress.post(CallEvent.OTHER_CAME)

    def show_other(self) -> None:
        """Puts what is known of them, and of their media, into the snapshot."""
        known = self.other.known
        if known is None or not known.camera_on:
            self._pictures.clear()
        elif not self._pictures.expected:
            self._pictures.expect()
        if known is not None:
            known = self.other.known = replace(
                known,
                picture_stopped=known.camera_on and self.watch.picture_stopped,
                sound_stopped=known.microphone_on and self.watch.sound_stopped,
            )
        self.progress.board.change(other=known)

    def _other_disconnected(self, participant: "rtc.RemoteParticipant") -> None:
        known = self.other.known
        if not self.progress.in_room or known is None or participant.identity != known.identity:
            return
        if self.other.has_departed(participant):
            return
        if participant.disconnect_reason == SAID_GOODBYE:
            self._other_is_gone(CallEvent.OTHER_LEFT)
        elif self.other.grace_spent:
            self._other_is_gone(CallEvent.OTHER_GRACE_ENDED)
        else:
            self.other_vanished()

    def _other_said_goodbye(self, identity: str, visit: frozenset[str]) -> None:
        """They will disconnect as soon as this is confirmed; by then, they have left for everybody here. It can come
        before the server has told that they are here at all.
        """
        known = self.other.known
        if self.progress.in_room and (known is None or identity == known.identity):
            self.other.departs(visit)
            self._other_is_gone(CallEvent.OTHER_LEFT)

    def other_vanished(self) -> None:
        if self.other.presence is Presence.HERE:
            self.other.vanished()
            self.progress.post(CallEvent.OTHER_VANISHED)

    def other_is_heard(self) -> None:
        """Something comes of them again, though the server never counted them out."""
        if (other := self.other.find(self.room)) is not None:
            self._other_changed(other)

    def subscribe_again(self, source: int, how: Take) -> None:
        """Takes a track of theirs anew, from which nothing comes."""

        async def take(publication: rtc.RemoteTrackPublication) -> None:
            publication.set_subscribed(False)
            await asyncio.sleep(how.apart_s)
            publication.set_subscribed(True)

        other = self.other.find(self.room)
        for publication in other.track_publications.values() if other is not None else ():
            if publication.source == source and (how.missing_too or publication.track is not None):
                self._scope.start(take(publication), "taking a track again")

    def _grace_ended(self) -> None:
        """While the server still counts them in, they are only silent."""
        if self.progress.in_room and self.other.find(self.room) is None:
            self._other_is_gone(CallEvent.OTHER_GRACE_ENDED)

    def _other_is_gone(self, event: CallEvent) -> None:
        if self.other.presence is not Presence.ABSENT:
            self.other.is_gone()
            self.show_other()
            self.progress.post(event)

    def _track_subscribed(self, track: "rtc.Track", publication: Any, participant: "rtc.RemoteParticipant") -> None:
        if is_person(participant):
            self.remote.add(track, publication.source)
            if not self.watch.other_silent:  # else it was our own try to mend their tracks, and no sign of life
                self._other_changed(participant)

    def _speakers_changed(self, speakers: "list[rtc.Participant]") -> None:
        self._speaking = {each.identity for each in speakers if each is not None}
        known = self.other.known
        if known is not None and self.other.presence is Presence.HERE:
            self.other.known = replace(known, speaking=known.identity in self._speaking)
            self.show_other()

    # -- the connection

    def _connection_changed(self, state: int) -> None:
        """A resume gives "reconnecting" without this, a full reconnect gives both."""
        if state == rtc.ConnectionState.CONN_RECONNECTING:
            self.interrupted("sdk")
        elif state == rtc.ConnectionState.CONN_CONNECTED:
            self.restored("sdk")

    def interrupted(self, by: str) -> None:
        """`by`: "sdk", "watch" for what only our own watch has seen, "relink" while there is no link at all."""
        if not self.progress.in_room:
            return
        self._interrupted_by.add(by)
        if self.progress.state is not CallState.RECONNECTING:
            self.progress.post(CallEvent.LINK_INTERRUPTED)
            self.explain(LinkTrouble.NO_ANSWER)

    def explain(self, trouble: LinkTrouble) -> None:
        """What the person is told of the reason, while reconnecting."""
        if self.progress.state is CallState.RECONNECTING:
            self.progress.board.change(link_trouble=trouble)

    def restored(self, by: str) -> None:
        if by not in self._interrupted_by or self.progress.state is not CallState.RECONNECTING:
            return
        self._interrupted_by.discard(by)
        if self._interrupted_by and by == "watch":  # something is heard, but the SDK is not done yet
            return
        self._interrupted_by.clear()
        if by == "sdk":
            self.on_restored()
        self.watch.restart()
        self._notes.tell_again(self.room)
        other = self.other.find(self.room)
        if other is not None:
            self.other.is_here(other)
            self.progress.post(CallEvent.LINK_RESTORED_WITH_OTHER)
        elif self.other.presence is Presence.ABSENT or self.other.grace_spent:
            self.other.is_gone()
            self.progress.post(CallEvent.LINK_RESTORED_ALONE)
        else:
            self.other.vanished()
            self.progress.post(CallEvent.LINK_RESTORED_OTHER_AWAY)
        self.show_other()

    def relink(self) -> RoomLink:
        """Takes a new link, not connected yet, and gives back the one before, whose events count no more. Reconnecting
        until `restored("relink")`.
        """
        before = self.link
        before.detach()
        self.interrupted("relink")
        self._interrupted_by = {"relink"}
        self.remote.remove_all()
        self._take_link()
        return before

    def _disconnected(self, reason: int) -> None:
        if self.progress.in_room:
            self._on_end(ENDINGS.get(reason, CallEvent.LINK_LOST))
