"""Private names of LiveKit's SDK (livekit 1.2) are used in this file only, each with a public way to fall back to."""

import logging
from collections import deque
from collections.abc import Callable

from livekit import rtc

log = logging.getLogger(__name__)

RETAINED_FRAMES = 20
"""So many frames stay in memory after they were handed over: the SDK gets an address, and only who waits for the answer
learns when it has copied from there.
"""
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
