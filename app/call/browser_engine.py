"""The call engine where there is no Python beside the camera: the call page (`callpage/`) carries the call in a browser
of the person's own, and this side follows by attendance who is there.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from app.call.contract.call_state import CallSnapshot, CallState, EndReason, RemotePeerState
from app.call.contract.chat import ChatMessage
from app.call.contract.devices import Device, DeviceKind
from app.call.contract.engine import (
    CallCredentials,
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

log = logging.getLogger(__name__)

POLL_S = 3.0
GONE_AFTER_S = 12.0
"""Away for so long, the page is closed. A page that is reloaded, or whose phone changes networks, is back before."""

OpenPage = Callable[[str], Awaitable[None]]
Attendance = Callable[[str], Awaitable[frozenset[str] | None]]


class BrowserEngine:
    """Implements `CallEngine`; devices, frames and quality are the page's own and not to be had here.

    `open_page` shows an address to the person; `attendance` says which roles are in a session's room now, or None when
    that is not known at the moment. `now` gives aware UTC.
    """

    def __init__(self, open_page: OpenPage, attendance: Attendance, now: Callable[[], datetime]) -> None:
        self._open_page = open_page
        self._attendance = attendance
        self._now = now
        self._snapshot = CallSnapshot()
        self._on_change: list[Callable[[CallSnapshot], None]] = []
        self._watching: asyncio.Task[None] | None = None
        self._gone_since: datetime | None = None

    def snapshot(self) -> CallSnapshot:
        return self._snapshot

    def subscribe(self, on_change: Callable[[CallSnapshot], None]) -> Callable[[], None]:
        self._on_change.append(on_change)
        return lambda: self._on_change.remove(on_change) if on_change in self._on_change else None

    def _update(self, snapshot: CallSnapshot) -> None:
        if snapshot != self._snapshot:
            self._snapshot = snapshot
            for on_change in list(self._on_change):
                on_change(snapshot)

    async def prepare(self) -> None:
        """The page has its own preview."""
        if self._snapshot.state is CallState.IDLE:
            self._update(replace(self._snapshot, state=CallState.PREPARING))

    async def join(self, credentials: CallCredentials, refresh: RefreshCredentials | None = None) -> None:
        """Opens the page and follows the room from then on. CONNECTING until this person is in it."""
        if self._snapshot.state not in (CallState.IDLE, CallState.PREPARING):
            return
        self._update(replace(self._snapshot, state=CallState.CONNECTING))
        self._watching = asyncio.get_running_loop().create_task(self._watch(credentials), name="following the room")
        await self._open_page(credentials.call_url)

    async def _watch(self, credentials: CallCredentials) -> None:
        """Until it is cancelled, by the end of the call."""
        while True:
            try:
                present = await self._attendance(credentials.session_id)
            except Exception:  # a poll that fails must not end the following
                log.exception("attendance could not be asked")
                present = None
            if present is not None:
                self._follow(present, credentials.participant_role)
            await asyncio.sleep(POLL_S)

    def _follow(self, present: frozenset[str], own_role: str) -> None:
        now, before = self._now(), self._snapshot
        if own_role not in present:
            if before.joined_at is None:  # still on the page's preview
                return
            self._gone_since = self._gone_since or now
            if (now - self._gone_since).total_seconds() >= GONE_AFTER_S:
                self._end()
            return
        self._gone_since = None
        other = next((role for role in sorted(present) if role != own_role), None)
        self._update(
            replace(
                before,
                state=CallState.IN_CALL if other else CallState.WAITING,
                joined_at=before.joined_at or now,
                in_call_since=before.in_call_since or (now if other else None),
                peer=RemotePeerState(identity=other, name="") if other else None,
            )
        )

    def _end(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
        self._update(replace(self._snapshot, state=CallState.ENDED, end_reason=EndReason.LEFT, peer=None))

    async def leave(self) -> None:
        """Stops following. The page is the person's own: only they can close it."""
        if self._snapshot.state is not CallState.ENDED:
            self._end()

    async def close(self) -> None:
        await self.leave()

    def terminate(self) -> None:
        """Nothing of the call is in this process."""

    async def set_microphone(self, on: bool) -> None: ...

    async def set_camera(self, on: bool) -> None: ...

    async def set_background_blur(self, on: bool) -> None: ...

    async def set_remote_video_visible(self, on: bool) -> None: ...

    async def answer_unencrypted(self, goes_on_without: bool) -> None:
        """The page asks its person itself."""

    async def send_message(self, text: str) -> None:
        """The page has the chat."""

    async def take_messages(self, messages: Sequence[ChatMessage]) -> None:
        """As above."""

    async def send_file(self, name: str, content: bytes, note: str) -> FileProblem | None:
        """The page sends them, and receives them."""
        return FileProblem.NOT_IN_CALL

    async def send_file_again(self, file_id: str) -> FileProblem | None:
        return FileProblem.NOT_IN_CALL

    async def cancel_file(self, file_id: str) -> None: ...

    async def received_file(self, file_id: str) -> bytes | None:
        return None

    async def set_timer(self, length: timedelta | None) -> None:
        """The page has the timer too."""

    async def take_timer(self, timer: SharedTimer) -> None:
        """As above."""

    async def ask_to_record(self, file: str) -> None:
        """The page records by itself, and asks its person what they agree to."""

    async def stop_recording(self) -> None:
        """As above."""

    async def answer_recording(self, ask_id: str, agreed: bool) -> None:
        """As above."""

    async def screens(self) -> list[Screen]:
        """The page shares screens itself."""
        return []

    async def share_screen(self, screen: Screen) -> None:
        """As above."""

    async def stop_sharing(self) -> None:
        """As above."""

    async def retry(self, kind: DeviceKind) -> None: ...

    async def devices(self, kind: DeviceKind) -> list[Device]:
        return []

    async def choose(self, device: Device, instead_of: Device | None = None) -> None: ...

    async def check_connection(self, livekit_url: str, access_token: str) -> ConnectionCheck:
        return ConnectionCheck(Reachability.NONE)

    async def play_test_tone(self) -> bool:
        return False

    def microphone_level(self) -> float:
        return 0.0

    def quality_samples(self) -> tuple[QualitySample, ...]:
        return ()

    def quality_report(self) -> QualityReport | None:
        return None

    async def own_frame(self, after: int, max_width: int, max_height: int, pixel_format: PixelFormat) -> Frame | None:
        return None

    async def remote_frame(
        self, after: int, max_width: int, max_height: int, pixel_format: PixelFormat
    ) -> Frame | None:
        return None

    async def remote_screen_frame(
        self, after: int, max_width: int, max_height: int, pixel_format: PixelFormat
    ) -> Frame | None:
        return None
