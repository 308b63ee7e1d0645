"""What is kept of a session for its people, on the wire: messages, notes, the follow-up, consent to recordings."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from backend.auth.rules import Role
from backend.calls.rules.files import MOST_FILES
from backend.calls.rules.messages import AT_ONCE, LONGEST
from backend.calls.rules.notes import LONGEST_FOLLOW_UP, LONGEST_NOTE
from backend.calls.rules.recordings import RecordingEvent
from backend.kit.text import AsTypedStr, JsonInt, MultiLineStr, Payload


def _not_empty(text: str) -> str:
    if not text:
        raise ValueError("Please write something.")
    return text


class NewMessage(Payload):
    """`id` is the sender's, the same whenever it is sent again; `sent_at` is when they pressed Send."""

    id: UUID
    text: Annotated[
        MultiLineStr, Field(max_length=LONGEST, json_schema_extra={"pattern": r"\S"}), AfterValidator(_not_empty)
    ]
    sent_at: AwareDatetime


class KeepMessages(Payload):
    """Some messages of one person, in any order."""

    messages: Annotated[list[NewMessage], Field(min_length=1, max_length=AT_ONCE)]


class MessageAnswer(BaseModel):
    """What one of the two wrote, in plain text."""

    model_config = ConfigDict(title="Message", from_attributes=True)

    id: UUID
    role: Role
    text: str
    sent_at: datetime


class MessagesAnswer(BaseModel):
    """All that both wrote."""

    model_config = ConfigDict(title="Messages")

    messages: list[MessageAnswer]


class NoteRecording(Payload):
    """One act of one person about a question to record; `at` is when it was done, by their device."""

    ask_id: UUID
    event: RecordingEvent
    at: AwareDatetime


class RecordingAnswer(BaseModel):
    """A question to record, and what became of it; times are null for what did not happen or was not told."""

    model_config = ConfigDict(title="RecordingConsent", from_attributes=True)

    ask_id: UUID
    asked_by: Role
    asked_at: datetime | None
    answer: Literal["agreed", "refused"] | None
    answered_at: datetime | None
    began_at: datetime | None
    withdrawn_at: datetime | None
    ended_at: datetime | None


class RecordingsAnswer(BaseModel):
    """All questions to record of a session, in order."""

    model_config = ConfigDict(title="RecordingConsents")

    recordings: list[RecordingAnswer]


class SaveNote(Payload):
    """`version` is that of the notes which the text was written over; 0 where there were none."""

    text: Annotated[AsTypedStr, Field(max_length=LONGEST_NOTE)]
    version: Annotated[JsonInt, Field(ge=0, le=2**31 - 2)]


class NoteAnswer(BaseModel):
    """One's own notes of a session, in plain text; `version` is 0 and `updated_at` null where there are none yet."""

    model_config = ConfigDict(title="Note", from_attributes=True)

    text: str
    version: int
    updated_at: datetime | None


class SendFollowUp(Payload):
    """What the professional sends after the session; it cannot be changed afterwards. `files`: ids of those that were
    uploaded for it; others that were are deleted.
    """

    text: Annotated[
        MultiLineStr,
        Field(max_length=LONGEST_FOLLOW_UP, json_schema_extra={"pattern": r"\S"}),
        AfterValidator(_not_empty),
    ]
    files: list[UUID] = Field(default_factory=list, max_length=MOST_FILES)


class FollowUpFileAnswer(BaseModel):
    """One file of a follow-up; `size` in bytes."""

    model_config = ConfigDict(title="FollowUpFile", from_attributes=True)

    id: UUID
    name: str
    size: int


class FollowUpAnswer(BaseModel):
    """What the professional sent, in plain text, and the files with it."""

    model_config = ConfigDict(title="FollowUp")

    text: str
    sent_at: datetime
    files: list[FollowUpFileAnswer]


class SentFollowUpAnswer(BaseModel):
    """The session's follow-up; null while none was sent. `unsent`: files for it that its professional has uploaded so
    far; the user is told of none.
    """

    model_config = ConfigDict(title="SentFollowUp")

    follow_up: FollowUpAnswer | None
    unsent: list[FollowUpFileAnswer]
