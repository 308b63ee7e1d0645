"""One call over LiveKit, from preview to end. Everything here runs on the media loop."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import datetime

from livekit import rtc

from app.call.adaptation.controller import AdaptationController
from app.call.connectivity.link_monitor import LinkMonitor
from app.call.connectivity.preflight import ConnectionChecks
from app.call.connectivity.rejoin import Rejoiner
from app.call.contract.call_state import CallState
from app.call.contract.devices import AudioBackend, Device, DeviceKind
from app.call.contract.engine import CallCredentials, CallLimits, ConnectionCheck, Reachability, RefreshCredentials
from app.call.local_devices import LocalDevices
from app.call.room.publisher import LocalTrackPublisher
from app.call.room.room_connection import JoinOutcome, RoomConnection
from app.call.room.room_session import RoomSession
from app.call.room.video_constraints import ReceiverVideoConstraints
from app.call.runtime import memory
from app.call.runtime.task_scope import TaskScope
from app.call.runtime.thread_priority import demote_video_threads
from app.call.runtime.threads import EventLoopThread
from app.call.state.machine import CallEvent
from app.call.state.store import CallStatus, SnapshotStore
from app.call.stats.quality_monitor import QualityMonitor
from app.call.video.latest_frame import LatestFrame

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


class CallController:
    """Takes the commands of `LivekitEngine`; owns the devices, the room and, by its scope, every task of the call."""

    def __init__(
        self,
        store: SnapshotStore,
        camera: str | None,
        microphone_on: bool,
        now: Callable[[], datetime],
        limits: CallLimits,
        audio_backend: AudioBackend = AudioBackend.PORTAUDIO,
    ) -> None:
        self.remote_frames = LatestFrame()
        self.adaptation = AdaptationController()
        self.quality = QualityMonitor(store, self.adaptation.note)
        self._constraints: ReceiverVideoConstraints | None = None
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._store = store
        self._status = CallStatus(store, now)
        self._scope = TaskScope()
        self._session: RoomSession | None = None
        self._checks = ConnectionChecks()
        self._local: LocalTrackPublisher | None = None
        self._publishing: asyncio.Task[None] | None = None
        self._rejoiner: Rejoiner | None = None
        self._closing_connections: set[asyncio.Task[None]] = set()
        self._freeing: asyncio.Task[None] | None = None
        self._winding_up: asyncio.Task[None] | None = None
        self._audio_loop, self._audio_scope = EventLoopThread("call-voices", realtime=True), TaskScope()
        self._devices = LocalDevices(camera, audio_backend, self._devices_changed, self._audio_captured)
        store.update(audio_backend=self._devices.audio_backend)
        self._devices.audio.set_microphone(microphone_on)
        self._devices_changed()

    # -- commands

    async def prepare(self) -> None:
        if self._status.state is CallState.IDLE:
            self._status.post(CallEvent.PREVIEW_OPENED)
            await self._devices.open(self._scope, self._show_speaking_muted)

    async def join(self, credentials: CallCredentials, refresh: RefreshCredentials | None) -> None:
        if self._status.state not in (CallState.IDLE, CallState.PREPARING):
            return
        if self._status.state is CallState.IDLE:
            self._scope.start(self._devices.open(self._scope, self._show_speaking_muted), "opening the devices")
        self._status.post(CallEvent.JOIN_STARTED)
        session = self._session = RoomSession(
            self._status,
            self._limits,
            self._scope,
            self._devices.audio.mixer,
            self._audio_loop,
            self.remote_frames,
            self._room_ended,
        )
        outcome = await session.connection.connect(
            credentials.livekit_url, credentials.access_token, self._limits.join_s, self._status.ended
        )
        if self._status.ended.is_set():
            return
        if outcome is not JoinOutcome.CONNECTED:
            self._end(_FAILED_JOINS[outcome])
            return
        session.on_joined()
        self._devices.audio.joined()
        self._stay(session, credentials, refresh)
        await self._publish(session.room)

    def _stay(self, session: RoomSession, credentials: CallCredentials, refresh: RefreshCredentials | None) -> None:
        """What keeps the call going, from the moment it is connected."""
        memory.freeze_gc()
        self._scope.on_close("letting the collector look again", memory.unfreeze_gc)
        session.on_resumed = self._resend_mute_state
        constraints = self._constraints = ReceiverVideoConstraints(session, self.adaptation, self._scope)
        monitor = LinkMonitor(
            session,
            self.quality,
            self.adaptation,
            constraints,
            credentials.livekit_url,
            self._limits,
            may_rejoin=refresh is not None,
            on_lost=lambda: self._room_ended(CallEvent.CONNECTION_LOST),
        )
        self._scope.start(monitor.run(), "watching the connection")
        self._scope.start(demote_video_threads(), "keeping frames behind")
        if refresh is not None:
            republish = lambda: self._publish(session.room)  # noqa: E731  one expression, used once below
            self._rejoiner = Rejoiner(
                session, monitor, credentials, refresh, self._close_in_background, republish, self._end
            )
            self._scope.start(self._rejoiner.run(), "finding the way back")

    def _publish(self, room: rtc.Room) -> "asyncio.Task[None]":
        """Nothing cancels it: a goodbye waits for it."""
        self._publishing = self._loop.create_task(self._publish_into(room), name="publishing")
        return self._publishing

    async def _publish_into(self, room: rtc.Room) -> None:
        # A track that is unmuted in the moment in which the peer subscribes to it can stay silent there (livekit 1.2.1
        # leaves it disabled): what is about to work is waited for, so that it is published as it will be.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._devices.opened.wait(), OPENING_LIMIT_S)
        if self._status.ended.is_set() or self._session is None or self._session.room is not room:
            return
        local = self._local = LocalTrackPublisher(
            self.adaptation.video_adapter, self._audio_loop, self._audio_scope, self._devices.audio.source
        )
        self._apply_mute()
        self._devices.camera.sink = local.send_frame
        try:
            await local.publish(room)
        except Exception:  # the room went while publishing: its own event says how the call goes on
            log.exception("publishing failed")

    async def leave(self) -> None:
        """The devices are free when this returns; the network follows in the background."""
        if self._status.state is not CallState.ENDED:
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
        await self._devices.camera.set_enabled(on)

    async def set_background_blur(self, on: bool) -> None:
        self._devices.camera.set_blur(on)

    async def set_remote_video_visible(self, on: bool) -> None:
        self.adaptation.remote_video_visible = on
        if self._constraints is not None:
            self._constraints.send_due()

    async def retry(self, kind: DeviceKind) -> None:
        if self._status.state is not CallState.ENDED:
            await self._devices.of(kind).open()

    async def choose(self, device: Device) -> None:
        await self._devices.of(device.kind).choose(device)

    async def devices(self, kind: DeviceKind) -> list[Device]:
        return await self._devices.of(kind).devices()

    async def check_connection(self, livekit_url: str, access_token: str) -> ConnectionCheck:
        if self._status.state is CallState.ENDED:
            return ConnectionCheck(Reachability.NONE)
        return await self._checks.check(livekit_url, access_token)

    async def play_test_tone(self) -> bool:
        return await self._devices.audio.play_test_tone()

    def microphone_level(self) -> float:
        return self._devices.audio.level()

    @property
    def own_frames(self) -> LatestFrame:
        return self._devices.camera.frames

    # -- the devices

    def _devices_changed(self) -> None:
        self._store.update(**self._devices.states, background_blur=self._devices.camera.blur.state)
        self._apply_mute()

    def _apply_mute(self) -> None:
        if not self._status.in_room:
            return
        if self._local is not None:
            states = self._devices.states
            seen = states["camera"].is_sending and not self._devices.camera.blur.state.starting
            self._local.set_muted(microphone=not states["microphone"].is_sending, camera=not seen)
        if self._session is not None:
            self._session.publish_device_state()

    def _resend_mute_state(self) -> None:
        if self._local is not None:
            self._local.resend_mute_state()

    def _audio_captured(self, frame: rtc.AudioFrame) -> None:
        """PortAudio's thread, every 10 ms."""
        local = self._local
        if local is not None and self._status.in_room:
            local.audio.send(frame)

    def _show_speaking_muted(self) -> None:
        self._store.update(speaking_muted=self._devices.audio.speaking_muted)

    # -- the end

    def _room_ended(self, event: CallEvent) -> None:
        """The connection is over. Put out by a connection of our own that was on its way out is no other device."""
        evicted_by_own = event is CallEvent.JOINED_ELSEWHERE and bool(self._closing_connections)
        if self._rejoiner is not None and (event is CallEvent.CONNECTION_LOST or evicted_by_own):
            self._rejoiner.start()
        else:
            self._end(event)

    def _close_in_background(self, connection: RoomConnection) -> None:
        """In the background: nobody may answer any more."""
        local, self._local = self._local, None
        closing = self._loop.create_task(
            self._close_connection(connection, local, on_purpose=False), name="giving a connection up"
        )
        self._closing_connections.add(closing)
        closing.add_done_callback(self._closing_connections.discard)

    async def _close_connection(
        self, connection: RoomConnection, local: LocalTrackPublisher | None, on_purpose: bool
    ) -> None:
        """The connection first, and only then the sources that fed it."""
        await connection.disconnect(on_purpose)
        if local is not None:
            await local.close()

    def _end(self, event: CallEvent) -> None:
        self._status.post(event)
        self._freeing = self._loop.create_task(self._devices.free(), name="freeing the devices")
        self._winding_up = self._loop.create_task(self._wind_up(event is CallEvent.LEFT), name="winding up")

    async def _wind_up(self, on_purpose: bool) -> None:
        """In this order: devices, tasks and readers, the room, and only then the sources that fed it."""
        checks = self._loop.create_task(self._checks.close(), name="ending the checks")
        if self._freeing is not None:
            await asyncio.wait({self._freeing})
        await self._scope.close()
        self.remote_frames.close()
        if self._publishing is not None:
            await asyncio.wait({self._publishing}, timeout=PUBLISHING_LIMIT_S)
        if self._session is not None:
            await self._session.close()
            await self._close_connection(self._session.connection, self._local, on_purpose)
        await asyncio.wait({checks, *self._closing_connections})
        self._devices.end_workers()
        await self._audio_loop.run(self._audio_scope.close())
        self._audio_loop.stop()
        # The SDK frees a room's threads with its last reference.
        self._session = self._local = self._rejoiner = self._constraints = None
