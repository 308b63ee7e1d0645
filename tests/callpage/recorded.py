"""What is on a recording that a page has made: which numbered frames stood where, and which tones were heard."""

from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from tests.stage.video_file import BITS

MARGIN, SHARE = 16, 0.19
Place = tuple[float, float, float]
"""Left, width and middle of a picture, as the page's layout (callpage/src/media/recorder/layout.ts) has it."""


def left_and_right(width: int, height: int) -> tuple[Place, Place]:
    """Of the other, and of who records."""
    each = (width - 3 * MARGIN) // 4 * 2
    return (MARGIN, each, height / 2), (2 * MARGIN + each, each, height / 2)


def screen_place(width: int, height: int) -> Place:
    """Of a screen of 16 by 9."""
    wide = width - int(width * SHARE) // 2 * 2 - 3 * MARGIN
    return MARGIN, wide, height / 2


def number_at(grey: NDArray[np.uint8], place: Place) -> int | None:
    """The numbered frame (tests/stage/video_file.py) here; None where the blocks are neither black nor white."""
    left, width, middle = place
    row = grey[int(middle)]
    blocks = [int(row[int(left + (bit + 0.5) * width / BITS)]) for bit in range(BITS)]
    if any(60 < each < 190 for each in blocks):
        return None
    return sum(1 << bit for bit, each in enumerate(blocks) if each > 128)


@dataclass
class Recorded:
    """Of each frame its time and what stood at the left, at the right and where a screen stands."""

    times: list[float] = field(default_factory=list)
    left: list[int | None] = field(default_factory=list)
    right: list[int | None] = field(default_factory=list)
    screen: list[int | None] = field(default_factory=list)
    samples: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    rate_hz: int = 48_000

    @property
    def seconds(self) -> float:
        return self.times[-1] - self.times[0] if self.times else 0.0

    def loudness(self, hz: float) -> float:
        """How much of this tone there is, against all others on the whole: 1 is as loud as the loudest."""
        bins = np.abs(np.fft.rfft(self.samples * np.hanning(len(self.samples))))
        at = np.fft.rfftfreq(len(self.samples), 1 / self.rate_hz)
        return float(bins[np.abs(at - hz) < 10].max() / bins.max())


def read_recording(path: Path) -> Recorded:
    """Decodes all of it; a file that was cut off is read as far as it goes."""
    found, heard = Recorded(), []
    with av.open(str(path)) as file:
        found.rate_hz = file.streams.audio[0].rate or found.rate_hz
        try:
            for frame in file.decode(file.streams.video[0], file.streams.audio[0]):
                if isinstance(frame, av.AudioFrame):
                    heard.append(_mono(frame))
                elif isinstance(frame, av.VideoFrame):
                    _add(found, frame)
        except (av.error.EOFError, av.error.InvalidDataError):
            pass
    found.samples = np.concatenate(heard) if heard else found.samples
    return found


def _add(found: Recorded, frame: av.VideoFrame) -> None:
    grey = np.asarray(frame.to_ndarray(format="gray"), np.uint8)
    left, right = left_and_right(frame.width, frame.height)
    found.times.append(frame.time or 0.0)
    found.left.append(number_at(grey, left))
    found.right.append(number_at(grey, right))
    found.screen.append(number_at(grey, screen_place(frame.width, frame.height)))


def _mono(frame: av.AudioFrame) -> NDArray[np.float32]:
    samples = frame.to_ndarray()
    if samples.dtype == np.int16:
        samples = samples.astype(np.float32) / 32768
    if not frame.format.is_planar:
        samples = samples.reshape(-1, frame.layout.nb_channels).T
    mixed: NDArray[np.float32] = samples.mean(axis=0).astype(np.float32)
    return mixed
