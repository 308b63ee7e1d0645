"""The other's files: taken in order, up to what was announced, and only so many. Pure.

A piece that is not the next one is not taken: its sender goes on where this side stands. So a piece may come twice or
out of order, and a file can be no larger than announced. One of which nothing new comes is given up.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.call.chat.file_packets import Have, Offer, Piece, Refuse, Stop
from app.call.chat.file_sending import LONGEST_STEP_S, STALLED_AFTER_S
from app.call.contract.files import (
    FILES_AT_ONCE,
    LARGEST_FILE,
    ROOM_FOR_FILES,
    FileProblem,
    FileState,
    FileTransfer,
    clean_file_name,
)

MOST_OF_THEIRS = 200
"""So many files are shown of the other side in one call; further ones are refused."""
REFUSED_AT_ONCE = 50
"""Answers to files that are not taken; a flood of them gets no more."""
STOPS = {
    "cancelled": (FileState.CANCELLED, FileProblem.PEER_CANCELLED),
    "stalled": (FileState.FAILED, FileProblem.STALLED),
}
"""What the sender's reasons mean here; any other one is `LOST`."""


@dataclass
class _Incoming:
    shown: FileTransfer
    content: bytearray = field(default_factory=bytearray, repr=False)
    waited_s: float = 0.0


@dataclass
class FileReceiving:
    """Seconds are of a monotonic clock."""

    _files: dict[str, _Incoming] = field(default_factory=dict)
    _removed: set[str] = field(default_factory=set)
    _haves: set[str] = field(default_factory=set)
    _refusals: dict[str, str] = field(default_factory=dict)
    _asked_s: float | None = None

    @property
    def shown(self) -> tuple[FileTransfer, ...]:
        return tuple(each.shown for each in self._files.values())

    @property
    def is_busy(self) -> bool:
        return bool(self._haves or self._refusals or self._unfinished())

    def _unfinished(self) -> list[_Incoming]:
        return [each for each in self._files.values() if each.shown.state is FileState.UNDERWAY]

    def content_of(self, file_id: str) -> bytes | None:
        """Of a file that is whole."""
        found = self._files.get(file_id)
        return bytes(found.content) if found is not None and found.shown.state is FileState.DELIVERED else None

    def cancel(self, file_id: str) -> None:
        """Takes no more of it. One that is whole, or has ended, is removed."""
        found = self._files.get(file_id)
        if found is None:
            return
        if found.shown.state is FileState.UNDERWAY:
            self._end(found, FileState.CANCELLED, FileProblem.CANCELLED, "cancelled")
        else:
            del self._files[file_id]
            self._removed.add(file_id)

    def on_offer(self, packet: Offer, now: datetime) -> None:
        """`now` is the server's clock."""
        known = self._files.get(packet.id)
        if packet.id in self._removed:
            self._refuse(packet.id, "cancelled")
        elif known is None:
            self._take(packet, now)
        elif known.shown.state is FileState.UNDERWAY and known.shown.size != packet.size:
            self._end(known, FileState.FAILED, FileProblem.BROKEN, "broken")
        else:
            self._answer(known)

    def _take(self, packet: Offer, now: datetime) -> None:
        if len(self._files) >= MOST_OF_THEIRS or len(self._unfinished()) >= FILES_AT_ONCE:
            self._refuse(packet.id, "too_many")
            return
        file = _Incoming(FileTransfer(packet.id, clean_file_name(packet.name), packet.size, False, now))
        held = sum(each.shown.size for each in self._files.values() if each.shown.problem is None)
        self._files[packet.id] = file
        if packet.size > LARGEST_FILE:
            self._end(file, FileState.FAILED, FileProblem.TOO_LARGE, "too_large")
        elif held + packet.size > ROOM_FOR_FILES:
            self._end(file, FileState.FAILED, FileProblem.FULL, "full")
        else:
            self._advance(file)

    def on_piece(self, packet: Piece) -> None:
        file = self._files.get(packet.id)
        if file is None or file.shown.state is not FileState.UNDERWAY:
            if file is not None:
                self._answer(file)
            return
        if packet.at != len(file.content):
            self._answer(file)
        elif packet.at + len(packet.content) > file.shown.size:
            self._end(file, FileState.FAILED, FileProblem.BROKEN, "broken")
        else:
            file.content += packet.content
            file.waited_s = 0.0
            self._advance(file)

    def _advance(self, file: _Incoming) -> None:
        done = len(file.content)
        state = FileState.DELIVERED if done == file.shown.size else FileState.UNDERWAY
        file.shown = replace(file.shown, done=done, state=state)
        self._answer(file)

    def on_stop(self, packet: Stop) -> None:
        file = self._files.get(packet.id)
        if file is not None and file.shown.state is FileState.UNDERWAY:
            self._end(file, *STOPS.get(packet.why, (FileState.FAILED, FileProblem.LOST)))

    def peer_left(self) -> None:
        for each in self._unfinished():
            self._end(each, FileState.FAILED, FileProblem.PEER_LEFT)

    def peer_is_back(self) -> None:
        """Says where each unfinished one stands: who does not know it any more says so."""
        self._haves |= {each.shown.id for each in self._unfinished()}

    def due(self, now_s: float) -> Iterator[Have | Refuse]:
        """The packets to be sent now."""
        self._note_time(now_s)
        refusals, self._refusals = self._refusals, {}
        yield from (Refuse(file_id, why) for file_id, why in refusals.items())
        haves, self._haves = self._haves, set()
        for file_id in haves:
            if (file := self._files.get(file_id)) is not None:
                yield Have(file_id, file.shown.done)

    def _note_time(self, now_s: float) -> None:
        passed_s = 0.0 if self._asked_s is None else min(now_s - self._asked_s, LONGEST_STEP_S)
        self._asked_s = now_s
        for each in self._unfinished():
            each.waited_s += passed_s
            if each.waited_s >= STALLED_AFTER_S:
                self._end(each, FileState.FAILED, FileProblem.STALLED, "stalled")

    def _answer(self, file: _Incoming) -> None:
        if file.shown.problem is None:
            self._haves.add(file.shown.id)
        else:
            self._refuse(file.shown.id, file.shown.problem.value)

    def _end(self, file: _Incoming, state: FileState, problem: FileProblem, why: str = "") -> None:
        file.content = bytearray()
        file.shown = replace(file.shown, state=state, problem=problem)
        self._haves.discard(file.shown.id)
        if why:
            self._refuse(file.shown.id, why)

    def _refuse(self, file_id: str, why: str) -> None:
        if len(self._refusals) < REFUSED_AT_ONCE:
            self._refusals[file_id] = why
