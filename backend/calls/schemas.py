"""Calls on the wire."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from backend.auth.rules import Role
from backend.bookings.rules import Absent
from backend.calls.rules.files import MOST_FILES
from backend.calls.rules.messages import AT_ONCE, LONGEST
from backend.calls.rules.notes import LONGEST_FOLLOW_UP, LONGEST_NOTE
from backend.calls.rules.quality import Rating
from backend.calls.rules.recordings import RecordingEvent
from backend.kit.text import AsTypedStr, JsonInt, MultiLineStr, Payload

DAY_S = 24 * 60 * 60
MAX_REASON = 1000
Permille = Annotated[int, Field(ge=0, le=1000, strict=True)]
Seconds = Annotated[int, Field(ge=0, le=DAY_S, strict=True)]


class EnterCall(Payload):
    """How this device names its join, the same for every rejoin after it. Without a name every request is a new join.

    `rejoin`: its connection was lost; it must not evict a device on which the person has joined since.
    """

    join_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{16,64}$")]
    rejoin: Annotated[bool, Field(strict=True)] = False


class CallLinkAnswer(BaseModel):
    """One participant's credentials. `encryption_key` is the session's, the same for both. It and the token are also in
    the fragment of `call_url`, which no server sees.
    """

    model_config = ConfigDict(title="CallLink")

    session_id: UUID
    room_name: str
    livekit_url: str
    access_token: str
    encryption_key: str
    participant_identity: str
    participant_role: Role
    call_url: str


class PresenceAnswer(BaseModel):
    """Who is in the room now."""

    model_config = ConfigDict(title="Presence")

    present: list[Role]


class PageFactsAnswer(BaseModel):
    """A session as the call page shows it. `problem`: the name of what keeps this person out now; `now` is the server's
    time; `app_url`: where the app shows the session, empty where there is no web app.
    """

    own_name: str
    own_role: Role
    other_name: str
    other_photo: str | None
    starts_at: datetime
    ends_at: datetime
    opens_at: datetime
    closes_at: datetime
    now: datetime
    problem: str | None
    app_url: str


class PageJoinAnswer(BaseModel):
    """One join's credentials, for the call page. Not the key: the media server has the token too."""

    livekit_url: str
    access_token: str


class CallCheckAnswer(BaseModel):
    """A way into a room of one's own, in which a connection can be tried before the call."""

    model_config = ConfigDict(title="CallCheck")

    room_name: str
    livekit_url: str
    access_token: str


class ReportQuality(Payload):
    """One person's side of a call. Ratings are of their own connection and of the other's; null: never measured."""

    measured_s: Annotated[int, Field(ge=1, le=DAY_S, strict=True)]
    own_rating: Rating
    other_rating: Rating | None = None
    round_trip_ms: Annotated[int, Field(ge=0, le=60_000, strict=True)] | None = None
    loss_in_permille: Permille | None = None
    loss_out_permille: Permille | None = None
    concealed_permille: Permille | None = None
    frozen_s: Seconds = 0
    reduced_s: Seconds = 0
    interruptions: Annotated[int, Field(ge=0, le=1000, strict=True)] = 0
    received_height: Annotated[int, Field(ge=1, le=4320, strict=True)] | None = None
    received_rate_hz: Annotated[int, Field(ge=0, le=120, strict=True)] | None = None

    @field_validator("frozen_s", "reduced_s")
    @classmethod
    def _within_the_call(cls, part_s: int, info: ValidationInfo) -> int:
        if part_s > info.data.get("measured_s", DAY_S):
            raise ValueError("This is longer than what was measured.")
        return part_s


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


def _said(reason: str) -> str:
    if not reason:
        raise ValueError("Please say in a few words what went wrong.")
    return reason


class ReportProblem(Payload):
    """What went wrong, in the person's own words; kept for whoever decides."""

    reason: Annotated[
        MultiLineStr, Field(max_length=MAX_REASON, json_schema_extra={"pattern": r"\S"}), AfterValidator(_said)
    ]


class AttendanceAnswer(BaseModel):
    """Who kept the appointment, with the figures behind it (docs/attendance.md); lengths in seconds.

    `judged_s` is the user's time, `kept_s` how much of it the professional kept; `late_s` is null for one who never
    came. `refund` goes back once it is final. Until `open_until` either may object; `objected` says who did, `reason`
    are the viewer's own words.
    """

    model_config = ConfigDict(title="Attendance")

    absent: Absent
    judged_s: int
    kept_s: int
    professional_there_s: int
    user_there_s: int
    late_s: int | None
    unwatched_s: int
    refund: str
    currency: str
    decided_at: datetime
    decided_by: Literal["rule", "operator"]
    open_until: datetime
    final: bool
    objected: list[Role]
    reason: str | None


class QualityReportAnswer(BaseModel):
    """What one person's app said of the call."""

    model_config = ConfigDict(title="QualityReport", from_attributes=True)

    measured_s: int
    own_rating: Rating
    other_rating: Rating | None
    round_trip_ms: int | None
    loss_in_permille: int | None
    loss_out_permille: int | None
    concealed_permille: int | None
    frozen_s: int
    reduced_s: int
    interruptions: int
    received_height: int | None
    received_rate_hz: int | None
    reported_at: datetime


class SessionQualityAnswer(BaseModel):
    """How the call ran for each of the two; null for whoever has not reported."""

    model_config = ConfigDict(title="SessionQuality")

    professional: QualityReportAnswer | None
    user: QualityReportAnswer | None
