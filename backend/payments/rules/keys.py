"""The idempotency keys under which a provider knows our orders: pure."""

from uuid import UUID


def payout_key(payment_reference: str, attempt: int) -> str:
    """The idempotency key of a payout, or of taking one back. Attempts count as for refunds."""
    return f"payout:{payment_reference}:{attempt}"


def refund_key(booking_id: UUID, attempt: int) -> str:
    """The idempotency key of a booking's refund: an unknown outcome keeps its attempt, a definite failure ends it."""
    return f"refund:{booking_id}:{attempt}"


def asked_with(key: str | None) -> tuple[UUID, int] | None:
    """The booking and the attempt that a refund's key names; None if it is none of ours."""
    kind, _, rest = (key or "").partition(":")
    booking_id, _, attempt = rest.partition(":")
    try:
        return (UUID(booking_id), int(attempt)) if kind == "refund" else None
    except ValueError:
        return None
