"""The packets in which a file travels, as bytes before they are sealed. Pure.

Everything but the content is JSON. A piece of content is a null byte, the file's id, where it stands in the file, and
the bytes themselves. The call page has the same (`callpage/src/call/file_packets.ts`).
"""

import json
import struct
from dataclasses import dataclass
from typing import Any
from uuid import UUID

TOPIC = "rendezvous.files"
OFFER, HAVE, REFUSE, STOP = "file_offer", "file_have", "file_refuse", "file_stop"
LARGEST_PACKET = 15_000
"""Bytes, sealed; a larger one is not even opened. LiveKit asks for packets below 15 KiB."""
LARGEST_PIECE = 14_000
LONGEST_GIVEN_NAME = 1000
"""Characters, before it is cleaned."""
LARGEST_NUMBER = 2**32 - 1
PIECE = b"\0"
_HEAD = struct.Struct(">c16sI")


@dataclass(frozen=True)
class Offer:
    """The sender has a file. `name` is as it came."""

    id: str
    name: str
    size: int


@dataclass(frozen=True)
class Piece:
    """`content` begins `at` bytes into the file."""

    id: str
    at: int
    content: bytes


@dataclass(frozen=True)
class Have:
    """The receiver has the first `done` bytes, and waits for what follows."""

    id: str
    done: int


@dataclass(frozen=True)
class Refuse:
    """The receiver takes no more of it."""

    id: str
    why: str


@dataclass(frozen=True)
class Stop:
    """The sender sends no more of it."""

    id: str
    why: str


FilePacket = Offer | Piece | Have | Refuse | Stop


def file_packet(packet: FilePacket) -> bytes:
    match packet:
        case Offer(id, name, size):
            return _packed({"kind": OFFER, "id": id, "name": name, "size": size})
        case Have(id, done):
            return _packed({"kind": HAVE, "id": id, "done": done})
        case Refuse(id, why):
            return _packed({"kind": REFUSE, "id": id, "why": why})
        case Stop(id, why):
            return _packed({"kind": STOP, "id": id, "why": why})
        case Piece(id, at, content):
            return _HEAD.pack(PIECE, UUID(id).bytes, at) + content


def _packed(said: dict[str, Any]) -> bytes:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def read_file_packet(data: bytes) -> FilePacket | None:
    """None for what is not of this protocol: it is left alone."""
    if data[:1] == PIECE:
        return _read_piece(data)
    try:
        said = json.loads(data)
        kind, file_id = said["kind"], _uuid(said["id"])
        if kind == OFFER and isinstance(said["name"], str) and _is_number(said["size"]):
            name = said["name"].encode(errors="replace").decode()  # a lone half of a pair is no text
            return Offer(file_id, name, said["size"]) if len(name) <= LONGEST_GIVEN_NAME else None
        if kind == HAVE and _is_number(said["done"]):
            return Have(file_id, said["done"])
        if kind in (REFUSE, STOP) and isinstance(said["why"], str):
            return (Refuse if kind == REFUSE else Stop)(file_id, said["why"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return None


def _read_piece(data: bytes) -> Piece | None:
    if not _HEAD.size < len(data) <= _HEAD.size + LARGEST_PIECE:
        return None
    _, file_id, at = _HEAD.unpack_from(data)
    return Piece(str(UUID(bytes=file_id)), at, data[_HEAD.size :])


def _uuid(said: object) -> str:
    """In the one form that a UUID has here. ValueError."""
    if not isinstance(said, str) or str(UUID(said)) != said:
        raise ValueError(said)
    return said


def _is_number(said: object) -> bool:
    return type(said) is int and 0 <= said <= LARGEST_NUMBER
