"""Asks over the room whether the call may be recorded, answers the other's question, and records while it is agreed."""

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from livekit import rtc

from app.call.chat.flood_gate import FloodGate
from app.call.contract.call_state import CallState
from app.call.contract.recording import OwnRecording, PeerRecording, RecordingEnd, RecordingState
from app.call.recording.consent import (
    LARGEST_PACKET,
    PACKETS_A_SECOND,
    PACKETS_AT_ONCE,
    TOPIC,
    RecordingConsent,
    read_recording_packet,
)
from app.call.recording.recorder import Recorder
from app.call.room.messages.recording_run import RecordingRun
from app.call.room.messages.sealed_topic import SealedTopic
from app.call.room.room_session import RoomSession

NewRecorder = Callable[[], Recorder]


class RoomRecording(SealedTopic):
    """`now` is the server's clock. `new_recorder` makes what writes one recording."""

    topic = TOPIC
    check_every_s = 0.2

    def __init__(self, session: RoomSession, key: str, now: Callable[[], datetime], new_recorder: NewRecorder) -> None:
        self._now = now
        self._new_recorder = new_recorder
        self._consent = RecordingConsent()
        self._connection = (0, 0)
        self._gate = FloodGate(PACKETS_AT_ONCE, PACKETS_A_SECOND)
        self._run: RecordingRun | None = None  # the one that is shown
        self._runs: list[RecordingRun] = []  # all whose file may not be ready yet
        super().__init__(session, key)

    def ask(self, file: str) -> None:
        """Nothing changes while nobody is there to be asked, or another question or recording is under way."""
        ready = self._run is None or self._run.shown.state is RecordingState.ENDED
        if not ready or self.session.status.state is not CallState.IN_CALL:
            return
        store, ask_id = self.session.status.store, str(uuid4())
        run = RecordingRun(ask_id, Path(file), self._new_recorder, lambda shown: store.update(recording=shown))
        self._run = run
        self._runs.append(run)
        self._consent.ask(ask_id)
        store.update(recording=run.shown)
        self.wake()

    def stop(self) -> None:
        """The question is taken back, the recording ended, or the word about the last one put away."""
        run = self._run
        if run is None or (run.over and run.shown.state is not RecordingState.ENDED):
            return
        if run.shown.state in (RecordingState.ASKING, RecordingState.ENDED):
            run.put_away()
            self._run = None
            self.session.status.store.update(recording=OwnRecording())
        run.finish(RecordingEnd.STOPPED)
        self._follow()
        self.wake()

    def answer(self, ask_id: str, agreed: bool) -> None:
        """To the other's question, if it still is that one."""
        self._consent.answer(ask_id, agreed)
        self._follow()
        self.wake()

    def end(self) -> Sequence[RecordingRun]:
        """This side leaves, or the call is over: nothing is written any more. Answers what is still to be finished."""
        if self._run is not None:
            self._run.finish(RecordingEnd.CALL_ENDED)
        self._follow()
        return tuple(self._runs)

    async def run(self) -> None:
        """Follows each change of the call at once. What ends that, be it a failure, ends the writing."""
        unsubscribe = self.session.status.store.subscribe(lambda snapshot: self._follow())
        try:
            await super().run()
        finally:
            unsubscribe()
            if self._run is not None:
                self._run.hold()

    def check(self) -> None:
        self._follow()

    def packets_due(self) -> Iterable[bytes]:
        packet = self._consent.due(time.monotonic(), round(self._now().timestamp() * 1000))
        return () if packet is None else (packet,)

    def peer_is_back(self) -> None:
        self._follow()

    def peer_is_gone(self) -> None:
        if self._run is not None:
            self._run.finish(RecordingEnd.PEER_LEFT)
        self._consent.peer_is_gone()
        self._follow()

    def admits(self, received: "rtc.DataPacket", sender: str) -> bool:
        return len(received.data) <= LARGEST_PACKET and self._gate.lets_through(time.monotonic())

    def take(self, packet: bytes) -> bool:
        read = read_recording_packet(packet)
        if read is None:
            return False
        self._notice_connection()
        self._consent.receive(read, time.monotonic())
        self._follow()
        self.wake()
        return True

    def _notice_connection(self) -> None:
        """Before anything is done over a new one: what was agreed to over the one before does not count for it."""
        connection = (self.session.peer.arrivals, self.session.restorations)
        if connection != self._connection:
            self._connection = connection
            self._consent.peer_is_back()

    def _follow(self) -> None:
        """Nothing is written any more, once this returns, that may not be."""
        self._notice_connection()
        now_s, run, consent = time.monotonic(), self._run, self._consent
        if run is not None and not run.over:
            run.follow(consent.permission(now_s), self.session.status.state is CallState.IN_CALL, now_s)
        if run is None or run.over:
            consent.stop()
        else:
            consent.set_writing(run.writing)
        theirs = consent.their_ask
        peer = None if theirs is None else PeerRecording(theirs, consent.agreed, consent.they_write)
        self.session.status.store.update(peer_recording=peer)
        self._runs = [each for each in self._runs if each.shown.state is not RecordingState.ENDED]
