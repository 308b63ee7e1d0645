"""What is known about who was in a booking's room: evidence, from which `rules` decide."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.kit.database import Base, UtcDateTime

OPEN = "attendance_decisions.final_at IS NULL"
"""What the partial index of decisions holds, in the words that a query has to use for it to serve it."""

_OPEN = text(OPEN.replace("attendance_decisions.", ""))


class PresenceIntervalRow(Base):
    """One connection of one person, by LiveKit's own name for it (`participant_sid`).

    `last_seen_at` is the last instant at which a webhook or a list of participants proves the person there; who was
    seen twice under one name was there in between. `left_at` is null until a webhook reports it.
    """

    __tablename__ = "stays"
    __table_args__ = (
        CheckConstraint("role IN ('professional', 'user')", name="role"),
        CheckConstraint("last_seen_at >= joined_at", name="order"),
        Index("ix_stays_booking_id", "booking_id"),
        Index("ix_stays_last_seen_at", "last_seen_at"),
    )

    participant_sid: Mapped[str] = mapped_column(String(64), primary_key=True)
    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(String(20))
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ObservationWindowRow(Base):
    """A stretch in which the room's participants were polled again and again, without a gap that hides anything."""

    __tablename__ = "watches"
    __table_args__ = (
        CheckConstraint("until_at >= began_at", name="order"),
        Index("ix_watches_booking_id_until_at", "booking_id", "until_at"),
        Index("ix_watches_until_at", "until_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id", ondelete="CASCADE"))
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AttendanceDecisionRow(Base):
    """What was decided of a booking that is over, with its figures in seconds (see `rules.attendance.Decision`).

    `late_s` is null for a professional who never came. `refund_minor` is what goes back. `final_at`: nobody can object
    any more, and what goes back is sent. `decided_by`: the rule, or an operator after somebody objected.
    """

    __tablename__ = "attendance_decisions"
    __table_args__ = (
        CheckConstraint("absent IN ('nobody', 'user', 'professional', 'both', 'unclear')", name="absent"),
        CheckConstraint("decided_by IN ('rule', 'operator')", name="decided_by"),
        CheckConstraint("refund_minor >= 0", name="refund"),
        Index("ix_attendance_decisions_open", "open_until", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id", ondelete="CASCADE"), primary_key=True)
    absent: Mapped[str] = mapped_column(String(20))
    judged_s: Mapped[int]
    kept_s: Mapped[int]
    professional_there_s: Mapped[int]
    user_there_s: Mapped[int]
    late_s: Mapped[int | None]
    unwatched_s: Mapped[int]
    refund_minor: Mapped[int]
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[str] = mapped_column(String(20))
    open_until: Mapped[datetime] = mapped_column(UtcDateTime)
    final_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ObjectionRow(Base):
    """What one of the two said went wrong, for whoever decides; nobody else reads it."""

    __tablename__ = "attendance_objections"
    __table_args__ = (
        CheckConstraint("role IN ('professional', 'user')", name="role"),
        Index("ix_attendance_objections_created_at", "created_at"),
    )

    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CallJoinRow(Base):
    """The newest join of one person to a booking's room, by the name that their device gave it. Rejoins keep it."""

    __tablename__ = "call_joins"
    __table_args__ = (
        CheckConstraint("role IN ('professional', 'user')", name="role"),
        Index("ix_call_joins_joined_at", "joined_at"),
    )

    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20), primary_key=True)
    join_id: Mapped[str] = mapped_column(String(64))
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CallKeyRow(Base):
    """The key of a booking's call, until its room closes (`expires_at`)."""

    __tablename__ = "call_keys"
    __table_args__ = (Index("ix_call_keys_expires_at", "expires_at"),)

    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CallMessageRow(Base):
    """What one of the two wrote in the call. Its id is the sender's own: sent again it is the same message."""

    __tablename__ = "call_messages"
    __table_args__ = (
        CheckConstraint("role IN ('professional', 'user')", name="role"),
        Index("ix_call_messages_account_id", "account_id"),
        Index("ix_call_messages_sent_at", "sent_at"),
    )

    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RecordingRow(Base):
    """One question to record the call, by the asker's own id. A time is null until that device has told it, and stays
    as it was first told. No account's id: it stays with the session when one of the two deletes their account.
    """

    __tablename__ = "recordings"
    __table_args__ = (
        CheckConstraint("asked_by IN ('professional', 'user')", name="asked_by"),
        CheckConstraint("answer IN ('agreed', 'refused')", name="answer"),
        Index("ix_recordings_first_told_at", "first_told_at"),
    )

    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id", ondelete="CASCADE"), primary_key=True)
    ask_id: Mapped[UUID] = mapped_column(primary_key=True)
    asked_by: Mapped[str] = mapped_column(String(20))
    answer: Mapped[str | None] = mapped_column(String(20))
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    began_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_told_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PrivateNoteRow(Base):
    """What one of the two keeps of a session for themselves. `version` grows with each text that is saved."""

    __tablename__ = "private_notes"
    __table_args__ = (
        CheckConstraint("version > 0", name="version"),
        Index("ix_private_notes_account_id", "account_id"),
        Index("ix_private_notes_updated_at", "updated_at"),
    )

    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class FollowUpRow(Base):
    """What the professional sent the user after the session; there is one of a session at most."""

    __tablename__ = "follow_ups"
    __table_args__ = (Index("ix_follow_ups_account_id", "account_id"), Index("ix_follow_ups_sent_at", "sent_at"))

    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    text: Mapped[str] = mapped_column(Text)
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)


class FollowUpFileRow(Base):
    """One file of a follow-up; its id is the sender's own. `sent_at` is null until the follow-up is sent: until then
    the user does not see it. `digest` is SHA-256 of the content, which is in `FollowUpPieceRow`: lists never load it.
    """

    __tablename__ = "follow_up_files"
    __table_args__ = (
        CheckConstraint("size >= 0", name="size"),
        Index("ix_follow_up_files_account_id", "account_id"),
        Index("ix_follow_up_files_created_at", "created_at"),
    )

    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    size: Mapped[int]
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class FollowUpPieceRow(Base):
    """A piece of a file's content, from number 0 on; an empty file has none. It goes with its file."""

    __tablename__ = "follow_up_pieces"
    __table_args__ = (
        ForeignKeyConstraint(
            ["booking_id", "file_id"],
            ["follow_up_files.booking_id", "follow_up_files.id"],
            ondelete="CASCADE",
            name="fk_follow_up_pieces_file",
        ),
    )

    booking_id: Mapped[UUID] = mapped_column(primary_key=True)
    file_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class LiveKitEventRow(Base):
    """A webhook that was taken in: LiveKit sends it again when it is not sure that it arrived."""

    __tablename__ = "livekit_events"
    __table_args__ = (Index("ix_livekit_events_received_at", "received_at"),)

    event_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CallQualityRow(Base):
    """How a call ran, as one of the two people's apps reported it. Only for them to read: nothing is decided by it.

    Permille are thousandths of the packets, or of the sound; null where it was never measured.
    """

    __tablename__ = "call_quality"
    __table_args__ = (
        CheckConstraint("role IN ('professional', 'user')", name="role"),
        CheckConstraint("own_rating IN ('good', 'fair', 'poor')", name="own_rating"),
        CheckConstraint("other_rating IN ('good', 'fair', 'poor')", name="other_rating"),
        CheckConstraint("measured_s > 0", name="measured"),
        Index("ix_call_quality_reported_at", "reported_at"),
    )

    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20), primary_key=True)
    measured_s: Mapped[int]
    own_rating: Mapped[str] = mapped_column(String(10))
    other_rating: Mapped[str | None] = mapped_column(String(10))
    round_trip_ms: Mapped[int | None]
    loss_in_permille: Mapped[int | None]
    loss_out_permille: Mapped[int | None]
    concealed_permille: Mapped[int | None]
    frozen_s: Mapped[int]
    reduced_s: Mapped[int]
    interruptions: Mapped[int]
    received_height: Mapped[int | None]
    received_rate_hz: Mapped[int | None]
    reported_at: Mapped[datetime] = mapped_column(UtcDateTime)
