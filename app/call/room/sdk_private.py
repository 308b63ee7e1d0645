"""Private names of LiveKit's SDK (livekit 1.2) are used in this file only, each with a public way to fall back to."""

import importlib.util
import logging
import os
from collections import deque
from collections.abc import Callable
from pathlib import Path

from livekit import rtc

log = logging.getLogger(__name__)

RETAINED_FRAMES = 20
"""So many frames stay in memory after they were handed over: the SDK gets an address, and only who waits for the answer
learns when it has copied from there.
"""
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
