"""Hands the microphone's audio to the SDK's encoder, 10 ms at a time, from the thread that recorded it."""

import logging
import threading
from typing import Any

from livekit import rtc

from app.call.room.sdk_private import direct_capture
from app.call.runtime.task_scope import TaskScope
from app.call.runtime.threads import EventLoopThread

log = logging.getLogger(__name__)

MAX_IN_FLIGHT = 20
"""Frames of 10 ms that may be in flight into the SDK at once; on a machine that slow the rest is dropped."""


class AudioSender:
    """Of one `source`. `send` may be called from any thread, also after `close`."""

    def __init__(self, source: rtc.AudioSource, audio_loop: EventLoopThread, scope: TaskScope) -> None:
        """`audio_loop` and `scope` are the loop and the owner of the tasks of the public path."""
        self._source = source
        self._audio_loop = audio_loop
        self._scope = scope
        self._direct = direct_capture(source)
        self._lock = threading.Lock()
        self._closed = False
        self._in_flight = 0

    def send(self, frame: rtc.AudioFrame) -> None:
        with self._lock:  # for no longer than the hand-over: once closed the SDK knows the source no more
            if self._closed:
                return
            if self._direct is not None:
                self._direct(frame)
                return
        self._audio_loop.post(self._start, frame)

    def _start(self, frame: rtc.AudioFrame) -> None:
        if not self._closed and self._in_flight < MAX_IN_FLIGHT:
            self._in_flight += 1
            self._scope.start(self._capture(frame), "sending audio")

    async def _capture(self, frame: rtc.AudioFrame) -> Any:
        try:
            await self._source.capture_frame(frame)
        finally:
            self._in_flight -= 1

    async def close(self) -> None:
        """On the media loop."""
        with self._lock:
            self._closed = True
        await self._source.aclose()
