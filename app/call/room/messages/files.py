"""Carries files over the room as data messages, each way, over every connection of the call."""

import time
from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import uuid4

from livekit import rtc

from app.call.chat.file_packets import (
    LARGEST_PACKET,
    TOPIC,
    Have,
    Offer,
    Piece,
    Refuse,
    Stop,
    file_packet,
    read_file_packet,
)
from app.call.chat.file_receiving import FileReceiving
from app.call.chat.file_sending import FileSending
from app.call.contract.call_state import CallState
from app.call.contract.files import FileProblem, FileTransfer, clean_file_name
from app.call.room.messages.sealed_topic import SealedTopic
from app.call.room.room_session import RoomSession

BUSY_EVERY_S, IDLE_EVERY_S = 0.02, 1.0
SHOWN_EVERY_S = 0.25
"""How often the screen learns of mere progress: it is drawn again each time."""
OnDelivered = Callable[[FileTransfer, str], None]


class RoomFiles(SealedTopic):
    """`now` is the server's clock. `on_delivered` is called with a file of one's own and the note that goes with it."""

    topic = TOPIC
    check_every_s = IDLE_EVERY_S

    def __init__(self, session: RoomSession, key: str, now: Callable[[], datetime], on_delivered: OnDelivered) -> None:
        self._now = now
        self._on_delivered = on_delivered
        self._sending = FileSending()
        self._receiving = FileReceiving()
        self._notes: dict[str, str] = {}
        self._shown_s = 0.0
        super().__init__(session, key)

    def send(self, name: str, content: bytes, note: str) -> FileProblem | None:
        """Why it is refused; None: it is under way. `note` is what the chat says of it once it has arrived."""
        if self.session.status.state is CallState.WAITING or self.session.peer.state is None:
            return FileProblem.NOT_IN_CALL
        file_id = str(uuid4())
        problem = self._sending.offer(file_id, clean_file_name(name), content, self._now())
        if problem is None:
            self._notes[file_id] = note
            self._changed()
        return problem

    def send_again(self, file_id: str) -> FileProblem | None:
        """One that failed: from its beginning, as another file."""
        if self.session.status.state is CallState.WAITING:
            return FileProblem.NOT_IN_CALL
        if (found := self._sending.content_of(file_id)) is None:
            return None
        problem = self.send(*found, self._notes.pop(file_id, ""))
        self._changed()
        return problem

    def cancel(self, file_id: str) -> None:
        """Ends it, whoever sends it; one of theirs that has ended is removed."""
        self._sending.cancel(file_id)
        self._receiving.cancel(file_id)
        self._changed()

    def content_of(self, file_id: str) -> bytes | None:
        """Of one of theirs that is whole."""
        return self._receiving.content_of(file_id)

    def packets_due(self) -> Iterable[bytes]:
        for part in (self._receiving, self._sending):
            for packet in part.due(time.monotonic()):
                yield file_packet(packet)
                if self.session.status.state is not CallState.IN_CALL:
                    return
        self._show(progress_only=True)

    def peer_is_back(self) -> None:
        self._sending.peer_is_back()
        self._receiving.peer_is_back()

    def peer_is_gone(self) -> None:
        if self._sending.is_busy or self._receiving.is_busy:
            self._sending.peer_left()
            self._receiving.peer_left()
            self._changed()

    def admits(self, received: "rtc.DataPacket", sender: str) -> bool:
        return len(received.data) <= LARGEST_PACKET

    def take(self, packet: bytes) -> bool:
        read = read_file_packet(packet)
        if read is None:
            return False
        match read:
            case Piece():
                self._receiving.on_piece(read)
            case Offer():
                self._receiving.on_offer(read, self._now())
            case Stop():
                self._receiving.on_stop(read)
            case Refuse():
                self._sending.on_refuse(read)
            case Have():
                if (delivered := self._sending.on_have(read, time.monotonic())) is not None:
                    self._on_delivered(delivered, self._notes.pop(delivered.id, ""))
        self._show(progress_only=isinstance(read, Piece | Have))
        self.wake()
        return True

    def _changed(self) -> None:
        self._show(progress_only=False)
        self.wake()

    def _show(self, progress_only: bool) -> None:
        files = tuple(sorted((*self._sending.shown, *self._receiving.shown), key=lambda each: each.at))
        busy = self._sending.is_busy or self._receiving.is_busy
        self.check_every_s = BUSY_EVERY_S if busy else IDLE_EVERY_S
        store, now_s = self.session.status.store, time.monotonic()
        ends = [(each.id, each.state) for each in files] != [(each.id, each.state) for each in store.snapshot.files]
        if ends or not progress_only or now_s >= self._shown_s + SHOWN_EVERY_S:
            self._shown_s = now_s
            store.update(files=files)
