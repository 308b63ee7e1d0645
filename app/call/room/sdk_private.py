"""Private names of LiveKit's SDK (livekit 1.2) are used in this file only, each with a public way to fall back to."""

import asyncio
import importlib.util
import logging
import os
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from livekit import rtc

log = logging.getLogger(__name__)

RETAINED_FRAMES = 20
"""So many frames stay in memory after they were handed over: the SDK gets an address, and only who waits for the answer
learns when it has copied from there.
"""
MAX_WAITING_FRAMES = 2
"""Decoded frames that may wait for the media loop; one of 720p is 1.4 MB, and 30 come a second."""
LIBRARY = "liblivekit_ffi" if os.name != "nt" else "livekit_ffi"
CaptureFrame = Callable[[rtc.AudioFrame], None]


def direct_capture(source: rtc.AudioSource) -> CaptureFrame | None:
    """What `rtc.AudioSource.capture_frame` does, without the event loop that it waits on: that costs 15 ms of delay,
    for a frame that comes late makes the peer's jitter buffer longer (docs/decisions/0011). It uses names that the SDK
    keeps to itself (livekit 1.2): None when they are not there, and then the public call is used.
    """
    try:
        from livekit.rtc._ffi_client import FfiClient
        from livekit.rtc._proto.ffi_pb2 import FfiRequest

        client, handle, kept = FfiClient.instance, source._ffi_handle, deque[rtc.AudioFrame](maxlen=RETAINED_FRAMES)
        rtc.AudioFrame.create(source.sample_rate, 1, 1)._proto_info()
    except (ImportError, AttributeError) as error:
        log.warning("audio takes the slower public path into the SDK: %s", error)
        return None

    def capture(frame: rtc.AudioFrame) -> None:
        kept.append(frame)
        request = FfiRequest()
        request.capture_audio_frame.source_handle = handle.handle
        request.capture_audio_frame.buffer.CopyFrom(frame._proto_info())
        client.request(request)

    return capture


def skip_capture_events(room: rtc.Room) -> None:
    """Keeps the answers to `direct_capture` off the room's loop: 100 a second, which nobody reads. Of a connected room.
    Without the private names they go on waking the loop, for nothing.
    """
    try:
        _filter_further(room._ffi_queue, lambda event: event.WhichOneof("message") != "capture_audio_frame")
    except (ImportError, AttributeError, ValueError, StopIteration) as error:
        log.warning("answers to captured audio go through the room's loop: %s", error)


def bound_frames(stream: rtc.VideoStream, loop: asyncio.AbstractEventLoop) -> None:
    """Lets at most `MAX_WAITING_FRAMES` decoded frames wait for `loop`, on which `stream` is read. `rtc.VideoStream`
    bounds only what has reached the loop: while that stalls, every frame would wait in memory. Without the private
    names it is as the SDK has it.
    """
    try:
        from livekit.rtc._ffi_client import FfiHandle

        _filter_further(stream._ffi_queue, _FrameBound(loop, FfiHandle).keep)
    except (ImportError, AttributeError, ValueError, StopIteration) as error:
        log.warning("frames are not bounded on their way to the loop: %s", error)


class _FrameBound:
    """`keep` is called in the SDK's thread for each event of one stream."""

    def __init__(self, loop: asyncio.AbstractEventLoop, handle: Callable[[int], Any]) -> None:
        self._loop = loop
        self._handle = handle
        self._lock = threading.Lock()
        self._waiting = 0

    def keep(self, event: Any) -> bool:
        if not event.video_stream_event.HasField("frame_received"):
            return True
        with self._lock:
            full = self._waiting >= MAX_WAITING_FRAMES
            self._waiting += not full
        if full:
            self._handle(event.video_stream_event.frame_received.buffer.handle.id).dispose()
            return False
        self._loop.call_soon_threadsafe(self._landed)  # in turn, just before the frame itself
        return True

    def _landed(self) -> None:
        with self._lock:
            self._waiting -= 1


def _filter_further(queue: Any, keep: Callable[[Any], bool]) -> None:
    """Of the events of one subscription to the SDK, only those that `keep` allows as well."""
    from livekit.rtc._ffi_client import FfiClient

    events = FfiClient.instance.queue
    with events._lock:
        found = next(number for number, each in enumerate(events._subscribers) if each[0] is queue)
        subscriber, loop, before = events._subscribers[found]
        events._subscribers[found] = (subscriber, loop, lambda event: (before is None or before(event)) and keep(event))


def library_is_there() -> bool:
    """Whether the SDK will find its native library, which it loads with the first room only: a package that leaves it
    out (`flet pack` does) would say so there, to nobody. LIVEKIT_LIB_PATH may name it (livekit 1.2, `_ffi_client.py`).
    """
    if named := os.environ.get("LIVEKIT_LIB_PATH", "").strip():
        return Path(named).exists()
    try:
        found = importlib.util.find_spec("livekit.rtc.resources")
    except ImportError:
        return False
    folders = found.submodule_search_locations if found is not None else None
    return any(any(Path(folder).glob(f"{LIBRARY}*")) for folder in folders or ())
