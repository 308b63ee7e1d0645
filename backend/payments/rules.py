"""What the platform keeps of a payment: pure."""

from enum import StrEnum

from backend.kit.errors import BusinessError

_WHOLE = 10_000


class RefundReason(StrEnum):
    USER_CANCELLED = "user_cancelled"
    PROFESSIONAL_CANCELLED = "professional_cancelled"
    PROFESSIONAL_ABSENT = "professional_absent"
    NOT_CONFIRMED = "not_confirmed"  # paid too late, twice, or another amount than the price


class NotOnboarded(BusinessError):
    """Nobody can pay this professional yet."""

    detail = "Before you can offer hours, set up your payouts: open Earnings and press Set up payouts."


def platform_fee(amount_minor: int, basis_points: int) -> int:
    """The platform's part in cents, rounded half up: 1000 basis points of 4550 cents are 455."""
    return (amount_minor * basis_points + _WHOLE // 2) // _WHOLE
