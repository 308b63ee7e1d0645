"""The native engine: LiveKit's SDK, OpenCV and PortAudio in this process. Import it only where these are installed."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from app.call.audio.portaudio_io import select_audio
from app.call.call_controller import CallController
from app.call.contract.call_state import CallSnapshot
from app.call.contract.chat import ChatMessage
from app.call.contract.devices import AudioBackend, Device, DeviceKind, VideoEncoder
from app.call.contract.engine import (
    CallCredentials,
    CallLimits,
    ConnectionCheck,
    Frame,
    PixelFormat,
    Reachability,
    RefreshCredentials,
)
from app.call.contract.files import FileProblem
from app.call.contract.screen import Screen
from app.call.contract.stats import QualityReport, QualitySample
from app.call.contract.timer import SharedTimer
from app.call.recording.outlets import recover_apart
from app.call.room.messages.recording import NewRecorder
from app.call.room.sdk_private import library_is_there
from app.call.runtime.device_permission import request_devices
from app.call.runtime.thread_priority import lower_priority
from app.call.runtime.threads import EventLoopThread, LoopEnded
from app.call.state.store import SnapshotStore
from app.call.video.convert import render, use_one_thread
from app.call.video.latest_frame import LatestFrame

CLOSE_LIMIT_S = 6.0
"""A disconnect that nothing answers takes 5 s; what takes longer goes on in the background."""

Result = TypeVar("Result")


def utc_now() -> datetime:
    return datetime.now(UTC)


def _on_this_loop(refresh: RefreshCredentials) -> RefreshCredentials:
    """`refresh` for the media loop: it runs on the interface's, where the API client lives."""
    interface = asyncio.get_running_loop()

    async def ask() -> CallCredentials:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(refresh(), interface))

    return ask


class LivekitEngine:
    """Implements `CallEngine`. Costs nothing until its first command, which starts the media thread.

    `camera` is RENDEZVOUS_CAMERA: an index, the path of a video file, or `test-picture`; None takes the first camera
    there is. `microphone_on` False joins muted. `now` gives the snapshot's times, aware UTC. `audio_backend` is how the
    person wants it recorded and played, `video_encoder` what encodes the camera, `new_recorder` what writes a recording
    in place of the call's own.
    """

    def __init__(
        self,
        camera: str | None = None,
        microphone_on: bool = True,
        now: Callable[[], datetime] = utc_now,
        limits: CallLimits | None = None,
        audio_backend: AudioBackend = AudioBackend.PORTAUDIO,
        video_encoder: VideoEncoder = VideoEncoder.SOFTWARE,
        new_recorder: NewRecorder | None = None,
    ) -> None:
        self._camera = camera
        self._microphone_on = microphone_on
        self._now = now
        self._limits = limits or CallLimits()
        self._audio_backend = audio_backend
        self._video_encoder = video_encoder
        self._new_recorder = new_recorder
        self._store = SnapshotStore()
        self._media: EventLoopThread | None = None
        self._call: CallController | None = None
        self._starting: asyncio.Task[None] | None = None
        self._rendering: ThreadPoolExecutor | None = None
        self._closed = False

    @staticmethod
    def can_run() -> bool:
        """Whether all native parts of a call are there."""
        return library_is_there()

    @staticmethod
    def recover_recording(file: Path) -> Path:
        """Makes a whole file of one that a killed program left behind, if it can be; else it is `file` itself. Blocks,
        for as long as it takes to copy it.
        """
        return recover_apart(file)

    def snapshot(self) -> CallSnapshot:
        return self._store.snapshot

    def subscribe(self, on_change: Callable[[CallSnapshot], None]) -> Callable[[], None]:
        return self._store.subscribe(on_change)

    async def prepare(self) -> None:
        await self._command(lambda call: call.prepare())

    async def join(self, credentials: CallCredentials, refresh: RefreshCredentials | None = None) -> None:
        refresh_here = _on_this_loop(refresh) if refresh is not None else None
        await self._command(lambda call: call.join(credentials, refresh_here))

    async def leave(self) -> None:
        await self._command(lambda call: call.leave())

    async def set_microphone(self, on: bool) -> None:
        await self._command(lambda call: call.devices.set_microphone(on))

    async def set_camera(self, on: bool) -> None:
        await self._command(lambda call: call.devices.set_camera(on))

    async def set_background_blur(self, on: bool) -> None:
        await self._command(lambda call: call.devices.set_background_blur(on))

    async def set_remote_video_visible(self, on: bool) -> None:
        await self._command(lambda call: call.set_remote_video_visible(on))

    async def answer_unencrypted(self, goes_on_without: bool) -> None:
        await self._command(lambda call: call.answer_unencrypted(goes_on_without))

    async def send_message(self, text: str) -> None:
        await self._command(lambda call: call.topics.send_message(text))

    async def take_messages(self, messages: Sequence[ChatMessage]) -> None:
        await self._command(lambda call: call.topics.take_messages(messages))

    async def send_file(self, name: str, content: bytes, note: str) -> FileProblem | None:
        return await self._command(lambda call: call.topics.send_file(name, content, note))

    async def send_file_again(self, file_id: str) -> FileProblem | None:
        return await self._command(lambda call: call.topics.send_file_again(file_id))

    async def cancel_file(self, file_id: str) -> None:
        await self._command(lambda call: call.topics.cancel_file(file_id))

    async def received_file(self, file_id: str) -> bytes | None:
        return await self._command(lambda call: call.topics.received_file(file_id))

    async def set_timer(self, length: timedelta | None) -> None:
        await self._command(lambda call: call.topics.set_timer(length))

    async def take_timer(self, timer: SharedTimer) -> None:
        await self._command(lambda call: call.topics.take_timer(timer))

    async def ask_to_record(self, file: str) -> None:
        await self._command(lambda call: call.topics.ask_to_record(file))

    async def stop_recording(self) -> None:
        await self._command(lambda call: call.topics.stop_recording())

    async def answer_recording(self, ask_id: str, agreed: bool) -> None:
        await self._command(lambda call: call.topics.answer_recording(ask_id, agreed))

    async def screens(self) -> list[Screen]:
        return await self._command(lambda call: call.screen.screens()) or []

    async def share_screen(self, screen: Screen) -> None:
        await self._command(lambda call: call.screen.share(screen))

    async def stop_sharing(self) -> None:
        await self._command(lambda call: call.screen.stop())

    async def retry(self, kind: DeviceKind) -> None:
        await self._command(lambda call: call.retry(kind))

    async def choose(self, device: Device, instead_of: Device | None = None) -> None:
        await self._command(lambda call: call.devices.choose(device, instead_of))

    async def devices(self, kind: DeviceKind) -> list[Device]:
        return await self._command(lambda call: call.devices.list_of(kind)) or []

    async def check_connection(self, livekit_url: str, access_token: str) -> ConnectionCheck:
        found = await self._command(lambda call: call.check_connection(livekit_url, access_token))
        return found or ConnectionCheck(Reachability.NONE)

    async def play_test_tone(self) -> bool:
        return await self._command(lambda call: call.devices.audio.play_test_tone()) or False

    def microphone_level(self) -> float:
        return self._call.devices.audio.level() if self._call is not None else 0.0

    def quality_samples(self) -> tuple[QualitySample, ...]:
        return self._call.quality.samples if self._call is not None else ()

    def quality_report(self) -> QualityReport | None:
        return self._call.quality.report() if self._call is not None else None

    async def own_frame(self, after: int, max_width: int, max_height: int, pixel_format: PixelFormat) -> Frame | None:
        frames = self._call.devices.camera.frames if self._call is not None else None
        return await self._frame(frames, after, max_width, max_height, pixel_format)

    async def remote_frame(
        self, after: int, max_width: int, max_height: int, pixel_format: PixelFormat
    ) -> Frame | None:
        frames = None
        if self._call is not None:
            frames = self._call.remote_frames
            self._call.adaptation.remote_video_box = (max_width, max_height)
        return await self._frame(frames, after, max_width, max_height, pixel_format)

    async def remote_screen_frame(
        self, after: int, max_width: int, max_height: int, pixel_format: PixelFormat
    ) -> Frame | None:
        frames = self._call.screen_frames if self._call is not None else None
        return await self._frame(frames, after, max_width, max_height, pixel_format)

    async def _frame(
        self, frames: LatestFrame | None, after: int, max_width: int, max_height: int, pixel_format: PixelFormat
    ) -> Frame | None:
        if frames is None or self._rendering is None:
            return None
        frame = await frames.next_after(after)
        if frame is None or self._rendering is None:
            return None
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._rendering, render, frame, max_width, max_height, pixel_format)

    async def _command(self, command: Callable[[CallController], Coroutine[Any, Any, Result]]) -> Result | None:
        """Runs a command on the media loop; None when the engine is spent, before it or meanwhile."""
        if not self._closed and self._call is None:
            await self._started()
        media, call = self._media, self._call
        if self._closed or media is None or call is None:
            return None
        try:
            return await media.run(command(call))
        except LoopEnded:
            return None

    async def _started(self) -> None:
        """The call is made once, by a task of its own: a first command that is cancelled does not leave it half made.
        Raises what making it raises, and then the next command tries again.
        """
        if self._starting is None or self._starting.done():
            self._starting = asyncio.get_running_loop().create_task(self._start(), name="starting the call's engine")
        await asyncio.shield(self._starting)

    async def _start(self) -> None:
        await request_devices()
        media = EventLoopThread()
        try:
            call = await media.run(self._make_call())
        except BaseException:
            media.stop(0)
            raise
        if self._closed:  # by `terminate`, meanwhile
            await media.close(call.close(), CLOSE_LIMIT_S)
            return
        self._rendering = ThreadPoolExecutor(2, "call-render", initializer=lower_priority)
        self._media, self._call = media, call

    async def _make_call(self) -> CallController:
        use_one_thread()
        audio = await select_audio(self._audio_backend)
        return CallController(
            self._store,
            self._camera,
            self._microphone_on,
            self._now,
            self._limits,
            audio,
            self._video_encoder,
            self._new_recorder,
        )

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        if self._starting is not None:
            await asyncio.wait({self._starting}, timeout=CLOSE_LIMIT_S)
        if self._media is not None and self._call is not None:
            await self._media.close(self._call.close(), CLOSE_LIMIT_S)
            self._media = self._call = None
        self._end_rendering()

    def terminate(self) -> None:
        self._closed = True
        if self._media is not None and self._call is not None:
            self._media.close_now(self._call.close(), CLOSE_LIMIT_S)
        self._end_rendering()

    def _end_rendering(self) -> None:
        rendering, self._rendering = self._rendering, None
        if rendering is not None:
            rendering.shutdown(wait=False, cancel_futures=True)
