"""The commands of one call over LiveKit, from preview to end. Everything here runs on the media loop."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from livekit import rtc

from app.call.adaptation.controller import AdaptationController
from app.call.adaptation.policy import PAUSED
from app.call.audio.portaudio_io import PORTAUDIO, AudioSelection
from app.call.connectivity.link_monitor import LinkMonitor
from app.call.connectivity.preflight import ConnectionChecks
from app.call.connectivity.rejoin import Rejoiner
from app.call.contract.call_state import CallPart, CallState
from app.call.contract.devices import DeviceKind, VideoEncoder
from app.call.contract.engine import CallCredentials, CallLimits, ConnectionCheck, Reachability, RefreshCredentials
from app.call.contract.recording import RecordingState
from app.call.local_devices import LocalDevices
from app.call.recording.process_recorder import ProcessRecorder
from app.call.recording.recorder import Recorder
from app.call.recording.taps import RecordingTaps
from app.call.room.messages.recording import NewRecorder
from app.call.room.messages.recording_run import FINISHING_LIMIT_S
from app.call.room.messages.topics import CallTopics
from app.call.room.publishing.publisher import Publisher
from app.call.room.publishing.screen_sharing import ScreenSharing
from app.call.room.room_connection import JoinOutcome
from app.call.room.room_session import RoomSession
from app.call.room.video_constraints import ReceiverVideoConstraints
from app.call.runtime import memory
from app.call.runtime.task_scope import TaskScope
from app.call.runtime.thread_priority import demote_video_threads
from app.call.runtime.threads import EventLoopThread
from app.call.state.machine import CallEvent
from app.call.state.store import CallStatus, SnapshotStore
from app.call.stats.quality_monitor import QualityMonitor
from app.call.teardown import Teardown
from app.call.video.latest_frame import LatestFrame

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
        audio: AudioSelection = PORTAUDIO,
        video_encoder: VideoEncoder = VideoEncoder.SOFTWARE,
        new_recorder: NewRecorder | None = None,
    ) -> None:
        self.remote_frames, self.screen_frames = LatestFrame(), LatestFrame()
        self.adaptation = AdaptationController()
        self.quality = QualityMonitor(store, self.adaptation.note)
        self._limits = limits
        self._store = store
        self._status = CallStatus(store, now)
        self.topics = CallTopics(now, new_recorder or self._new_recorder)
        self._scope = TaskScope()
        self._session: RoomSession | None = None
        self._constraints: ReceiverVideoConstraints | None = None
        self._rejoiner: Rejoiner | None = None
        self._checks = ConnectionChecks()
        self._audio_loop = EventLoopThread("call-audio", realtime=True)
        try:
            self.devices = LocalDevices(camera, audio, self._devices_changed, self._audio_captured)
        except BaseException:
            self._audio_loop.stop(0)
            raise
        self._publisher = Publisher(
            self.devices,
            self.adaptation.video_adapter,
            self._audio_loop,
            self._scope,
            on_change=lambda: store.update(**self._publisher.publications),
            rejoin=self._rejoin,
            video_encoder=video_encoder,
        )
        self.screen = ScreenSharing(store, self._scope.start, lambda: self.adaptation.video_adapter.step != PAUSED)
        self._teardown = Teardown(
            self.devices,
            self._scope,
            self._publisher,
            self.screen,
            self._audio_loop,
            (self.remote_frames, self.screen_frames),
            self._checks.close,
        )
        store.update(audio_backend=self.devices.audio_backend)
        self.devices.audio.set_microphone(microphone_on)
        self._devices_changed()

    # -- commands

    async def prepare(self) -> None:
        if self._status.state is CallState.IDLE:
            self._status.post(CallEvent.PREVIEW_OPENED)
            await self._open_devices()

    async def join(self, credentials: CallCredentials, refresh: RefreshCredentials | None) -> None:
        if self._status.state not in (CallState.IDLE, CallState.PREPARING):
            return
        if self._status.state is CallState.IDLE:
            self._scope.start(self._open_devices(), "opening the devices")
        self._status.post(CallEvent.JOIN_STARTED)
        session = self._session = RoomSession(
            self._status,
            self._limits,
            self._scope,
            self.devices.audio.mixer,
            self._audio_loop,
            self.remote_frames,
            self.screen_frames,
            self._connection_ended,
            credentials.encryption_key,
            self._rejoin,
        )
        self.topics.open(session, credentials)
        outcome = await session.connection.connect(
            credentials.livekit_url, credentials.access_token, self._limits.join_s, self._status.ended
        )
        if self._status.ended.is_set():
            return
        if outcome is not JoinOutcome.CONNECTED:
            self._end(_FAILED_JOINS[outcome])
            return
        session.on_joined()
        self.devices.audio.joined()
        self._keep_going(session, credentials, refresh)
        await asyncio.wait({self._publish(session)})

    def _keep_going(
        self, session: RoomSession, credentials: CallCredentials, refresh: RefreshCredentials | None
    ) -> None:
        """What keeps the call going, from the moment it is connected."""
        memory.freeze_gc()
        self._scope.on_close("unfreezing Python's collector", memory.unfreeze_gc)
        session.on_resumed = self._publisher.resend_mute_state
        constraints = self._constraints = ReceiverVideoConstraints(session, self.adaptation, self._scope)
        monitor = LinkMonitor(
            session,
            self.quality,
            self.adaptation,
            constraints,
            self._scope,
            credentials.livekit_url,
            self._limits,
            may_rejoin=refresh is not None,
            on_lost=lambda: self._connection_ended(CallEvent.CONNECTION_LOST),
            on_poll=lambda now_s: self._check(session, now_s),
        )
        fault_of = self._store.fault_of
        self._scope.supervise(monitor.run, "monitoring the connection", fault_of(CallPart.CONNECTION))
        self.topics.supervise(self._scope, fault_of)
        self._scope.supervise(demote_video_threads, "demoting video threads")
        if refresh is not None:
            self._rejoiner = Rejoiner(
                session,
                monitor,
                credentials,
                refresh,
                self._teardown.close_in_background,
                on_rejoined=lambda: self._publish(session),
                on_end=self._end,
            )
            self._scope.supervise(self._rejoiner.run, "rejoining", fault_of(CallPart.REJOINING))

    def _check(self, session: RoomSession, now_s: float) -> None:
        self._publisher.check(now_s)
        session.update_encryption()
        self.adaptation.remote_video_recorded = self._store.snapshot.recording.state is RecordingState.RECORDING

    def _publish(self, session: RoomSession) -> "asyncio.Task[None]":
        room = session.room

        def is_current() -> bool:
            return not self._status.ended.is_set() and session.room is room

        self.screen.attach(room)
        return self._scope.start(self._publisher.publish(room, is_current, self._publish_devices), "publishing")

    def _rejoin(self) -> None:
        """Without fresh credentials the connection at hand is all there is."""
        if self._rejoiner is not None and not self._status.ended.is_set():
            self._rejoiner.start()

    async def leave(self) -> None:
        """The devices are free when this returns; the network follows in the background."""
        if self._status.state is not CallState.ENDED:
            self._end(CallEvent.LEFT)
        await self._teardown.devices_freed()

    async def close(self) -> None:
        """Returns when all of the call is over, which takes as long as the network does, and what is recorded."""
        await self.leave()
        await self._teardown.done()
        await self.topics.recorded(FINISHING_LIMIT_S)

    async def set_remote_video_visible(self, on: bool) -> None:
        self.adaptation.remote_video_shown = on
        if self._constraints is not None:
            self._constraints.send_due()

    async def answer_unencrypted(self, goes_on_without: bool) -> None:
        if self._status.in_room and self._session is not None:
            self._session.encryption.answer(goes_on_without)
            self._session.publish_attributes()

    async def retry(self, kind: DeviceKind) -> None:
        if self._status.state is not CallState.ENDED:
            await self.devices.of(kind).open()

    async def check_connection(self, livekit_url: str, access_token: str) -> ConnectionCheck:
        if self._status.state is CallState.ENDED:
            return ConnectionCheck(Reachability.NONE)
        return await self._checks.check(livekit_url, access_token)

    # -- the devices

    async def _open_devices(self) -> None:
        await self.devices.open(self._scope, self._show_speaking_muted, self._store.fault_of)

    def _devices_changed(self) -> None:
        self._store.update(**self.devices.states, background_blur=self.devices.camera.blur.state)
        self._publish_devices()

    def _publish_devices(self) -> None:
        """What of this side's devices the peer should know: what is muted, and what fails."""
        if self._status.in_room and self._session is not None:
            self._publisher.apply_mute()
            self._session.publish_attributes()

    def _audio_captured(self, frame: rtc.AudioFrame) -> None:
        """PortAudio's thread, every 10 ms."""
        if self._status.in_room:
            self._publisher.send_audio(frame)

    def _show_speaking_muted(self) -> None:
        self._store.update(speaking_muted=self.devices.audio.speaking_muted)

    # -- the end

    def _connection_ended(self, event: CallEvent) -> None:
        """A DUPLICATE_IDENTITY caused by our own closing connection is not another device."""
        evicted_by_own = event is CallEvent.JOINED_ELSEWHERE and self._teardown.is_closing_connection
        if self._rejoiner is not None and (event is CallEvent.CONNECTION_LOST or evicted_by_own):
            self._rejoiner.start()
        else:
            self._end(event)

    def _end(self, event: CallEvent) -> None:
        self._status.post(event)
        self.topics.end_recording()
        self._teardown.begin(self._session, event is CallEvent.LEFT, self._drop_room)

    def _new_recorder(self) -> Recorder:
        """For one recording of this call."""
        devices = self.devices
        return ProcessRecorder(
            RecordingTaps(devices.camera, devices.audio, self.screen, self.remote_frames, self.screen_frames)
        )

    def _drop_room(self) -> None:
        self._session = self._rejoiner = self._constraints = None
        self.topics.close()
