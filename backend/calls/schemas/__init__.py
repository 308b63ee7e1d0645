"""Calls on the wire: entering one, what is kept of it, what is told of it."""

from backend.calls.schemas.entering import (
    CallCheckAnswer,
    CallLinkAnswer,
    EnterCall,
    PageFactsAnswer,
    PageJoinAnswer,
    PresenceAnswer,
)
from backend.calls.schemas.kept import (
    FollowUpAnswer,
    FollowUpFileAnswer,
    KeepMessages,
    MessageAnswer,
    MessagesAnswer,
    NewMessage,
    NoteAnswer,
    NoteRecording,
    RecordingAnswer,
    RecordingsAnswer,
    SaveNote,
    SendFollowUp,
    SentFollowUpAnswer,
)
from backend.calls.schemas.told import (
    AttendanceAnswer,
    QualityReportAnswer,
    ReportProblem,
    ReportQuality,
    SessionQualityAnswer,
)

__all__ = [
    "AttendanceAnswer",
    "CallCheckAnswer",
    "CallLinkAnswer",
    "EnterCall",
    "FollowUpAnswer",
    "FollowUpFileAnswer",
    "KeepMessages",
    "MessageAnswer",
    "MessagesAnswer",
    "NewMessage",
    "NoteAnswer",
    "NoteRecording",
    "PageFactsAnswer",
    "PageJoinAnswer",
    "PresenceAnswer",
    "QualityReportAnswer",
    "RecordingAnswer",
    "RecordingsAnswer",
    "ReportProblem",
    "ReportQuality",
    "SaveNote",
    "SendFollowUp",
    "SentFollowUpAnswer",
    "SessionQualityAnswer",
]
