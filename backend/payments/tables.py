"""What providers told about payments, and the sandbox's own books."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.kit.database import Base, UtcDateTime


class PaymentEventRow(Base):
    """A notice that was taken in, once. Its outcome `refund_due` is money that has to go back to who paid it."""

    __tablename__ = "payment_events"
    __table_args__ = (
        CheckConstraint("kind IN ('paid', 'failed')", name="kind"),
        CheckConstraint("outcome IN ('confirmed', 'refund_due', 'failed', 'ignored')", name="outcome"),
        Index("ix_payment_events_booking_id", "booking_id"),
    )

    gateway: Mapped[str] = mapped_column(String(20), primary_key=True)
    event_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id"))
    reference: Mapped[str] = mapped_column(String(200))
    payment_reference: Mapped[str | None] = mapped_column(String(200))
    amount_minor: Mapped[int | None]
    currency: Mapped[str | None] = mapped_column(String(3))
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    outcome: Mapped[str] = mapped_column(String(20))


class SandboxCheckoutRow(Base):
    """A checkout of the sandbox, which keeps its books apart from the bookings as a real provider would."""

    __tablename__ = "sandbox_checkouts"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'paid', 'expired')", name="state"),
        CheckConstraint("(state = 'paid') = (payment_reference IS NOT NULL)", name="paid_has_reference"),
    )

    reference: Mapped[str] = mapped_column(String(64), primary_key=True)
    booking_id: Mapped[UUID] = mapped_column(unique=True)
    amount_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    title: Mapped[str] = mapped_column(String(200))
    when: Mapped[str] = mapped_column("when_words", String(200))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(20))
    payment_reference: Mapped[str | None] = mapped_column(String(64))
    paid_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
