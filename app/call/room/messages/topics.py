"""What both write, set and send each other in one call: its topics, from before the join to the end."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from app.call.contract.call_state import CallPart
from app.call.contract.chat import ChatMessage, clean_message
from app.call.contract.engine import CallCredentials
from app.call.contract.files import FileProblem
from app.call.contract.timer import SharedTimer
from app.call.room.messages.chat import RoomChat
from app.call.room.messages.files import RoomFiles
from app.call.room.messages.recording import NewRecorder, RoomRecording
from app.call.room.messages.recording_run import RecordingRun
from app.call.room.messages.timer import RoomTimer
from app.call.room.room_session import RoomSession
from app.call.runtime.task_scope import OnFault, TaskScope


class CallTopics:
    """Takes the commands about them; before the call is joined and after its end they change nothing. Lives on the
    media loop. `now` is the server's clock; `new_recorder` makes what writes one recording.
    """

    def __init__(self, now: Callable[[], datetime], new_recorder: NewRecorder) -> None:
        self._now = now
        self._new_recorder = new_recorder
        self._chat: RoomChat | None = None
        self._timer: RoomTimer | None = None
        self._files: RoomFiles | None = None
        self._recording: RoomRecording | None = None
        self._recorded: Sequence[RecordingRun] = ()
        self._kept_timer: SharedTimer | None = None

    def open(self, session: RoomSession, credentials: CallCredentials) -> None:
        """Before the connection is made: the first packet can come with it."""
        chat = self._chat = RoomChat(session, credentials.encryption_key, self._now)
        self._timer = RoomTimer(session, credentials, self._now, self._kept_timer)
        self._files = RoomFiles(
            session,
            credentials.encryption_key,
            self._now,
            lambda file, note: chat.send(note, file.id) if note else None,
        )
        self._recording = RoomRecording(session, credentials.encryption_key, self._now, self._new_recorder)

    def supervise(self, scope: TaskScope, fault_of: Callable[[CallPart], OnFault]) -> None:
        """Carries them for as long as the scope lasts."""
        if self._chat is not None:
            scope.supervise(self._chat.run, "carrying the chat", fault_of(CallPart.CHAT))
        if self._timer is not None:
            scope.supervise(self._timer.run, "carrying the timer", fault_of(CallPart.TIMER))
        if self._files is not None:
            scope.supervise(self._files.run, "carrying files", fault_of(CallPart.FILES))
        if self._recording is not None:
            scope.supervise(self._recording.run, "carrying the consent to record", fault_of(CallPart.RECORDING))

    def end_recording(self) -> None:
        """The call is over for this person: at once nothing is recorded any more."""
        if self._recording is not None:
            self._recorded = self._recording.end()

    async def recorded(self, limit_s: float) -> None:
        """Whatever was recorded is a file by then, or the time is over."""
        await asyncio.gather(*(each.done(limit_s) for each in self._recorded))

    def close(self) -> None:
        """The call is over."""
        self._chat = self._timer = self._files = self._recording = None

    async def send_message(self, text: str) -> None:
        if self._chat is not None and (cleaned := clean_message(text)):
            self._chat.send(cleaned)

    async def take_messages(self, messages: Sequence[ChatMessage]) -> None:
        if self._chat is not None:
            self._chat.take_kept(messages)

    async def send_file(self, name: str, content: bytes, note: str) -> FileProblem | None:
        if self._files is None:
            return FileProblem.NOT_IN_CALL
        return self._files.send(name, content, clean_message(note))

    async def send_file_again(self, file_id: str) -> FileProblem | None:
        return FileProblem.NOT_IN_CALL if self._files is None else self._files.send_again(file_id)

    async def cancel_file(self, file_id: str) -> None:
        if self._files is not None:
            self._files.cancel(file_id)

    async def received_file(self, file_id: str) -> bytes | None:
        return self._files.content_of(file_id) if self._files is not None else None

    async def set_timer(self, length: timedelta | None) -> None:
        if self._timer is not None:
            self._timer.set(length)

    async def take_timer(self, timer: SharedTimer) -> None:
        self._kept_timer = timer
        if self._timer is not None:
            self._timer.take_kept(timer)

    async def ask_to_record(self, file: str) -> None:
        if self._recording is not None:
            self._recording.ask(file)

    async def stop_recording(self) -> None:
        if self._recording is not None:
            self._recording.stop()

    async def answer_recording(self, ask_id: str, agreed: bool) -> None:
        if self._recording is not None:
            self._recording.answer(ask_id, agreed)
