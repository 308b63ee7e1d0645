"""What the fake backend says about the meeting of a booking: its calendar file, its call and who is in the room."""

import datetime as dt
from collections.abc import Sequence

from app.api import models
from app.errors import Problem

NO_NOTE = models.Note(text="", version=0)


class Meetings:
    """Mixed into FakeApi. `present` maps a session's id to the roles in its room."""

    account_id: str
    base_url: str
    present: dict[str, tuple[str, ...]]
    quality: dict[str, models.SessionQuality]
    decisions: dict[str, models.Attendance]
    kept_messages: dict[str, tuple[models.Message, ...]]
    kept_recordings: dict[str, tuple[models.RecordingConsentRecord, ...]]
    notes: dict[tuple[str, str], models.Note]
    now: dt.datetime

    async def _enter(self, method: str, *arguments: object) -> None:
        raise NotImplementedError

    async def calendar_file(self, session_id: str) -> bytes:
        await self._enter("calendar_file", session_id)
        return b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"

    async def call_link(self, session_id: str, join_id: str, *, rejoin: bool = False) -> models.CallLink:
        await self._enter("call_link", session_id, join_id, rejoin)
        return models.CallLink(
            session_id=session_id,
            room_name=f"session_{session_id}",
            livekit_url="ws://livekit.test",
            encryption_key="k" * 43,
            access_token="token-of-this-participant",
            participant_identity=f"user_{self.account_id}",
            participant_role="user",
            call_url=f"{self.base_url}/call/{session_id}",
        )

    async def call_check(self) -> models.CallCheck:
        await self._enter("call_check")
        return models.CallCheck(room_name="check_1", livekit_url="ws://livekit.test", access_token="token-of-a-check")

    async def presence(self, session_id: str) -> models.Presence:
        await self._enter("presence", session_id)
        return models.Presence(present=self.present.get(session_id, ()))

    async def messages(self, session_id: str) -> tuple[models.Message, ...]:
        await self._enter("messages", session_id)
        return self.kept_messages.get(session_id, ())

    async def keep_messages(self, session_id: str, messages: Sequence[models.Message]) -> None:
        await self._enter("keep_messages", session_id, len(messages))
        known = {each.id: each for each in (*messages, *self.kept_messages.get(session_id, ()))}
        self.kept_messages[session_id] = tuple(sorted(known.values(), key=lambda each: (each.sent_at, each.id)))

    async def delete_messages(self, session_id: str) -> None:
        await self._enter("delete_messages", session_id)
        self.kept_messages.pop(session_id, None)

    async def recordings(self, session_id: str) -> tuple[models.RecordingConsentRecord, ...]:
        await self._enter("recordings", session_id)
        return self.kept_recordings.get(session_id, ())

    async def note_recording(self, session_id: str, ask_id: str, event: str, at: dt.datetime) -> None:
        await self._enter("note_recording", session_id, ask_id, event)
        kept = {each.ask_id: each for each in self.kept_recordings.get(session_id, ())}
        asks = event in ("asked", "began", "ended")
        own: models.Role = "professional" if self.account_id.startswith("pro") else "user"
        asked_by = own if asks else models.other_role(own)
        known = kept.get(ask_id) or models.RecordingConsentRecord(ask_id=ask_id, asked_by=asked_by)
        if known.asked_by != asked_by:
            raise Problem("NotYourRecording", 409, "Only who is asked can answer, and only who asked can record.")
        when = "answered_at" if event in ("agreed", "refused") else f"{event}_at"
        if getattr(known, when) is None:
            answer = {"answer": event} if when == "answered_at" else {}
            known = known.model_copy(update={when: at, **answer})
        kept[ask_id] = known
        self.kept_recordings[session_id] = tuple(kept.values())

    async def note(self, session_id: str) -> models.Note:
        await self._enter("note", session_id)
        return self.notes.get((session_id, self.account_id), NO_NOTE)

    async def save_note(self, session_id: str, text: str, version: int) -> models.Note:
        await self._enter("save_note", session_id, len(text), version)
        known = self.notes.get((session_id, self.account_id), NO_NOTE)
        if text == known.text:
            return known
        if version != known.version:
            raise Problem("NoteChanged", 409, "These notes were changed on another device.", note=known)
        saved = models.Note(text=text, version=version + 1, updated_at=self.now)
        self.notes[session_id, self.account_id] = saved
        return saved

    async def attendance(self, session_id: str) -> models.Attendance:
        await self._enter("attendance", session_id)
        if session_id not in self.decisions:
            raise Problem("NothingDecided", 409, "Nothing has been decided about this session yet.")
        return self.decisions[session_id]

    async def report_problem(self, session_id: str, reason: str) -> models.Attendance:
        await self._enter("report_problem", session_id, reason)
        decision = self.decisions[session_id]
        role = "professional" if self.account_id.startswith("pro") else "user"
        said = {"objected": (*decision.objected, role), "reason": reason}
        self.decisions[session_id] = decision.model_copy(update=said)
        return self.decisions[session_id]

    async def report_quality(self, session_id: str, report: models.QualityReport) -> models.SessionQuality:
        await self._enter("report_quality", session_id)
        role = "professional" if self.account_id.startswith("pro") else "user"
        kept = self.quality.get(session_id, models.SessionQuality())
        self.quality[session_id] = kept.model_copy(update={role: report})
        return self.quality[session_id]

    async def session_quality(self, session_id: str) -> models.SessionQuality:
        await self._enter("session_quality", session_id)
        return self.quality.get(session_id, models.SessionQuality())
