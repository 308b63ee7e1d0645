"""One's own files: offered, sent piece by piece as the other's device acknowledges them, and offered again after every
interruption, so that they go on where that device stands. Pure.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.call.chat.file_pace import Pace
from app.call.chat.file_packets import Have, Offer, Piece, Refuse, Stop
from app.call.contract.files import FILES_AT_ONCE, LARGEST_FILE, FileProblem, FileState, FileTransfer

OFFER_AGAIN_AFTER_S = (2.0, 4.0, 8.0)
"""Without an answer; the last one for all further."""
SILENT_AFTER_S = 5.0
"""Pieces that nobody acknowledges for so long were lost: the file is offered again."""
STALLED_AFTER_S = 30.0
"""Nothing of it arrived for so long, while both were in the call."""
LONGEST_STEP_S = 6.0
"""Of the time between two questions for what is due, which a channel that stands still makes long: nobody asks while
the two are apart.
"""
FAILED_KEPT = 3
"""Contents of files that failed are kept for another try; so many, the latest."""
STOPS_REMEMBERED = 50
REFUSALS = {
    "cancelled": (FileState.CANCELLED, FileProblem.PEER_CANCELLED),
    "full": (FileState.FAILED, FileProblem.FULL),
    "too_many": (FileState.FAILED, FileProblem.TOO_MANY),
    "too_large": (FileState.FAILED, FileProblem.TOO_LARGE),
    "stalled": (FileState.FAILED, FileProblem.STALLED),
    "peer_left": (FileState.FAILED, FileProblem.STALLED),  # as it seemed to them
}
"""What the receiver's reasons mean here; any other one is `BROKEN`."""


@dataclass
class _Outgoing:
    shown: FileTransfer
    content: bytes = field(repr=False)
    answered: bool = False  # the offer, since the last interruption
    tries: int = 0
    due_s: float = 0.0
    sent: int = 0  # where the next piece begins
    furthest: int = 0
    waited_s: float = 0.0  # together, since something of it last arrived
    under_way: deque[tuple[int, float]] = field(default_factory=deque)  # the end of each piece, and when it was sent


@dataclass
class FileSending:
    """Seconds are of a monotonic clock."""

    _files: dict[str, _Outgoing] = field(default_factory=dict)
    _stops: dict[str, str] = field(default_factory=dict)
    _pace: Pace = field(default_factory=Pace)
    _asked_s: float | None = None

    @property
    def shown(self) -> tuple[FileTransfer, ...]:
        return tuple(each.shown for each in self._files.values())

    @property
    def is_busy(self) -> bool:
        return bool(self._stops) or any(True for _ in self._unfinished())

    def _unfinished(self) -> Iterator[_Outgoing]:
        return (each for each in self._files.values() if each.shown.state is FileState.UNDERWAY)

    def offer(self, file_id: str, name: str, content: bytes, now: datetime) -> FileProblem | None:
        """A file of one's own, its name clean; or why it is refused. Nothing of a refused one is sent."""
        if len(content) > LARGEST_FILE:
            return FileProblem.TOO_LARGE
        if sum(1 for _ in self._unfinished()) >= FILES_AT_ONCE:
            return FileProblem.TOO_MANY
        self._files[file_id] = _Outgoing(FileTransfer(file_id, name, len(content), True, now), content)
        return None

    def content_of(self, file_id: str) -> tuple[str, bytes] | None:
        """Name and content of one that failed and may be sent again; it is not shown any more then."""
        found = self._files.get(file_id)
        if found is None or not found.shown.may_send_again:
            return None
        del self._files[file_id]
        return found.shown.name, found.content

    def cancel(self, file_id: str) -> None:
        found = self._files.get(file_id)
        if found is not None and found.shown.state is FileState.UNDERWAY:
            self._end(found, FileState.CANCELLED, FileProblem.CANCELLED)
            self._note_stop(file_id, "cancelled")

    def peer_left(self) -> None:
        for each in tuple(self._unfinished()):
            self._end(each, FileState.FAILED, FileProblem.PEER_LEFT)

    def peer_is_back(self) -> None:
        """They have a new connection, or this side has."""
        self._pace.restart()
        for each in self._unfinished():
            each.tries, each.due_s, each.answered = 0, 0.0, False

    def on_have(self, packet: Have, now_s: float) -> FileTransfer | None:
        """The transfer, if this completed it."""
        found = self._files.get(packet.id)
        if found is None or found.shown.state is not FileState.UNDERWAY:
            self._note_end(packet.id, found.shown.state if found is not None else None)
            return None
        if packet.done > found.furthest:
            return None
        if not found.answered or packet.done < found.shown.done:
            found.sent = packet.done
            found.under_way.clear()
        self._acknowledge(found, packet.done, now_s)
        if packet.done == found.shown.size:
            self._end(found, FileState.DELIVERED, None)
            return found.shown
        return None

    def _acknowledge(self, found: _Outgoing, done: int, now_s: float) -> None:
        more, sent_s = done - found.shown.done, None
        while found.under_way and found.under_way[0][0] <= done:
            _, sent_s = found.under_way.popleft()
        if sent_s is not None and more > 0:
            self._pace.acknowledged(more, now_s - sent_s, now_s)
        if more > 0:
            found.waited_s = 0.0
        found.answered, found.tries = True, 0
        found.sent = max(found.sent, done)
        found.shown = replace(found.shown, done=done)

    def on_refuse(self, packet: Refuse) -> None:
        found = self._files.get(packet.id)
        if found is not None and found.shown.state is FileState.UNDERWAY:
            self._end(found, *REFUSALS.get(packet.why, (FileState.FAILED, FileProblem.BROKEN)))

    def due(self, now_s: float) -> Iterator[Stop | Offer | Piece]:
        """The packets to be sent now, one after the other: what is acknowledged meanwhile makes room for more."""
        stops, self._stops = self._stops, {}
        yield from (Stop(file_id, why) for file_id, why in stops.items())
        self._note_time(now_s)
        for each in tuple(self._unfinished()):
            if each.shown.state is FileState.UNDERWAY and not each.answered and now_s >= each.due_s:
                each.due_s = now_s + OFFER_AGAIN_AFTER_S[min(each.tries, len(OFFER_AGAIN_AFTER_S) - 1)]
                each.tries += 1
                yield Offer(each.shown.id, each.shown.name, each.shown.size)
            yield from self._pieces(each, now_s)

    def _pieces(self, file: _Outgoing, now_s: float) -> Iterator[Piece]:
        while file.answered and file.shown.state is FileState.UNDERWAY and file.sent < file.shown.size:
            under_way = sum(each.sent - each.shown.done for each in self._unfinished())
            if not self._pace.may_send(under_way, now_s):
                return
            at = file.sent
            content = file.content[at : at + self._pace.piece_bytes]
            file.sent = at + len(content)
            file.furthest = max(file.furthest, file.sent)
            file.under_way.append((file.sent, now_s))
            self._pace.sent(len(content), now_s)
            yield Piece(file.shown.id, at, content)

    def _note_time(self, now_s: float) -> None:
        passed_s = 0.0 if self._asked_s is None else min(now_s - self._asked_s, LONGEST_STEP_S)
        self._asked_s = now_s
        for each in tuple(self._unfinished()):
            each.waited_s += passed_s
            if each.waited_s >= STALLED_AFTER_S:
                self._end(each, FileState.FAILED, FileProblem.STALLED)
                self._note_stop(each.shown.id, "stalled")
            elif each.answered and each.under_way and now_s - each.under_way[0][1] >= SILENT_AFTER_S:
                each.answered, each.due_s = False, 0.0

    def _end(self, file: _Outgoing, state: FileState, problem: FileProblem | None) -> None:
        file.under_way.clear()
        file.shown = replace(file.shown, state=state, problem=problem, may_send_again=state is FileState.FAILED)
        for each in [each for each in self._files.values() if each.shown.may_send_again][:-FAILED_KEPT]:
            each.shown = replace(each.shown, may_send_again=False)
        for each in self._files.values():
            if each.shown.state is not FileState.UNDERWAY and not each.shown.may_send_again:
                each.content = b""

    def _note_end(self, file_id: str, state: FileState | None) -> None:
        """The receiver waits for more of what has ended here; None: nothing is known of it."""
        if state is None:
            self._note_stop(file_id, "lost")
        elif state is not FileState.DELIVERED:
            self._note_stop(file_id, "cancelled" if state is FileState.CANCELLED else "stalled")

    def _note_stop(self, file_id: str, why: str) -> None:
        if len(self._stops) < STOPS_REMEMBERED:
            self._stops[file_id] = why
