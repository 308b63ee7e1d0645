"""Recording in a call: asking for it, answering, what this device remembers of it and what the backend is told."""

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path

from app.call.contract.call_state import CallSnapshot, CallState
from app.call.contract.devices import AudioBackend
from app.call.contract.engine import CallEngine
from app.call.contract.recording import OwnRecording, RecordingState
from app.errors import AppError
from app.state.call.recording.acts import RecordingActs
from app.state.call.recording.place import default_folder, file_name, look_at, new_file
from app.state.call.screen import CallScreen
from app.state.call.words import recording_words
from app.state.core.picked_files import choose_folder
from app.state.core.recorded.files import AllRecordedFiles

ACTIVE = (RecordingState.RECORDING, RecordingState.PAUSED, RecordingState.FINISHING)


@dataclass(eq=False)
class CallRecording(CallScreen):
    """All else that both share, and what is recorded of it."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._acts = RecordingActs(self.services.api, self.session_id, self.services.now)
        self._telling: asyncio.Task[None] | None = None
        self._files = AllRecordedFiles.kept_by(self.services).of(self.session_id)

    @property
    def can_record(self) -> bool:
        """Whether there is anything of it on this screen: in a browser the call page records by itself."""
        return self.services.can_record and not self.in_browser

    @property
    def is_asked_to_record(self) -> bool:
        """Whether the other's question waits for an answer."""
        asked = self.snapshot.peer_recording
        return asked is not None and asked.agreed is None

    @property
    def why_not_record(self) -> str:
        """Why nobody can be asked now; empty when they can."""
        if self.snapshot.audio_backend is not AudioBackend.PORTAUDIO:
            return recording_words.SYSTEM_SOUND
        if self.snapshot.state is not CallState.IN_CALL:
            return recording_words.NOT_BOTH_THERE
        place = self.recording_place
        return "" if place is None or place.writable else recording_words.NOT_WRITABLE

    async def look_at_place(self) -> None:
        """Where it would be saved, and how much room there is."""
        chosen = self.services.preferences.recording_folder
        self.recording_place = await look_at(Path(chosen) if chosen else default_folder())

    async def change_folder(self) -> None:
        """The person chooses another one, for this recording and all later ones on this device."""
        self.recording_problem = ""
        try:
            folder = await choose_folder(recording_words.CHOOSE_FOLDER)
        except AppError as error:
            self.recording_problem = error.detail
            return
        if folder:
            self.services.preferences.recording_folder = folder
            await self.look_at_place()

    async def ask_to_record(self) -> None:
        if self.engine is None or self.why_not_record:
            return
        await self.look_at_place()
        place, now = self.recording_place, self.services.now()
        if place is None or not place.writable:
            return
        try:
            file = await new_file(place.folder, file_name(self.other_name, now, self.services.zone))
        except (OSError, ValueError):  # the second: no path at all
            self.recording_place = replace(place, writable=False)
        else:
            await self.engine.ask_to_record(str(file))

    async def stop_recording(self) -> None:
        """Takes the question back, or ends it; also puts away what became of it."""
        if self.engine is not None:
            await self.engine.stop_recording()

    async def answer_recording(self, agreed: bool) -> None:
        """To the other's question; a no at any time later too."""
        asked = self.snapshot.peer_recording
        if self.engine is not None and asked is not None:
            await self.engine.answer_recording(asked.ask_id, agreed)

    def _note_recording(self, snapshot: CallSnapshot) -> None:
        """`snapshot` is about to be shown."""
        before = self.snapshot
        if (before.recording, before.peer_recording) == (snapshot.recording, snapshot.peer_recording):
            return
        self._remember(before.recording, snapshot.recording)
        self._tell(self._acts.note(before, snapshot))

    def _tell(self, is_new: bool) -> None:
        """One request at a time."""
        if is_new and (self._telling is None or self._telling.done()):
            self._telling = asyncio.get_running_loop().create_task(self._acts.tell())

    def _remember(self, before: OwnRecording, after: OwnRecording) -> None:
        """From the moment at which it begins, so that a crash loses nothing."""
        if after.state is before.state and after.ask_id == before.ask_id:
            return
        if after.state is RecordingState.RECORDING:
            self._files.note(after.ask_id, after.file, finished=False)
        elif after.state is RecordingState.ENDED and after.file:
            self._files.note(after.ask_id, after.file, finished=True)
            self.times_recorded += 1
        elif after.state is RecordingState.ENDED:
            self._files.forget(after.ask_id)

    def _follow_to_its_end(self, engine: CallEngine) -> None:
        """The call is over for this person, and what was recorded is still being made a file."""
        self._tell(self._acts.note_end(self.snapshot.recording))
        if self.snapshot.recording.state not in ACTIVE:
            return

        def changed(snapshot: CallSnapshot) -> None:
            self.post(lambda: self._show_finished(snapshot.recording))
            if snapshot.recording.state is RecordingState.ENDED:
                unsubscribe()

        unsubscribe = engine.subscribe(changed)
        if engine.snapshot().recording.state is RecordingState.ENDED:  # meanwhile
            changed(engine.snapshot())

    def _show_finished(self, recording: OwnRecording) -> None:
        mine = self.snapshot.recording.ask_id == recording.ask_id
        self._remember(self.snapshot.recording if mine else OwnRecording(), recording)
        if mine and self.snapshot.state is CallState.ENDED:
            self.snapshot = replace(self.snapshot, recording=recording)
