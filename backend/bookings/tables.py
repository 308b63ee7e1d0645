"""Bookings, the policies they are cancelled by, and the answers given to their idempotency keys."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.bookings.rules import DEFAULT_FULL_UNTIL_MIN, DEFAULT_HALF_UNTIL_MIN
from backend.kit.database import Base, UtcDateTime

ONE_PER_SLOT = "uq_bookings_slot_id_occupied"
"""The partial unique index: what makes a second booking of a slot impossible, whatever the code above it does."""

OCCUPIED = "bookings.status IN ('held', 'confirmed', 'completed', 'no_show')"
NOT_STANDING = "bookings.status IN ('held', 'expired', 'cancelled')"
HELD = "bookings.status = 'held'"
CONFIRMED = "bookings.status = 'confirmed'"
NEVER_PAID = "bookings.status IN ('expired', 'cancelled') AND bookings.confirmed_at IS NULL"
CHECKOUT_OPEN = "bookings.checkout_closed_at IS NULL AND bookings.checkout_reference IS NOT NULL"
"""What the partial indexes hold. A query has to say it in the same words: of parameters no database can tell that they
are within the index, and it reads every booking instead."""

_OCCUPIED, _NOT_STANDING, _HELD, _CONFIRMED, _NEVER_PAID, _CHECKOUT_OPEN = (
    text(condition.replace("bookings.", ""))
    for condition in (OCCUPIED, NOT_STANDING, HELD, CONFIRMED, NEVER_PAID, CHECKOUT_OPEN)
)
_ROOM_LEFT = text("room_closed_at IS NULL AND confirmed_at IS NOT NULL")


class BookingRow(Base):
    """A booking. Times, zone, price and professional are copied from the slot: what was booked stays what was booked.

    `hold_expires_at` keeps its value after the hold. `checkout_closed_at`: nothing can be paid there any more;
    `checkout_leased_until`: a worker asks about it, so that no other does before;
    `room_closed_at`: its call room is deleted and never made again. The policy is the one that held when it was booked;
    `refund_share_cap` (percent): rescheduling never brings back a share that had lapsed already. `moved_from` is the
    start before it was rescheduled the last time, `moves` how often it was. `fee_minor` and `payee_reference`: what
    the checkout gives to whom.
    `dispute_state`: of the payment that pays for it, the one that weighs most if there are several.
    """

    __tablename__ = "bookings"
    __table_args__ = (
        CheckConstraint(
            "status IN ('held', 'confirmed', 'expired', 'cancelled', 'completed', 'no_show')", name="status"
        ),
        CheckConstraint(
            "payment_status IN ('pending', 'paid', 'failed', 'refund_pending', 'refunded', 'partially_refunded',"
            " 'refund_failed')",
            name="payment_status",
        ),
        CheckConstraint(
            "status NOT IN ('confirmed', 'completed', 'no_show') OR payment_status NOT IN ('pending', 'failed')",
            name="confirmed_is_paid",
        ),
        CheckConstraint("ends_at > starts_at", name="order"),
        CheckConstraint("price_minor BETWEEN 100 AND 25000", name="price"),
        CheckConstraint("policy_half_until_min >= 0", name="policy_half"),
        CheckConstraint("policy_full_until_min >= policy_half_until_min", name="policy_full"),
        CheckConstraint("refund_share_cap IN (0, 50, 100)", name="refund_share_cap"),
        CheckConstraint("fee_minor BETWEEN 0 AND price_minor", name="fee"),
        CheckConstraint("cancelled_by IN ('user', 'professional')", name="cancelled_by"),
        CheckConstraint("dispute_state IN ('inquiry', 'open', 'won', 'lost')", name="dispute_state"),
        CheckConstraint("absent IN ('nobody', 'user', 'professional', 'both', 'unclear')", name="absent"),
        Index(ONE_PER_SLOT, "slot_id", unique=True, sqlite_where=_OCCUPIED, postgresql_where=_OCCUPIED),
        Index("ix_bookings_user_id_starts_at_id", "user_id", "starts_at", "id"),
        Index("ix_bookings_professional_id_starts_at_id", "professional_id", "starts_at", "id"),
        *(
            Index(
                f"ix_bookings_{who}_given_up",
                who,
                "starts_at",
                "id",
                sqlite_where=_NOT_STANDING,
                postgresql_where=_NOT_STANDING,
            )
            for who in ("user_id", "professional_id")
        ),
        # The worker's questions, each answered from a short list however many bookings there are.
        Index("ix_bookings_holds", "hold_expires_at", sqlite_where=_HELD, postgresql_where=_HELD),
        Index("ix_bookings_to_complete", "ends_at", sqlite_where=_CONFIRMED, postgresql_where=_CONFIRMED),
        Index("ix_bookings_checkouts", "created_at", sqlite_where=_CHECKOUT_OPEN, postgresql_where=_CHECKOUT_OPEN),
        Index("ix_bookings_never_paid", "created_at", sqlite_where=_NEVER_PAID, postgresql_where=_NEVER_PAID),
        Index("ix_bookings_rooms", "status", "ends_at", sqlite_where=_ROOM_LEFT, postgresql_where=_ROOM_LEFT),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    slot_id: Mapped[UUID] = mapped_column(ForeignKey("slots.id"))
    professional_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    time_zone: Mapped[str] = mapped_column(String(64))
    price_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    status: Mapped[str] = mapped_column(String(20))
    payment_status: Mapped[str] = mapped_column(String(20))
    hold_expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    gateway: Mapped[str] = mapped_column(String(20))
    checkout_reference: Mapped[str | None] = mapped_column(String(200))
    checkout_url: Mapped[str | None] = mapped_column(Text)
    checkout_closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    checkout_leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    room_closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    policy_full_until_min: Mapped[int] = mapped_column(default=DEFAULT_FULL_UNTIL_MIN)
    policy_half_until_min: Mapped[int] = mapped_column(default=DEFAULT_HALF_UNTIL_MIN)
    refund_share_cap: Mapped[int] = mapped_column(default=100)
    fee_minor: Mapped[int] = mapped_column(default=0)
    payee_reference: Mapped[str | None] = mapped_column(String(200))
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_by: Mapped[str | None] = mapped_column(String(20))
    absent: Mapped[str | None] = mapped_column(String(20))
    moved_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    moves: Mapped[int] = mapped_column(default=0)
    dispute_state: Mapped[str | None] = mapped_column(String(10))


class HoldRow(Base):
    """A hold as the limits count it, until it is paid: over which line it was made (keyed digests) and when it ended.

    Deleted after a day, when no limit counts it any more.
    """

    __tablename__ = "holds"
    __table_args__ = (
        Index("ix_holds_user_id_ends_at", "user_id", "ends_at"),
        Index("ix_holds_line_ends_at", "line", "ends_at"),
        Index("ix_holds_network_professional_id_ends_at", "network", "professional_id", "ends_at"),
        Index("ix_holds_made_at", "made_at"),
    )

    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id", ondelete="CASCADE"), primary_key=True)
    professional_id: Mapped[UUID]
    user_id: Mapped[UUID]
    line: Mapped[bytes] = mapped_column(LargeBinary(16))
    network: Mapped[bytes] = mapped_column(LargeBinary(16))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CancellationPolicyRow(Base):
    """A professional's own policy, in minutes before the start; who has no row has the default."""

    __tablename__ = "cancellation_policies"
    __table_args__ = (
        CheckConstraint("half_until_min >= 0", name="half"),
        CheckConstraint("full_until_min >= half_until_min", name="full"),
    )

    professional_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    full_until_min: Mapped[int]
    half_until_min: Mapped[int]
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class IdempotencyKeyRow(Base):
    """A key that an account sent with a request to book: what was asked, and the booking that came of it.

    The answer is not kept: a repeat is answered with the booking as it is then, never with a checkout that is closed.
    """

    __tablename__ = "idempotency_keys"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
