"""One call over LiveKit, from preview to end. Everything here runs on the media loop."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from livekit import rtc

from app.call.audio import Audio
from app.call.camera import Camera
from app.call.local_media import LocalMedia
from app.call.machine import CallEvent, CallMachine
from app.call.other_side import SAID_GOODBYE, Other, Presence, is_person
from app.call.pictures import NewestPicture
from app.call.ports import CallCredentials, CallState, Device, DeviceKind, DeviceState
from app.call.remote_media import RemoteMedia
from app.call.room_link import ENDINGS, JoinOutcome, RoomLink
from app.call.scope import Scope
from app.call.snapshots import Board
from app.call.stall_watch import STATS_EVERY_S, StallWatch
from app.call.threads import Worker

log = logging.getLogger(__name__)

DEVICE_LOOK_EVERY_S = 1.0
_IN_ROOM = (CallState.WAITING, CallState.IN_CALL, CallState.OTHER_RECONNECTING, CallState.RECONNECTING)


@dataclass(frozen=True)
class CallLimits:
    """How long a call is patient, in seconds. A paid call is never ended for the other's silence."""

    join_s: float = 20.0
    other_grace_s: float = 30.0
    reconnect_s: float = 90.0


class LivekitCall:
    """Commands come from `LivekitEngine`, events from the room, the devices and the clock; the machine decides."""

    def __init__(
        self, board: Board, camera: str | None, microphone_on: bool, now: Callable[[], datetime], limits: CallLimits
    ) -> None:
        self.board = board
        self.other_pictures = NewestPicture()
        self._now = now
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._machine = CallMachine()
        self._scope = Scope()
        self._ended = asyncio.Event()
        self._over: asyncio.Task[None] | None = None
        self._link: RoomLink | None = None
        self._local: LocalMedia | None = None
        self._remote: RemoteMedia | None = None
        self._watch = StallWatch()
        self._interruptions: set[str] = set()
        self._speaking: set[str] = set()
        self._other = Other(limits.other_grace_s, self._grace_ended)
        self._camera_worker, self._sound_worker = Worker("call-cameras"), Worker("call-sound")
        self._camera = Camera(camera, self._camera_worker, self._devices_changed)
        self._audio = Audio(microphone_on, self._sound_worker, self._devices_changed, self._voice_recorded)
        self._devices_changed()

    # -- commands

    async def prepare(self) -> None:
        if self._machine.state in (CallState.IDLE, CallState.PREPARING):
            self._post(CallEvent.PREVIEW_OPENED)
            await self._open_devices()

    async def _open_devices(self) -> None:
        self._scope.start(self._look_after_devices(), "looking after the devices")
        await asyncio.gather(self._camera.open(), self._audio.open())

    async def join(self, credentials: CallCredentials) -> None:
        if self._machine.state not in (CallState.IDLE, CallState.PREPARING):
            return
        prepared = self._machine.state is CallState.PREPARING
        self._post(CallEvent.JOIN_STARTED)
        if not prepared:
            self._scope.start(self._open_devices(), "opening the devices")
        link = self._link = RoomLink(self._handlers())
        outcome = await link.connect(
            credentials.livekit_url, credentials.access_token, self._limits.join_s, self._ended
        )
        if self._machine.ended:
            return
        if outcome is JoinOutcome.CONNECTED:
            await self._joined(link.room)
        else:
            refused, closed = JoinOutcome.REFUSED, JoinOutcome.NO_ROOM
            events = {refused: CallEvent.JOIN_REFUSED, closed: CallEvent.ROOM_CLOSED}
            self._end(events.get(outcome, CallEvent.JOIN_FAILED))

    async def _joined(self, room: rtc.Room) -> None:
        self._remote = RemoteMedia(self.other_pictures, self._audio.ear, self._scope.start)
        self._local = LocalMedia()
        self._camera.sink = self._local.send_picture
        other = self._other.find(room)
        if other is not None:
            self._other.is_here(other)
        self._post(CallEvent.JOINED_WITH_OTHER if other else CallEvent.JOINED_ALONE)
        self.board.change(joined_at=self._now())
        self._show_tracks()
        self._scope.start(self._watch_for_stalls(), "watching for stalls")
        try:
            await self._local.publish(room)
        except Exception:  # the room went while publishing: its own event says how the call goes on
            log.exception("publishing failed")

    async def leave(self) -> None:
        """The devices are free when this returns; the network follows in the background."""
        if not self._machine.ended:
            self._end(CallEvent.LEFT)
        if self._over is not None:
            await asyncio.wait({self._freed})

    async def close(self) -> None:
        """Returns when all of the call is over, which takes as long as the network does."""
        await self.leave()
        if self._over is not None:
            await asyncio.wait({self._over})

    async def set_microphone(self, on: bool) -> None:
        self._audio.set_microphone(on)

    async def set_camera(self, on: bool) -> None:
        await self._camera.set_wanted(on)

    async def retry(self, kind: DeviceKind) -> None:
        await self._device(kind).open()

    async def choose(self, device: Device) -> None:
        await self._device(device.kind).choose(device)

    async def devices(self, kind: DeviceKind) -> list[Device]:
        return await self._device(kind).devices()

    def _device(self, kind: DeviceKind) -> Any:
        devices = {DeviceKind.CAMERA: self._camera, DeviceKind.MICROPHONE: self._audio.microphone}
        return devices.get(kind, self._audio.speaker)

    def microphone_level(self) -> float:
        return self._audio.level()

    @property
    def own_pictures(self) -> NewestPicture:
        return self._camera.pictures

    # -- the devices

    def _devices_changed(self) -> None:
        if not hasattr(self, "_audio"):  # while the call is being put together
            return
        self.board.change(
            camera=self._camera.state, microphone=self._audio.microphone.state, speaker=self._audio.speaker.state
        )
        self._show_tracks()

    def _show_tracks(self) -> None:
        if self._local is not None and not self._machine.ended:
            self._local.show(_sends(self._audio.microphone.state), _sends(self._camera.state))

    def _voice_recorded(self, frame: rtc.AudioFrame) -> None:
        """PortAudio's thread, every 10 ms."""
        try:
            self._loop.call_soon_threadsafe(self._send_voice, frame)
        except RuntimeError:  # the loop has closed; the stream is about to
            return

    def _send_voice(self, frame: rtc.AudioFrame) -> None:
        if self._local is not None and not self._scope.closed:
            self._scope.start(self._local.send_voice(frame), "sending sound")

    async def _look_after_devices(self) -> None:
        while True:
            await asyncio.sleep(DEVICE_LOOK_EVERY_S)
            await self._camera.check()
            await self._audio.check()

    # -- the room

    def _handlers(self) -> dict[str, Callable[..., None]]:
        return {
            "participant_connected": self._other_changed,
            "participant_disconnected": self._other_disconnected,
            "track_subscribed": self._track_subscribed,
            "track_unsubscribed": lambda track, publication, participant: self._track_gone(publication),
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

    def _room(self) -> rtc.Room:
        assert self._link is not None
        return self._link.room

    def _other_changed(self, participant: "rtc.Participant") -> None:
        if self._machine.ended or not isinstance(participant, rtc.RemoteParticipant) or not is_person(participant):
            return
        came = self._other.presence is not Presence.HERE
        self._other.is_here(participant, participant.identity in self._speaking)
        if came and self._machine.state in _IN_ROOM:
            self._watch.restart_other()
            self._post(CallEvent.OTHER_CAME)
        self._show_other()

    def _show_other(self) -> None:
        known = self._other.known
        if known is not None and known.camera_on:
            if not self.other_pictures.expected:
                self.other_pictures.expect()
        else:
            self.other_pictures.clear()
        self.board.change(other=known)

    def _other_disconnected(self, participant: "rtc.RemoteParticipant") -> None:
        known = self._other.known
        if self._machine.state not in _IN_ROOM or known is None or participant.identity != known.identity:
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
            self._post(CallEvent.OTHER_VANISHED)

    def _grace_ended(self) -> None:
        """While the server still counts them in, they are only silent."""
        if self._machine.state in _IN_ROOM and self._other.find(self._room()) is None:
            self._other_is_gone(CallEvent.OTHER_GRACE_ENDED)

    def _other_is_gone(self, event: CallEvent) -> None:
        if self._other.presence is Presence.ABSENT:
            return
        self._other.is_gone()
        self._post(event)
        self._show_other()

    def _track_subscribed(self, track: "rtc.Track", publication: Any, participant: "rtc.RemoteParticipant") -> None:
        if self._remote is not None and is_person(participant):
            self._remote.add(track, publication.source)
            self._other_changed(participant)

    def _track_gone(self, publication: Any) -> None:
        if self._remote is not None:
            self._remote.remove(publication.sid)

    def _speakers_changed(self, speakers: "list[rtc.Participant]") -> None:
        self._speaking = {each.identity for each in speakers if each is not None}
        known = self._other.known
        if known is not None and self._other.presence is Presence.HERE:
            self._other.known = replace(known, speaking=known.identity in self._speaking)
            self._show_other()

    # -- the connection

    def _connection_changed(self, state: int) -> None:
        if state == rtc.ConnectionState.CONN_RECONNECTING:
            self._interrupted("sdk")
        elif state == rtc.ConnectionState.CONN_CONNECTED:
            self._restored("sdk")

    def _interrupted(self, by: str) -> None:
        """`by`: "sdk", or "watch" for what only our own watch has seen."""
        if self._machine.state not in _IN_ROOM:
            return
        self._interruptions.add(by)
        if self._machine.state is not CallState.RECONNECTING:
            self._post(CallEvent.LINK_INTERRUPTED)
            self._scope.start(self._limit_reconnecting(), "limiting the reconnect")

    def _restored(self, by: str) -> None:
        if by not in self._interruptions or self._machine.state is not CallState.RECONNECTING:
            return
        self._interruptions.discard(by)
        if self._interruptions and by == "watch":
            return
        self._interruptions.clear()
        other = self._other.find(self._room())
        if other is not None:
            self._other.is_here(other)
            self._watch.restart_other()
            self._post(CallEvent.LINK_RESTORED_WITH_OTHER)
        elif self._other.presence is Presence.ABSENT:
            self._post(CallEvent.LINK_RESTORED_ALONE)
        else:
            self._other.vanished()
            self._post(CallEvent.LINK_RESTORED_OTHER_AWAY)
        self._show_other()

    async def _limit_reconnecting(self) -> None:
        since = self.board.snapshot.reconnecting_since
        await asyncio.sleep(self._limits.reconnect_s)
        if self._machine.state is CallState.RECONNECTING and self.board.snapshot.reconnecting_since == since:
            self._end(CallEvent.LINK_LOST)

    def _disconnected(self, reason: int) -> None:
        if self._machine.state in _IN_ROOM:
            self._end(ENDINGS.get(reason, CallEvent.LINK_LOST))

    async def _watch_for_stalls(self) -> None:
        assert self._link is not None
        while True:
            await asyncio.sleep(STATS_EVERY_S)
            stats = await self._link.stats(STATS_EVERY_S)
            heard = counts(stats) if stats is not None else self._last_counts
            self._last_counts = heard
            known, snapshot = self._other.known, self.board.snapshot
            sending = _sends(snapshot.camera) or _sends(snapshot.microphone)
            other_sends = known is not None and (known.camera_on or known.microphone_on)
            self._watch.look(time.monotonic(), *heard, sending=sending, other_sends=other_sends)
            if self._watch.link_silent:
                self._interrupted("watch")
            else:
                self._restored("watch")
                self._note_other_silence()

    _last_counts = (0, 0)

    def _note_other_silence(self) -> None:
        if self._machine.state is CallState.IN_CALL and self._watch.other_silent:
            self._other_vanished()
        elif self._machine.state is CallState.OTHER_RECONNECTING and not self._watch.other_silent:
            other = self._other.find(self._room())
            if other is not None:
                self._other_changed(other)

    # -- the end

    def _post(self, event: CallEvent) -> None:
        state = self._machine.post(event)
        now, before = self._now(), self.board.snapshot
        self.board.change(
            state=state,
            end_reason=self._machine.end_reason,
            in_call_since=before.in_call_since or (now if state is CallState.IN_CALL else None),
            reconnecting_since=(before.reconnecting_since or now) if state is CallState.RECONNECTING else None,
            other=self._other.known if state is CallState.IN_CALL else before.other,
        )

    def _end(self, event: CallEvent) -> None:
        self._post(event)
        self._ended.set()
        self._freed = self._loop.create_task(self._free_devices(), name="freeing the devices")
        self._over = self._loop.create_task(self._wind_up(on_purpose=event is CallEvent.LEFT), name="winding up")

    async def _free_devices(self) -> None:
        await asyncio.gather(self._camera.close(), self._audio.close(), return_exceptions=True)
        self._camera_worker.close(0)
        self._sound_worker.close(0)

    async def _wind_up(self, on_purpose: bool) -> None:
        """In this order: devices, readers and tasks, the room, and only then the sources that fed it."""
        await asyncio.wait({self._freed})
        self._other.close()
        if self._remote is not None:
            await self._remote.close()
        self.other_pictures.clear()
        await self._scope.close()
        if self._link is not None:
            await self._link.leave(on_purpose)
        if self._local is not None:
            await self._local.close()


def counts(stats: "rtc.RtcStats") -> tuple[int, int]:
    """What has come from the server in all, and how many packets of the other's media."""
    link = media = 0
    for each in (*stats.publisher_stats, *stats.subscriber_stats):
        which = each.WhichOneof("stats")
        if which == "candidate_pair":
            pair = each.candidate_pair.candidate_pair
            link += pair.packets_received + pair.requests_received + pair.responses_received
        elif which == "inbound_rtp":
            media += each.inbound_rtp.received.packets_received
    return link, media


def _sends(device: DeviceState) -> bool:
    return device.wanted and device.working
