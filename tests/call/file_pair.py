"""A sender and a receiver of files, and what a channel between them loses."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from app.call.chat.file_packets import Have, Offer, Piece, Refuse, Stop, file_packet, read_file_packet
from app.call.chat.file_receiving import FileReceiving
from app.call.chat.file_sending import FileSending
from app.call.contract.files import FileProblem, FileState, FileTransfer

AT = datetime(2027, 3, 1, 10, tzinfo=UTC)
STEP_S = 0.02
ID, OTHER = "1b4e28ba-2fa1-41d2-883f-0016d3cca427", "9b4e28ba-2fa1-41d2-883f-0016d3cca427"


@dataclass
class Pair:
    """A sender and a receiver; `lost` says which packets do not arrive. `after_s` is the way one way."""

    after_s: float = 0.01
    lost: Callable[[], bool] = lambda: False
    a: FileSending = field(default_factory=FileSending)
    b: FileReceiving = field(default_factory=FileReceiving)
    now_s: float = 100.0
    on_way: list[tuple[float, Any]] = field(default_factory=list)
    packets: int = 0
    completed: list[FileTransfer] = field(default_factory=list)

    def send(self, content: bytes, file_id: str = ID, name: str = "plan.pdf") -> FileProblem | None:
        return self.a.offer(file_id, name, content, AT)

    def step(self) -> None:
        self.now_s += STEP_S
        for packet in itertools.chain(self.a.due(self.now_s), self.b.due(self.now_s)):
            self.packets += 1
            if not self.lost():
                self.on_way.append((self.now_s + self.after_s, read_file_packet(file_packet(packet))))
        arrived = [each for at_s, each in self.on_way if at_s <= self.now_s]
        self.on_way = [each for each in self.on_way if each[0] > self.now_s]
        for packet in arrived:
            self.arrives(packet)

    def arrives(self, packet: Any) -> None:
        match packet:
            case Piece():
                self.b.on_piece(packet)
            case Offer():
                self.b.on_offer(packet, AT)
            case Stop():
                self.b.on_stop(packet)
            case Refuse():
                self.a.on_refuse(packet)
            case Have():
                if (done := self.a.on_have(packet, self.now_s)) is not None:
                    self.completed.append(done)

    def until(self, done: Callable[[], bool], limit_s: float) -> None:
        end_s = self.now_s + limit_s
        while not done():
            assert self.now_s < end_s, (self.a.shown, self.b.shown)
            self.step()

    @property
    def sent(self) -> FileTransfer:
        return self.a.shown[0]

    @property
    def received(self) -> FileTransfer:
        return self.b.shown[0]

    def is_over(self) -> bool:
        return self.sent.state is not FileState.UNDERWAY and self.received.state is not FileState.UNDERWAY


def ended(transfer: FileTransfer) -> tuple[FileState, FileProblem | None]:
    return transfer.state, transfer.problem
