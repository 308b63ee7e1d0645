"""The latest frame of each picture in memory that two processes, or two threads, share: neither waits for the other.

Each picture has three slots: the newest frame, the one that is being read, and one to write the next into.
"""

import struct
import threading
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.call.recording.messages import Picture
from app.call.video.convert import I420Frame, UInt8Array, scaled

MAX_WIDTH, MAX_HEIGHT = 1920, 1080
"""A larger frame is made smaller before it is put: the canvas is no larger either."""
SLOTS = 3
NONE = 255
_HEADER = struct.Struct("<dIIII")  # instant, width, height, rotation, number
_STATE_BYTES = 8  # the newest slot, the slot that is read, and padding
_SLOT_BYTES = _HEADER.size + MAX_WIDTH * MAX_HEIGHT * 3 // 2 + 8
_PICTURE_BYTES = _STATE_BYTES + SLOTS * _SLOT_BYTES
SIZE = len(Picture) * _PICTURE_BYTES
"""Bytes of the memory; what is not written to costs none."""
TRIES = 3


@dataclass(frozen=True)
class TimedFrame:
    """A frame and when it came (`perf_counter`); its pixels are valid until the next of the same picture is taken."""

    instant_s: float
    frame: I420Frame


class FrameSlots:
    """`memory` is a buffer of `SIZE` zero bytes that can be written to; one side puts, the other takes."""

    def __init__(self, memory: Any) -> None:
        self._memory = memory
        self._bytes: UInt8Array = np.frombuffer(memory, np.uint8)
        self._writing = [threading.Lock() for _ in Picture]
        self._numbers = [0 for _ in Picture]
        self._taken = [0 for _ in Picture]

    def prepare(self) -> None:
        """By the side that puts, before the other begins."""
        for picture in Picture:
            at = picture * _PICTURE_BYTES
            self._bytes[at] = self._bytes[at + 1] = NONE

    def put(self, picture: Picture, instant_s: float, frame: I420Frame) -> None:
        """Copies the frame. What is not as large as it says is left out: its sender may be of any kind."""
        if min(frame.width, frame.height) < 2 or len(frame.i420) < _size_of(frame.width, frame.height):
            return
        if frame.width > MAX_WIDTH or frame.height > MAX_HEIGHT:
            width, height, i420 = scaled(frame, MAX_WIDTH, MAX_HEIGHT)
            frame = I420Frame(width, height, i420, frame.rotation_deg, frame.number)
        size = _size_of(frame.width, frame.height)
        with self._writing[picture]:  # one camera takes over from another
            state = picture * _PICTURE_BYTES
            newest, read = int(self._bytes[state]), int(self._bytes[state + 1])
            slot = next(each for each in range(SLOTS) if each not in (newest, read))
            at = state + _STATE_BYTES + slot * _SLOT_BYTES
            self._numbers[picture] += 1
            said = (instant_s, frame.width, frame.height, frame.rotation_deg, self._numbers[picture] & 0xFFFFFFFF)
            _HEADER.pack_into(self._memory, at, *said)
            pixels = at + _HEADER.size
            self._bytes[pixels : pixels + size] = frame.i420[:size]
            self._bytes[state] = slot

    def take(self, picture: Picture) -> TimedFrame | None:
        """The newest frame, if it is another than the one before."""
        state = picture * _PICTURE_BYTES
        for _ in range(TRIES):
            newest = int(self._bytes[state])
            if newest == NONE:
                return None
            at = state + _STATE_BYTES + newest * _SLOT_BYTES
            number = _HEADER.unpack_from(self._memory, at)[4]
            if number == self._taken[picture]:
                return None
            self._bytes[state + 1] = newest
            if int(self._bytes[state]) == newest:  # else it may have been written to before it was marked as read
                self._taken[picture] = number
                return self._read(at, number)
        return None

    def _read(self, at: int, number: int) -> TimedFrame | None:
        instant_s, width, height, rotation_deg, _ = _HEADER.unpack_from(self._memory, at)
        pixels = at + _HEADER.size
        i420 = self._bytes[pixels : pixels + _size_of(width, height)]
        return TimedFrame(instant_s, I420Frame(width, height, i420, rotation_deg, number))


def _size_of(width: int, height: int) -> int:
    return width * height + 2 * ((width + 1) // 2) * ((height + 1) // 2)
