"""Calls on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from backend.auth.rules import Role
from backend.calls.rules.quality import Rating
from backend.kit.text import Payload

DAY_S = 24 * 60 * 60
Permille = Annotated[int, Field(ge=0, le=1000, strict=True)]
Seconds = Annotated[int, Field(ge=0, le=DAY_S, strict=True)]


class CallLinkAnswer(BaseModel):
    """One participant's credentials; the token is also in the fragment of `call_url`, which no server sees."""

    model_config = ConfigDict(title="CallLink")

    session_id: UUID
    room_name: str
    livekit_url: str
    access_token: str
    participant_identity: str
    participant_role: Role
    call_url: str


class PresenceAnswer(BaseModel):
    """Who is in the room now."""

    model_config = ConfigDict(title="Presence")

    present: list[Role]


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
    """How the call ran for each of the two; null for who has not reported."""

    model_config = ConfigDict(title="SessionQuality")

    professional: QualityReportAnswer | None
    user: QualityReportAnswer | None
