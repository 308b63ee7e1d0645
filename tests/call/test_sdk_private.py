"""The private names of the pinned SDK are there, and what is done by them works; without them it goes on without."""

import asyncio
import threading
import time
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit import rtc

from app.call.room import sdk_private
from app.call.room.sdk_private import MAX_WAITING_FRAMES, bound_frames, skip_capture_events
from tests.waiting import until

STALL_S, FRAMES = 0.5, 50
ARRIVING_S = 0.3
"""From the source to the stream."""
BLACK = rtc.VideoFrame(16, 16, rtc.VideoBufferType.I420, bytes(16 * 16 * 3 // 2))


class Stream:
    """A stream of frames over a local track, and how many of them have been let through to the loop."""

    def __init__(self) -> None:
        self.source = rtc.VideoSource(16, 16)
        track = rtc.LocalVideoTrack.create_video_track("camera", self.source)
        self.stream = rtc.VideoStream(track, capacity=1, format=rtc.VideoBufferType.I420)
        self.let_through = 0
        put = self.stream._ffi_queue.put_nowait

        def count(event: Any) -> None:
            self.let_through += event.video_stream_event.HasField("frame_received")
            put(event)

        self.stream._ffi_queue.put_nowait = count  # the loop's side of the way

    async def close(self) -> None:
        await self.source.aclose()
        await self.stream.aclose()


def feed(source: rtc.VideoSource, frames: int) -> threading.Thread:
    def run() -> None:
        for _ in range(frames):
            source.capture_frame(BLACK)
            time.sleep(STALL_S / frames)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


async def test_frames_that_come_while_the_loop_stalls_do_not_pile_up() -> None:
    video = Stream()
    bound_frames(video.stream, asyncio.get_running_loop())
    feeding = feed(video.source, FRAMES)
    feeding.join()  # meanwhile the loop stalls: that is what is tested
    time.sleep(ARRIVING_S)  # noqa: ASYNC251  as above
    await asyncio.sleep(0)
    assert 0 < video.let_through <= MAX_WAITING_FRAMES
    before = video.let_through
    feeding = feed(video.source, FRAMES)
    event = await asyncio.wait_for(anext(aiter(video.stream)), 5)
    assert event.frame.width == 16
    await until(lambda: not feeding.is_alive(), "all are given")
    assert video.let_through > before + FRAMES // 2, "a loop that keeps up gets nearly all"
    await video.close()


async def test_without_the_private_names_frames_come_as_the_sdk_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*arguments: object) -> None:
        raise AttributeError("_subscribers")

    monkeypatch.setattr(sdk_private, "_filter_further", gone)
    video = Stream()
    bound_frames(video.stream, asyncio.get_running_loop())
    skip_capture_events(cast(Any, SimpleNamespace(_ffi_queue=None)))
    feeding = feed(video.source, 5)
    await until(lambda: video.let_through and not feeding.is_alive(), "frames come")
    await video.close()
