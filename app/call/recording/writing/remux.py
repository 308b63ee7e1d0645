"""The finished recording as MP4, which every player and phone opens: the same streams in another container."""

import contextlib
import os
import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer, OutputContainer

from app.call.audio.pcm import MS, RATE_HZ
from app.call.recording.writing.file_names import PART, create, mp4_beside

OVERHEAD = 1.02
EVERY_PACKETS = 500
AAC_SAMPLES = 1024
APART = 50 * MS


class NoRoom(OSError):
    """While the MP4 is made both exist: the disk has no room for that."""


def remux(matroska: Path, reserve_bytes: int = 0, on_way: Callable[[], None] = lambda: None) -> Path:
    """The MP4 beside it; the Matroska file is removed once that is whole. Raises `OSError` (FFmpeg's errors are), and
    then the Matroska file is as it was. Of a file that ends abruptly it takes what is whole. `on_way` is called now and
    then.
    """
    free = shutil.disk_usage(matroska.parent).free
    if free < matroska.stat().st_size * OVERHEAD + reserve_bytes:
        raise NoRoom
    part = matroska.with_name(matroska.stem + PART)
    part.unlink(missing_ok=True)  # of a program that was killed
    try:
        create(part)
        _copy(matroska, part, on_way)
        _sync(part)
        finished = mp4_beside(matroska)
        os.replace(part, finished)
    except (OSError, ValueError) as error:  # FFmpeg's are of both
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise error if isinstance(error, OSError) else OSError("not a recording") from error
    _sync(finished.parent)
    matroska.unlink()
    return finished


def recover(matroska: Path) -> Path:
    """The MP4 of a recording whose program was killed while it wrote it; or the file itself, which plays as well, where
    none can be made. Blocks.
    """
    try:
        return remux(matroska)
    except OSError:
        return matroska


def _copy(source: Path, target: Path, on_way: Callable[[], None]) -> None:
    with (
        av.open(str(source)) as read,
        av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as written,
    ):
        _copy_packets(read, written, on_way)


def _copy_packets(read: InputContainer, written: OutputContainer, on_way: Callable[[], None]) -> None:
    streams = {
        each.index: written.add_stream_from_template(each) for each in (*read.streams.video, *read.streams.audio)
    }
    heard = _AudioClock()
    for count, packet in enumerate(read.demux()):
        if packet.pts is None or packet.stream.index not in streams:
            continue
        if packet.stream.type == "audio":
            heard.stamp(packet)
        packet.stream = streams[packet.stream.index]
        written.mux(packet)
        if count % EVERY_PACKETS == 0:
            on_way()


class _AudioClock:
    """Matroska counts milliseconds; audio goes on by whole AAC frames, and players take uneven ones for gaps."""

    def __init__(self) -> None:
        self._next: int | None = None

    def stamp(self, packet: "av.Packet[Any]") -> None:
        written = round((packet.pts or 0) * (packet.time_base or 0) * RATE_HZ)
        if self._next is None or abs(written - self._next) > APART:
            self._next = written
        packet.time_base = Fraction(1, RATE_HZ)
        packet.pts = packet.dts = self._next
        packet.duration = AAC_SAMPLES
        self._next += AAC_SAMPLES


def _sync(path: Path) -> None:
    """On the disk, as far as the system does that for it (Windows not for folders)."""
    if path.is_dir() and os.name == "nt":
        return
    opened = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
