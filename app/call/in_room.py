"""A call while it is in its room: what the room's events and silences mean to it. All of it runs on the media loop.

Events of the SDK: livekit.rtc.Room.on. Publishing inside one of them can time out, so they only note and post.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from livekit import rtc

from app.call.machine import CallEvent
from app.call.other_side import SAID_GOODBYE, Other, Presence, is_person
from app.call.pictures import NewestPicture
from app.call.ports import CallState
from app.call.progress import Progress
from app.call.quality import Counts
from app.call.quality_watch import QualityWatch, word_for
from app.call.remote_media import RemoteMedia
from app.call.room_link import ENDINGS, RoomLink
from app.call.scope import Scope
from app.call.stall_watch import STATS_EVERY_S, StallWatch
from app.call.voices import Ear


@dataclass(frozen=True)
class CallLimits:
    """How long a call is patient, in seconds. A paid call is never ended for the other's silence."""

    join_s: float = 20.0
    other_grace_s: float = 30.0
    reconnect_s: float = 90.0


class InRoom:
    """Follows one room from before its connection to its end; `on_end` is called with the event that ends the call."""

    def __init__(
        self,
        progress: Progress,
        limits: CallLimits,
        scope: Scope,
        ear: Ear,
        pictures: NewestPicture,
        quality: QualityWatch,
        on_end: Callable[[CallEvent], None],
    ) -> None:
        self.link = RoomLink(self._handlers())
        self.remote = RemoteMedia(pictures, ear, scope.start)
        self._progress = progress
        self._limits = limits
        self._scope = scope
        self._pictures = pictures
        self._quality = quality
        self._on_end = on_end
        self._other = Other(limits.other_grace_s, self._grace_ended)
        self._watch = StallWatch()
        self._interrupted_by: set[str] = set()
        self._speaking: set[str] = set()

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
            "active_speakers_changed": self._speakers_changed,
            "reconnecting": lambda: self._interrupted("sdk"),
            "reconnected": lambda: self._restored("sdk"),
            "connection_state_changed": self._connection_changed,
            "disconnected": self._disconnected,
        }

    def joined(self) -> None:
        """The connection is made: who is there, and from now on who falls silent."""
        other = self._other.find(self.room)
        if other is not None:
            self._other.is_here(other)
        self._progress.post(CallEvent.JOINED_WITH_OTHER if other else CallEvent.JOINED_ALONE)
        self._show_other()
        self._scope.start(self._watch_for_stalls(), "watching for stalls")

    async def close(self) -> None:
        """Ends the timers and the readers; the connection itself is `link`'s."""
        self._other.close()
        await self.remote.close()

    # -- the other side

    def _other_changed(self, participant: "rtc.Participant") -> None:
        """They came, came back, or changed what they send. Events about their tracks may follow their departure."""
        if not self._progress.in_room or participant is not self.room.remote_participants.get(participant.identity):
            return
        known = self._other.known
        stranger = known is not None and participant.identity != known.identity
        if not is_person(participant) or (stranger and self._other.presence is Presence.HERE):
            return
        came = self._other.presence is not Presence.HERE
        self._other.is_here(participant, participant.identity in self._speaking)
        self._show_other()
        if came:
            self._watch.restart_other()
            self._progress.post(CallEvent.OTHER_CAME)

    def _show_other(self) -> None:
        known = self._other.known
        if known is None or not known.camera_on:
            self._pictures.clear()
        elif not self._pictures.expected:
            self._pictures.expect()
        self._progress.board.change(other=known)

    def _other_disconnected(self, participant: "rtc.RemoteParticipant") -> None:
        known = self._other.known
        if not self._progress.in_room or known is None or participant.identity != known.identity:
            return
        if participant.disconnect_reason == SAID_GOODBYE:
            self._other_is_gone(CallEvent.OTHER_LEFT)
        elif self._other.grace_spent:
            self._other_is_gone(CallEvent.OTHER_GRACE_ENDED)
        else:
            self._other_vanished()

    def _other_vanished(self) -> None:
        if self._other.presence is Presence.HERE:
            self._other.vanished()
            self._progress.post(CallEvent.OTHER_VANISHED)

    def _grace_ended(self) -> None:
        """While the server still counts them in, they are only silent."""
        if self._progress.in_room and self._other.find(self.room) is None:
            self._other_is_gone(CallEvent.OTHER_GRACE_ENDED)

    def _other_is_gone(self, event: CallEvent) -> None:
        if self._other.presence is not Presence.ABSENT:
            self._other.is_gone()
            self._show_other()
            self._progress.post(event)

    def _track_subscribed(self, track: "rtc.Track", publication: Any, participant: "rtc.RemoteParticipant") -> None:
        if is_person(participant):
            self.remote.add(track, publication.source)
            self._other_changed(participant)

    def _speakers_changed(self, speakers: "list[rtc.Participant]") -> None:
        self._speaking = {each.identity for each in speakers if each is not None}
        known = self._other.known
        if known is not None and self._other.presence is Presence.HERE:
            self._other.known = replace(known, speaking=known.identity in self._speaking)
            self._show_other()

    # -- the connection

    def _connection_changed(self, state: int) -> None:
        """A resume gives "reconnecting" without this, a full reconnect gives both."""
        if state == rtc.ConnectionState.CONN_RECONNECTING:
            self._interrupted("sdk")
        elif state == rtc.ConnectionState.CONN_CONNECTED:
            self._restored("sdk")

    def _interrupted(self, by: str) -> None:
        """`by`: "sdk", or "watch" for what only our own watch has seen."""
        if not self._progress.in_room:
            return
        self._interrupted_by.add(by)
        if self._progress.state is not CallState.RECONNECTING:
            self._progress.post(CallEvent.LINK_INTERRUPTED)
            self._scope.start(self._limit_reconnecting(), "limiting the reconnect")

    def _restored(self, by: str) -> None:
        if by not in self._interrupted_by or self._progress.state is not CallState.RECONNECTING:
            return
        self._interrupted_by.discard(by)
        if self._interrupted_by and by == "watch":  # something is heard, but the SDK is not done yet
            return
        self._interrupted_by.clear()
        self._watch.restart()
        other = self._other.find(self.room)
        if other is not None:
            self._other.is_here(other)
            self._progress.post(CallEvent.LINK_RESTORED_WITH_OTHER)
        elif self._other.presence is Presence.ABSENT or self._other.grace_spent:
            self._other.is_gone()
            self._progress.post(CallEvent.LINK_RESTORED_ALONE)
        else:
            self._other.vanished()
            self._progress.post(CallEvent.LINK_RESTORED_OTHER_AWAY)
        self._show_other()

    async def _limit_reconnecting(self) -> None:
        board = self._progress.board
        since = board.snapshot.reconnecting_since
        await asyncio.sleep(self._limits.reconnect_s)
        if self._progress.state is CallState.RECONNECTING and board.snapshot.reconnecting_since == since:
            self._on_end(CallEvent.LINK_LOST)

    def _disconnected(self, reason: int) -> None:
        if self._progress.in_room:
            self._on_end(ENDINGS.get(reason, CallEvent.LINK_LOST))

    async def _watch_for_stalls(self) -> None:
        heard = (0, 0)
        while self._progress.in_room:
            await asyncio.sleep(STATS_EVERY_S)
            counts = await self.link.counts(STATS_EVERY_S)
            self._note_quality(counts)
            heard = (counts.heard, counts.media) if counts else heard
            own, other = self._progress.board.snapshot, self._other.known
            self._watch.look(
                time.monotonic(),
                link_count=heard[0],
                other_count=heard[1],
                sending=own.camera.sends or own.microphone.sends,
                other_sends=other is not None and (other.camera_on or other.microphone_on),
            )
            if self._watch.link_silent:
                self._interrupted("watch")
            else:
                self._restored("watch")
                self._note_other_silence()

    def _note_quality(self, counts: Counts | None) -> None:
        other = self._other.find(self.room) if self._other.presence is Presence.HERE else None
        self._quality.note(counts, word_for(self.room.local_participant), word_for(other) if other else None)

    def _note_other_silence(self) -> None:
        if self._progress.state is CallState.IN_CALL and self._watch.other_silent:
            self._other_vanished()
        elif self._progress.state is CallState.OTHER_RECONNECTING and not self._watch.other_silent:
            other = self._other.find(self.room)
            if other is not None:
                self._other_changed(other)
