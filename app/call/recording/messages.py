"""What goes from the program to what writes, over a pipe, in order; and back, a line of JSON each. Pure.

All instants are of `time.perf_counter`, which all processes of a machine share.
"""

import json
import struct
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import Any

_HEADER = struct.Struct("<BBdI")


class Kind(IntEnum):
    """What a message says; `which` of it is in brackets."""

    OPEN = 0  # the settings, as JSON
    AUDIO = 1  # a block of samples (`Voice`), whose last one was at the instant
    RESYNC = 2  # as AUDIO, after blocks that were lost
    CLOSED = 3  # nothing of a picture is seen any more (`Picture`)
    WRITE = 4  # from the instant on it is written (1), or not any more (0)
    TICK = 5  # everything before the instant has been said
    FINISH = 6


class Picture(IntEnum):
    OWN_CAMERA = 0
    PEER_CAMERA = 1
    OWN_SCREEN = 2
    PEER_SCREEN = 3


class Voice(IntEnum):
    OWN = 0
    PEER = 1


@dataclass(frozen=True)
class Message:
    kind: Kind
    which: int = 0
    instant_s: float = 0.0
    payload: bytes = b""


@dataclass(frozen=True)
class WriterSettings:
    """How a recording is written. `reserve_bytes` always stay free on the disk."""

    width: int = 1920
    height: int = 1080
    preset: str = "ultrafast"
    reserve_bytes: int = 200_000_000


class Said(StrEnum):
    """The kinds of reports."""

    READY = "ready"  # messages can be taken
    OPENED = "opened"  # `file`
    REFUSED = "refused"  # `end`
    PROGRESS = "progress"  # `written_s`, `size_bytes`, `free_bytes`, `failure`
    FINISHED = "finished"  # `file`, or null
    GONE = "gone"  # the process, whether it had finished or not


Report = dict[str, Any]
Tell = Callable[[Report], None]


def packed(messages: Iterable[Message]) -> bytes:
    parts = []
    for each in messages:
        parts += [_HEADER.pack(each.kind, each.which, each.instant_s, len(each.payload)), each.payload]
    return b"".join(parts)


def read_message(read: Callable[[int], bytes]) -> Message | None:
    """`read` gives as many bytes as asked for; fewer mean that the other end is gone: then it is None."""
    header = read(_HEADER.size)
    if len(header) < _HEADER.size:
        return None
    kind, which, instant_s, length = _HEADER.unpack(header)
    payload = read(length) if length else b""
    return Message(Kind(kind), which, instant_s, payload) if len(payload) == length else None


def open_message(file: Path, settings: WriterSettings) -> Message:
    return Message(Kind.OPEN, payload=json.dumps({"file": str(file), "settings": asdict(settings)}).encode())


def read_open_message(message: Message) -> tuple[Path, WriterSettings]:
    said = json.loads(message.payload)
    return Path(said["file"]), WriterSettings(**said["settings"])
