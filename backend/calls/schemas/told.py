"""What is told of a call and decided about it, on the wire: attendance, problems, quality."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from backend.auth.rules import Role
from backend.bookings.rules import Absent
from backend.calls.rules.quality import Rating
from backend.kit.text import MultiLineStr, Payload

DAY_S = 24 * 60 * 60
MAX_REASON = 1000
Permille = Annotated[int, Field(ge=0, le=1000, strict=True)]
Seconds = Annotated[int, Field(ge=0, le=DAY_S, strict=True)]


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
