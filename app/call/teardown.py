"""The ordered end of a call: devices first, then tasks and readers, the room, and only then the sources that fed it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

from app.call.local_devices import LocalDevices
from app.call.room.publishing.local_tracks import LocalTracks
from app.call.room.publishing.publisher import Publisher
from app.call.room.publishing.screen_sharing import ScreenSharing, ScreenTrack
from app.call.room.room_connection import RoomConnection
from app.call.room.room_session import RoomSession
from app.call.runtime.task_scope import TaskScope
from app.call.runtime.threads import EventLoopThread
from app.call.video.latest_frame import LatestFrame

log = logging.getLogger(__name__)

FREEING_LIMIT_S = 4.0
"""How long leaving waits for a driver that hangs; the device is then freed when the driver returns."""
PUBLISHING_LIMIT_S = 3.0
"""How long leaving waits for what is just being published: the SDK loses a leave message that is sent half-way."""


class Teardown:
    """Begun once, when the call ends; closes connections that were replaced before that. Lives on the media loop."""

    def __init__(
        self,
        devices: LocalDevices,
        scope: TaskScope,
        publisher: Publisher,
        screen: ScreenSharing,
        audio_loop: EventLoopThread,
        remote_frames: Sequence[LatestFrame],
        close_checks: Callable[[], Awaitable[None]],
    ) -> None:
        self._devices = devices
        self._scope = scope
        self._publisher = publisher
        self._screen = screen
        self._audio_loop = audio_loop
        self._remote_frames = remote_frames
        self._close_checks = close_checks
        self._closing: set[asyncio.Task[None]] = set()
        self._freeing: asyncio.Task[None] | None = None
        self._ending: asyncio.Task[None] | None = None

    @property
    def is_closing_connection(self) -> bool:
        """Whether one of our own old connections is still on its way out."""
        return bool(self._closing)

    def close_in_background(self, connection: RoomConnection) -> None:
        """A connection that was replaced: nobody may answer any more."""
        tracks = self._detach()
        closing = asyncio.get_running_loop().create_task(
            _close(connection, tracks, on_purpose=False), name="closing a replaced connection"
        )
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    def _detach(self) -> list[LocalTracks | ScreenTrack]:
        return [each for each in (self._publisher.detach(), self._screen.detach()) if each is not None]

    def begin(self, session: RoomSession | None, on_purpose: bool, on_done: Callable[[], None]) -> None:
        """Returns at once. `on_done` drops the last references: the SDK frees a room's threads with them."""
        loop = asyncio.get_running_loop()
        self._screen.close()
        self._freeing = loop.create_task(self._devices.free(), name="freeing the devices")
        self._ending = loop.create_task(self._end(self._freeing, session, on_purpose, on_done), name="ending the call")

    async def devices_freed(self) -> None:
        """Returns when the devices are free, or after the limit."""
        if self._freeing is not None:
            await asyncio.wait({self._freeing}, timeout=FREEING_LIMIT_S)

    async def done(self) -> None:
        """Returns when all of the call is over, which takes as long as the network does."""
        if self._ending is not None:
            await asyncio.wait({self._ending})

    async def _end(
        self,
        freeing: "asyncio.Task[None]",
        session: RoomSession | None,
        on_purpose: bool,
        on_done: Callable[[], None],
    ) -> None:
        checks = asyncio.ensure_future(self._close_checks())
        await asyncio.wait({freeing})
        await _try("ending the tasks", self._scope.close())
        for frames in self._remote_frames:
            frames.close()
        await _try("waiting for what is published", self._publisher.published(PUBLISHING_LIMIT_S))
        await _try("waiting for the shared screen", self._screen.published(PUBLISHING_LIMIT_S))
        if session is not None:
            await _try("ending the session", session.close())
            await _try("leaving the room", _close(session.connection, self._detach(), on_purpose))
        await asyncio.wait({checks, *self._closing})
        self._devices.end_workers()
        await _try("ending the audio's tasks", self._publisher.close())
        self._audio_loop.stop(0)
        on_done()


async def _try(what: str, step: Coroutine[Any, Any, None]) -> None:
    """One step of the end: what fails does not keep the others from their turn."""
    try:
        await step
    except Exception:  # whatever a device or the SDK raises at its end
        log.exception("%s failed", what)


async def _close(connection: RoomConnection, tracks: "Sequence[LocalTracks | ScreenTrack]", on_purpose: bool) -> None:
    """The connection first, and only then the sources that fed it."""
    await connection.disconnect(on_purpose)
    for each in tracks:
        await each.close()
