"""Sessions: what is booked, what cancelling gives back, and the way into the call."""

from pydantic import AliasChoices, Field

from app.api.models.wire import PROFESSIONAL, Instant, Priced, PriceMinor, Role, WireModel, money_words


class ProfessionalParty(WireModel):
    """The professional of a booking."""

    id: str
    name: str
    headline: str = ""
    photo_url: str | None = None
    time_zone: str


class UserParty(WireModel):
    """The user of a booking."""

    id: str
    name: str


class Deadlines(WireModel):
    """Until when a user who cancels this session gets everything back, and half of it; at the instant it still holds.

    `at_most` (full or half) is what came back before it was moved: never more than that comes back after.
    """

    full_until: Instant
    half_until: Instant
    at_most: str = "full"


class Refund(WireModel):
    """What goes back of the payment in all. `status`: pending, done, or failed (it is being tried again by itself,
    unless it is `stuck`: then somebody at Rendezvous looks into it).

    `reason`: user_cancelled, professional_cancelled, professional_absent, not_confirmed or support.
    """

    amount_minor: PriceMinor = Field(validation_alias=AliasChoices("amount", "amount_minor"))
    status: str
    reason: str
    asked_at: Instant
    settled_at: Instant | None = None
    stuck: bool = False


class Booking(Priced):
    """A session. `status` and `payment_status` as in docs/api.md; an unknown value stays readable.

    `dispute`: the payer told their bank that the payment was not right: open, won (the payment stands) or lost.
    """

    id: str
    status: str
    payment_status: str
    starts_at: Instant
    ends_at: Instant
    time_zone: str
    professional: ProfessionalParty
    user: UserParty
    slot_id: str
    hold_expires_at: Instant | None = None
    checkout_url: str | None = None
    join_opens_at: Instant
    join_closes_at: Instant
    created_at: Instant
    cancelled_at: Instant | None = None
    cancelled_by: str | None = None
    policy: Deadlines | None = None
    reschedule_until: Instant | None = None
    moved_from: Instant | None = None
    absent: str | None = None
    refund: Refund | None = None
    dispute: str | None = None

    def other(self, role: Role) -> ProfessionalParty | UserParty:
        """Whom `role` meets in this session."""
        return self.user if role == PROFESSIONAL else self.professional

    @property
    def is_disputed(self) -> bool:
        """Whether a bank has the money, so that there is no call, no cancelling and no moving."""
        return self.dispute in ("open", "lost")

    @property
    def refund_words(self) -> str:
        """What goes back, such as "$22.50"; empty when nothing does."""
        return money_words(self.refund.amount_minor, self.currency) if self.refund else ""


class Cancellation(Priced):
    """What cancelling gives back now. `share`: full, half or none; `because`: user_cancels or professional_cancels;
    `changes_at` is the last instant of this share, None when it does not shrink any more.
    """

    refund_minor: PriceMinor = Field(validation_alias=AliasChoices("refund", "refund_minor"))
    share: str
    because: str
    full_until: Instant
    half_until: Instant
    changes_at: Instant | None = None

    @property
    def refund_words(self) -> str:
        """What goes back, such as "$22.50"."""
        return money_words(self.refund_minor, self.currency)


class Attendance(WireModel):
    """Who kept the appointment, with the figures behind it in seconds (docs/attendance.md). `late_s` is None for a
    professional who never came; `objected` are the roles of those who say that something went wrong, `reason` the
    viewer's own words.
    """

    absent: str
    judged_s: int
    kept_s: int
    professional_there_s: int
    user_there_s: int
    late_s: int | None = None
    unwatched_s: int
    refund_minor: PriceMinor = Field(validation_alias=AliasChoices("refund", "refund_minor"))
    currency: str
    decided_at: Instant
    decided_by: str = "rule"
    open_until: Instant
    final: bool
    objected: tuple[str, ...] = ()
    reason: str | None = None

    @property
    def refund_words(self) -> str:
        """What goes back, such as "$45.00"."""
        return money_words(self.refund_minor, self.currency)


class CallCheck(WireModel):
    """A way into a room of one's own, to try the connection in."""

    room_name: str
    livekit_url: str
    access_token: str = Field(repr=False)


class CallLink(WireModel):
    """What one participant needs to join. Never logged, never part of a route.

    `encryption_key` is the session's own; without one of full length there is no call rather than an open one.
    """

    session_id: str
    room_name: str
    livekit_url: str
    access_token: str = Field(repr=False)
    encryption_key: str = Field(repr=False, min_length=43)
    participant_identity: str
    participant_role: str
    call_url: str = Field(repr=False)


class Message(WireModel):
    """What one of a session's two people wrote in its call; `id` is a UUID of the sender's own."""

    id: str
    role: Role
    text: str = Field(repr=False)
    sent_at: Instant


class Messages(WireModel):
    """All that both wrote, in the order in which they sent it."""

    messages: tuple[Message, ...] = ()


class RecordingConsentRecord(WireModel):
    """A question to record a session's call. `answer`: agreed, refused, or None; times are None where not told."""

    ask_id: str
    asked_by: Role
    asked_at: Instant | None = None
    answer: str | None = None
    answered_at: Instant | None = None
    began_at: Instant | None = None
    withdrawn_at: Instant | None = None
    ended_at: Instant | None = None


class RecordingConsentRecords(WireModel):
    """All questions to record of a session, in order."""

    recordings: tuple[RecordingConsentRecord, ...] = ()


class Presence(WireModel):
    """The roles that are in the room now."""

    present: tuple[str, ...] = ()


class Note(WireModel):
    """One's own notes of a session, in plain text; `version` is 0 while there are none."""

    text: str = Field(repr=False)
    version: int
    updated_at: Instant | None = None


class FollowUpFile(WireModel):
    """One file of a follow-up; `size` in bytes."""

    id: str
    name: str = Field(repr=False)
    size: int


class FollowUp(WireModel):
    """What the professional sent the user after a session, in plain text, with its files."""

    text: str = Field(repr=False)
    sent_at: Instant
    files: tuple[FollowUpFile, ...] = ()


class SentFollowUp(WireModel):
    """A session's follow-up; None while none was sent. `unsent`: files that its professional has uploaded so far."""

    follow_up: FollowUp | None = None
    unsent: tuple[FollowUpFile, ...] = ()


class QualityReport(WireModel):
    """How a call ran for one of its two people, reported by their app. Ratings: good, fair, poor; None: unknown."""

    measured_s: int
    own_rating: str
    other_rating: str | None = None
    round_trip_ms: int | None = None
    loss_in_permille: int | None = None
    loss_out_permille: int | None = None
    concealed_permille: int | None = None
    frozen_s: int = 0
    reduced_s: int = 0
    interruptions: int = 0
    received_height: int | None = None
    received_rate_hz: int | None = None


class SessionQuality(WireModel):
    """How the call ran for each of the two; None for whoever has not reported."""

    professional: QualityReport | None = None
    user: QualityReport | None = None

    def of(self, role: Role) -> QualityReport | None:
        """That role's report."""
        return self.professional if role == PROFESSIONAL else self.user
