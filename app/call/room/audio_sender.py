"""Hands the microphone's sound to the SDK's encoder, 10 ms at a time, from the thread that recorded it."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from livekit import rtc

from app.call.runtime.task_scope import Scope
from app.call.runtime.threads import MediaThread

log = logging.getLogger(__name__)

UNDERWAY_MOST = 20
"""Frames of 10 ms that may be on their way into the SDK at once; on a machine that slow the rest is dropped."""
KEPT = 20
"""So many frames stay in memory after they were handed over: the SDK is told an address, and says in which call it has
copied from there only to those who wait.
"""
Capture = Callable[[rtc.AudioFrame], None]


def direct_capture(source: rtc.AudioSource) -> Capture | None:
    """What `rtc.AudioSource.capture_frame` does, without the event loop that it waits on: that costs 15 ms of delay,
    for a frame that comes late makes the other's jitter buffer longer (docs/decisions/0011). It uses names that the SDK
    keeps to itself (livekit 1.2): None when they are not there, and then the public way is taken.
    """
    try:
        from livekit.rtc._ffi_client import FfiClient
        from livekit.rtc._proto.ffi_pb2 import FfiRequest

        client, handle, kept = FfiClient.instance, source._ffi_handle, deque[rtc.AudioFrame](maxlen=KEPT)
        rtc.AudioFrame.create(source.sample_rate, 1, 1)._proto_info()
    except (ImportError, AttributeError) as error:
        log.warning("sound takes the longer way into the SDK: %s", error)
        return None

    def capture(frame: rtc.AudioFrame) -> None:
        kept.append(frame)
        request = FfiRequest()
        request.capture_audio_frame.source_handle = handle.handle
        request.capture_audio_frame.buffer.CopyFrom(frame._proto_info())
        client.request(request)

    return capture


class VoiceSender:
    """Of one `source`. `send` may be called from any thread, also after `close`."""

    def __init__(self, source: rtc.AudioSource, voices: MediaThread, scope: Scope) -> None:
        """`voices` and `scope` are the loop and the owner of the tasks of the longer way."""
        self._source = source
        self._voices = voices
        self._scope = scope
        self._direct = direct_capture(source)
        self._lock = threading.Lock()
        self._closed = False
        self._underway = 0

    def send(self, frame: rtc.AudioFrame) -> None:
        with self._lock:  # for no longer than the hand-over: once closed the SDK knows the source no more
            if self._closed:
                return
            if self._direct is not None:
                self._direct(frame)
                return
        self._voices.post(self._start, frame)

    def _start(self, frame: rtc.AudioFrame) -> None:
        if not self._closed and self._underway < UNDERWAY_MOST:
            self._underway += 1
            self._scope.start(self._capture(frame), "sending sound")

    async def _capture(self, frame: rtc.AudioFrame) -> Any:
        try:
            await self._source.capture_frame(frame)
        finally:
            self._underway -= 1

    async def close(self) -> None:
        """On the media loop."""
        with self._lock:
            self._closed = True
        await self._source.aclose()
