"""One call over LiveKit, from preview to end. Everything here runs on the media loop."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import datetime

from livekit import rtc

from app.call.adaptation.controller import PictureCare
from app.call.connectivity.link_monitor import LinkWatch
from app.call.connectivity.preflight import ConnectionChecks
from app.call.connectivity.rejoin import WayBack
from app.call.contract.call_state import CallState
from app.call.contract.devices import Device, DeviceKind, SoundPath
from app.call.contract.engine import CallCredentials, CallLimits, ConnectionCheck, Reach, Renew
from app.call.local_devices import Devices
from app.call.room.publisher import LocalMedia
from app.call.room.room_connection import JoinOutcome, RoomLink
from app.call.room.room_session import InRoom
from app.call.room.video_constraints import PictureWishes
from app.call.runtime import memory
from app.call.runtime.task_scope import Scope
from app.call.runtime.thread_priority import keep_pictures_behind
from app.call.runtime.threads import MediaThread
from app.call.state.machine import CallEvent
from app.call.state.store import Board, Progress
from app.call.stats.quality_monitor import QualityWatch
from app.call.video.latest_frame import NewestPicture

log = logging.getLogger(__name__)

OPENING_LIMIT_S = 3.0
FREEING_LIMIT_S = 4.0
"""How long leaving waits for a driver that hangs; the device is then freed when the driver lets go."""
PUBLISHING_LIMIT_S = 3.0
"""How long a goodbye waits for what is just being published: the SDK loses a goodbye that is said half-way."""
_FAILED_JOINS = {
    JoinOutcome.REFUSED: CallEvent.JOIN_REFUSED,
    JoinOutcome.NO_ROOM: CallEvent.ROOM_CLOSED,
    JoinOutcome.FAILED: CallEvent.JOIN_FAILED,
}


class LivekitCall:
    """Takes the commands of `LivekitEngine`; owns the devices, the room and, by its scope, every task of the call."""

    def __init__(
        self,
        board: Board,
        camera: str | None,
        microphone_on: bool,
        now: Callable[[], datetime],
        limits: CallLimits,
        sound: SoundPath = SoundPath.OWN,
    ) -> None:
        self.other_pictures = NewestPicture()
        self.care = PictureCare()
        self.quality = QualityWatch(board, self.care.note)
        self._wishes: PictureWishes | None = None
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._board = board
        self._progress = Progress(board, now)
        self._scope = Scope()
        self._in_room: InRoom | None = None
        self._checks = ConnectionChecks()
        self._local: LocalMedia | None = None
        self._publishing: asyncio.Task[None] | None = None
        self._way_back: WayBack | None = None
        self._parting: set[asyncio.Task[None]] = set()
        self._freeing: asyncio.Task[None] | None = None
        self._winding_up: asyncio.Task[None] | None = None
        self._voices, self._voice_scope = MediaThread("call-voices", first=True), Scope()
        self._devices = Devices(camera, sound, self._devices_changed, self._voice_recorded)
        board.change(sound=self._devices.path)
        self._devices.audio.set_microphone(microphone_on)
        self._devices_changed()

    # -- commands

    async def prepare(self) -> None:
        if self._progress.state is CallState.IDLE:
            self._progress.post(CallEvent.PREVIEW_OPENED)
            await self._devices.open(self._scope, self._heard)

    async def join(self, credentials: CallCredentials, renew: Renew | None) -> None:
        if self._progress.state not in (CallState.IDLE, CallState.PREPARING):
            return
        if self._progress.state is CallState.IDLE:
            self._scope.start(self._devices.open(self._scope, self._heard), "opening the devices")
        self._progress.post(CallEvent.JOIN_STARTED)
        in_room = self._in_room = InRoom(
            self._progress,
            self._limits,
            self._scope,
            self._devices.audio.ear,
            self._voices,
            self.other_pictures,
            self._room_ended,
        )
        outcome = await in_room.link.connect(
            credentials.livekit_url, credentials.access_token, self._limits.join_s, self._progress.ended
        )
        if self._progress.ended.is_set():
            return
        if outcome is not JoinOutcome.CONNECTED:
            self._end(_FAILED_JOINS[outcome])
            return
        in_room.joined()
        self._devices.audio.joined()
        self._stay(in_room, credentials, renew)
        await self._publish(in_room.room)

    def _stay(self, in_room: InRoom, credentials: CallCredentials, renew: Renew | None) -> None:
        """What keeps the call going, from the moment it is connected."""
        memory.spare()
        self._scope.on_close("letting the collector look again", memory.look_again)
        in_room.on_restored = self._show_tracks_again
        wishes = self._wishes = PictureWishes(in_room, self.care, self._scope)
        watch = LinkWatch(
            in_room,
            self.quality,
            self.care,
            wishes,
            credentials.livekit_url,
            self._limits,
            may_rejoin=renew is not None,
            on_lost=lambda: self._room_ended(CallEvent.LINK_LOST),
        )
        self._scope.start(watch.run(), "watching the connection")
        self._scope.start(keep_pictures_behind(), "keeping pictures behind")
        if renew is not None:
            back = lambda: self._publish(in_room.room)  # noqa: E731  one expression, used once below
            self._way_back = WayBack(in_room, watch, credentials, renew, self._give_up, back, self._end)
            self._scope.start(self._way_back.run(), "finding the way back")

    def _publish(self, room: rtc.Room) -> "asyncio.Task[None]":
        """Nothing cancels it: a goodbye waits for it."""
        self._publishing = self._loop.create_task(self._publish_into(room), name="publishing")
        return self._publishing

    async def _publish_into(self, room: rtc.Room) -> None:
        # A track that is unmuted in the moment in which the other subscribes to it can stay silent there (livekit 1.2.1
        # leaves it disabled): what is about to work is waited for, so that it is published as it will be.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._devices.opened.wait(), OPENING_LIMIT_S)
        if self._progress.ended.is_set() or self._in_room is None or self._in_room.room is not room:
            return
        local = self._local = LocalMedia(self.care.gate, self._voices, self._voice_scope, self._devices.audio.source)
        self._show_tracks()
        self._devices.camera.sink = local.send_picture
        try:
            await local.publish(room)
        except Exception:  # the room went while publishing: its own event says how the call goes on
            log.exception("publishing failed")

    async def leave(self) -> None:
        """The devices are free when this returns; the network follows in the background."""
        if self._progress.state is not CallState.ENDED:
            self._end(CallEvent.LEFT)
        if self._freeing is not None:
            await asyncio.wait({self._freeing}, timeout=FREEING_LIMIT_S)

    async def close(self) -> None:
        """Returns when all of the call is over, which takes as long as the network does."""
        await self.leave()
        if self._winding_up is not None:
            await asyncio.wait({self._winding_up})

    async def set_microphone(self, on: bool) -> None:
        self._devices.audio.set_microphone(on)

    async def set_camera(self, on: bool) -> None:
        await self._devices.camera.set_wanted(on)

    async def set_background_blur(self, on: bool) -> None:
        self._devices.camera.set_blur(on)

    async def watch_other(self, on: bool) -> None:
        self.care.watched = on
        if self._wishes is not None:
            self._wishes.tell()

    async def retry(self, kind: DeviceKind) -> None:
        if self._progress.state is not CallState.ENDED:
            await self._devices.of(kind).open()

    async def choose(self, device: Device) -> None:
        await self._devices.of(device.kind).choose(device)

    async def devices(self, kind: DeviceKind) -> list[Device]:
        return await self._devices.of(kind).devices()

    async def check_connection(self, livekit_url: str, access_token: str) -> ConnectionCheck:
        if self._progress.state is CallState.ENDED:
            return ConnectionCheck(Reach.NONE)
        return await self._checks.check(livekit_url, access_token)

    async def play_test_sound(self) -> bool:
        return await self._devices.audio.play_test_sound()

    def microphone_level(self) -> float:
        return self._devices.audio.level()

    @property
    def own_pictures(self) -> NewestPicture:
        return self._devices.camera.pictures

    # -- the devices

    def _devices_changed(self) -> None:
        self._board.change(**self._devices.states, background_blur=self._devices.camera.blur.state)
        self._show_tracks()

    def _show_tracks(self) -> None:
        if not self._progress.in_room:
            return
        if self._local is not None:
            states = self._devices.states
            seen = states["camera"].sends and not self._devices.camera.blur.state.starting
            self._local.show(states["microphone"].sends, seen)
        if self._in_room is not None:
            self._in_room.tell_devices()

    def _show_tracks_again(self) -> None:
        if self._local is not None:
            self._local.show_again()

    def _voice_recorded(self, frame: rtc.AudioFrame) -> None:
        """PortAudio's thread, every 10 ms."""
        local = self._local
        if local is not None and self._progress.in_room:
            local.voice.send(frame)

    def _heard(self) -> None:
        self._board.change(speaking_muted=self._devices.audio.speaking_muted)

    # -- the end

    def _room_ended(self, event: CallEvent) -> None:
        """The link is over. Put out by a link of our own that was on its way out is no other device."""
        put_out_by_own = event is CallEvent.JOINED_ELSEWHERE and bool(self._parting)
        if self._way_back is not None and (event is CallEvent.LINK_LOST or put_out_by_own):
            self._way_back.begin()
        else:
            self._end(event)

    def _give_up(self, link: RoomLink) -> None:
        """In the background: nobody may answer any more."""
        local, self._local = self._local, None
        parting = self._loop.create_task(self._part(link, local, on_purpose=False), name="giving a link up")
        self._parting.add(parting)
        parting.add_done_callback(self._parting.discard)

    async def _part(self, link: RoomLink, local: LocalMedia | None, on_purpose: bool) -> None:
        """The connection first, and only then the sources that fed it."""
        await link.leave(on_purpose)
        if local is not None:
            await local.close()

    def _end(self, event: CallEvent) -> None:
        self._progress.post(event)
        self._freeing = self._loop.create_task(self._devices.free(), name="freeing the devices")
        self._winding_up = self._loop.create_task(self._wind_up(event is CallEvent.LEFT), name="winding up")

    async def _wind_up(self, on_purpose: bool) -> None:
        """In this order: devices, tasks and readers, the room, and only then the sources that fed it."""
        checks = self._loop.create_task(self._checks.close(), name="ending the checks")
        if self._freeing is not None:
            await asyncio.wait({self._freeing})
        await self._scope.close()
        self.other_pictures.clear()
        if self._publishing is not None:
            await asyncio.wait({self._publishing}, timeout=PUBLISHING_LIMIT_S)
        if self._in_room is not None:
            await self._in_room.close()
            await self._part(self._in_room.link, self._local, on_purpose)
        await asyncio.wait({checks, *self._parting})
        self._devices.end_workers()
        await self._voices.run(self._voice_scope.close())
        self._voices.stop()
        # The SDK frees a room's threads with its last reference.
        self._in_room = self._local = self._way_back = self._wishes = None
