"""A recording as one sees and hears it: which numbered frame stands where at which time, and when which tone begins."""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from app.call.video.canvas import Box
from tests.stage.video_file import BITS

RATE_HZ = 48_000
SMOOTH_S = 0.004
Luma = NDArray[np.uint8]


class Recorded:
    """`frames` are the luma of each with its time, of which only one pixel of `every` is kept in both directions;
    `sound` begins at time 0. Read at once, by PyAV.
    """

    def __init__(self, file: Path, every: int = 1) -> None:
        self._every = every
        with av.open(str(file)) as container:
            self.codecs = [each.codec_context.name for each in container.streams]
            self.format = container.format.name
            self.frames = list(_frames(container, every))
        with av.open(str(file)) as container:
            self.sound = _sound(container)

    @property
    def seconds(self) -> float:
        """Of the shorter of both."""
        return min(self.frames[-1][0] if self.frames else 0.0, len(self.sound) / RATE_HZ)

    def at(self, time_s: float) -> Luma:
        """What is seen at that time."""
        return [luma for shown_s, luma in self.frames if shown_s <= time_s + 0.001][-1]

    def numbers(self, box: Box, numbers: range) -> list[tuple[float, int]]:
        """When which of these numbers is first seen in this part of the picture."""
        found: list[tuple[float, int]] = []
        kept = Box(*(length // self._every for length in (box.x, box.y, box.width, box.height)))
        for shown_s, luma in self.frames:
            number = number_at(luma, kept)
            if number in numbers and (not found or found[-1][1] != number):
                found.append((shown_s, number))
        return found

    def onsets(self, hz: float, threshold: float | None = 0.08, apart_s: float = 0.3) -> list[float]:
        """When each tone of this frequency begins; without a threshold a third of the loudest is one."""
        at = np.arange(len(self.sound)) / RATE_HZ
        turned = self.sound * np.exp(-2j * np.pi * hz * at)
        count = int(SMOOTH_S * RATE_HZ)
        level = np.abs(np.convolve(turned, np.ones(count) / count, "same"))
        loud = np.flatnonzero(level > (level.max() / 3 if threshold is None else threshold))
        found: list[float] = []
        last = -1.0
        for each in loud / RATE_HZ:
            if each - last > apart_s:
                found.append(float(each))
            last = each
        return found

    def loudness(self, begin_s: float, end_s: float) -> float:
        """Root mean square, of 1."""
        part = self.sound[int(begin_s * RATE_HZ) : int(end_s * RATE_HZ)]
        return float(np.sqrt(np.mean(np.square(part)))) if len(part) else 0.0


def number_at(luma: Luma, box: Box) -> int:
    row = luma[box.y + box.height // 2, box.x : box.x + box.width]
    block = box.width / BITS
    return sum(1 << bit for bit in range(BITS) if row[int((bit + 0.5) * block)] > 128)


def _frames(container: "av.container.InputContainer", every: int) -> Iterator[tuple[float, Luma]]:
    for frame in container.decode(container.streams.video[0]):
        assert frame.time is not None
        yield frame.time, frame.to_ndarray()[: frame.height : every, ::every].astype(np.uint8)


def _sound(container: "av.container.InputContainer") -> NDArray[np.float32]:
    blocks: list[NDArray[np.float32]] = []
    begin_s: float | None = None
    for frame in container.decode(container.streams.audio[0]):
        begin_s = frame.time if begin_s is None else begin_s
        blocks.append(frame.to_ndarray()[0].astype(np.float32))
    before = round((begin_s or 0.0) * RATE_HZ)
    heard = np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
    return np.pad(heard, (before, 0)) if before >= 0 else heard[-before:]
