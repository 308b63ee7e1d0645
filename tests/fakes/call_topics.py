"""What goes over the room beside sound and picture, in a call engine that a test drives by hand."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from app.call.contract.call_state import CallSnapshot
from app.call.contract.chat import ChatMessage
from app.call.contract.files import FileProblem
from app.call.contract.recording import OwnRecording, PeerRecording, RecordingEnd, RecordingState
from app.call.contract.timer import SharedTimer

CHAT_BEGAN = datetime(2027, 3, 1, 10, tzinfo=UTC)


class FakeTopics:
    """Messages, files, the timer and recording. `calls` lists what the screen asked for."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.file_refused: FileProblem | None = None
        self.contents: dict[str, bytes] = {}
        """What has arrived, by the file's id."""
        self.timer_now: Callable[[], datetime] = lambda: CHAT_BEGAN
        self._listeners: list[Callable[[CallSnapshot], None]] = []
        self._snapshot = CallSnapshot()

    async def send_message(self, text: str) -> None:
        self.calls.append(("message", text))
        sent_at = self._snapshot.chat[-1].sent_at + timedelta(seconds=1) if self._snapshot.chat else CHAT_BEGAN
        self._change(chat=(*self._snapshot.chat, ChatMessage(str(uuid4()), text, sent_at, mine=True)))

    async def take_messages(self, messages: Sequence[ChatMessage]) -> None:
        known = {each.id: each for each in (*messages, *self._snapshot.chat)}
        self._change(chat=tuple(sorted(known.values(), key=lambda each: each.place)))

    async def send_file(self, name: str, content: bytes, note: str) -> FileProblem | None:
        self.calls.append(("file", name, content, note))
        return self.file_refused

    async def send_file_again(self, file_id: str) -> FileProblem | None:
        self.calls.append(("file again", file_id))
        return self.file_refused

    async def cancel_file(self, file_id: str) -> None:
        self.calls.append(("file cancelled", file_id))
        self._change(files=tuple(each for each in self._snapshot.files if each.id != file_id))

    async def received_file(self, file_id: str) -> bytes | None:
        return self.contents.get(file_id)

    async def set_timer(self, length: timedelta | None) -> None:
        self.calls.append(("timer", length))
        self._change(timer=None if length is None else SharedTimer(length, self.timer_now() + length))

    async def take_timer(self, timer: SharedTimer) -> None:
        self.calls.append(("kept timer", timer))
        self._change(timer=self._snapshot.timer or timer)

    async def ask_to_record(self, file: str) -> None:
        self.calls.append(("ask to record", file))
        if self._snapshot.recording.state in (RecordingState.OFF, RecordingState.ENDED):
            self._change(recording=OwnRecording(RecordingState.ASKING, str(uuid4()), file))

    async def stop_recording(self) -> None:
        self.calls.append(("stop recording",))
        if self._snapshot.recording.state in (RecordingState.ASKING, RecordingState.ENDED):
            self._change(recording=OwnRecording())
        elif self._snapshot.recording.state in (RecordingState.RECORDING, RecordingState.PAUSED):
            self.let_recording(RecordingState.ENDED, end=RecordingEnd.STOPPED)

    async def answer_recording(self, ask_id: str, agreed: bool) -> None:
        self.calls.append(("answer recording", ask_id, agreed))
        asked = self._snapshot.peer_recording
        if asked is not None and asked.ask_id == ask_id and asked.agreed is not False:
            self._change(peer_recording=replace(asked, agreed=agreed))

    def let_recording(self, state: RecordingState, **changes: Any) -> None:
        """This side's own goes there."""
        self._change(recording=replace(self._snapshot.recording, state=state, **changes))

    def let_other_record(self, ask_id: str = "", agreed: bool | None = None, writing: bool = False) -> None:
        """The other asks to record, or records; an empty id: neither."""
        self._change(peer_recording=PeerRecording(ask_id, agreed, writing) if ask_id else None)

    def _change(self, **changes: Any) -> None:
        self._snapshot = replace(self._snapshot, **changes)
        for listener in list(self._listeners):
            listener(self._snapshot)
