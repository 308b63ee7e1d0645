"""What is seen and heard on its way to what writes it. Called in the threads that bring it, and never holds them up."""

import time
from collections import deque
from functools import partial

from app.call.recording.frame_slots import FrameSlots
from app.call.recording.messages import Kind, Message, Picture, Voice
from app.call.video.convert import I420Frame, UInt8Array

MOST_WAITING = 600
"""Blocks, two seconds of both voices: where what writes does not keep up, later ones become silence."""


class RecordingFeed:
    """Frames go to `slots`, the latest only; all else waits in order until it is drained. Only while it is `writing`
    something is taken.
    """

    def __init__(self) -> None:
        self.slots: FrameSlots | None = None
        self.writing = False
        self._waiting: deque[Message] = deque()
        self._lost = [False for _ in Voice]

    def hear(self, voice: Voice, samples: bytes) -> None:
        """A block of 16-bit samples, whose last one is of now."""
        if not self.writing:
            return
        if len(self._waiting) >= MOST_WAITING:
            self._lost[voice] = True
            return
        kind, self._lost[voice] = Kind.RESYNC if self._lost[voice] else Kind.AUDIO, False
        self._waiting.append(Message(kind, voice, time.perf_counter(), samples))

    def see(self, picture: Picture, frame: I420Frame) -> None:
        now_s = time.perf_counter()
        if self.writing and self.slots is not None:
            self.slots.put(picture, now_s, frame)

    def close(self, picture: Picture) -> None:
        """There is nothing of it to be seen from now on; also while nothing is written."""
        self._waiting.append(Message(Kind.CLOSED, picture, time.perf_counter()))

    def write(self, on: bool) -> None:
        """What comes from here on is written, or is not."""
        if on == self.writing:
            return
        self.writing = on
        self._waiting.append(Message(Kind.WRITE, int(on), time.perf_counter()))

    def drain(self) -> list[Message]:
        """What waits, and that this was all."""
        tick = Message(Kind.TICK, instant_s=time.perf_counter())
        waiting = self._waiting
        return [*(waiting.popleft() for _ in range(len(waiting))), tick]


class PictureSink:
    """A `FrameSink` of the camera, or a `ScreenSink`, that records; and what a `LatestFrame` tells."""

    def __init__(self, feed: RecordingFeed, picture: Picture) -> None:
        self._feed = feed
        self._picture = picture
        self.see = partial(feed.see, picture)
        self.close = partial(feed.close, picture)

    def wants_frame(self) -> bool:
        return self._feed.writing

    def send_frame(self, width: int, height: int, i420: UInt8Array) -> None:
        self.see(I420Frame(width, height, i420, 0, 0))
