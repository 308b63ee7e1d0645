"""What the platform keeps of a payment, and how a refund is tried again: pure."""

from datetime import timedelta
from enum import StrEnum

from backend.kit.errors import BusinessError

_WHOLE = 10_000
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=12)

# Who takes a refund to ask the provider keeps every other worker from it for this long.
REFUND_LEASE = timedelta(minutes=2)
# A refund that the provider has on its way reports itself by webhook; asking is the second way to learn of it.
ASK_ABOUT_REFUND_EVERY = timedelta(minutes=10)


class RefundReason(StrEnum):
    USER_CANCELLED = "user_cancelled"
    PROFESSIONAL_CANCELLED = "professional_cancelled"
    PROFESSIONAL_ABSENT = "professional_absent"
    NOBODY_CAME = "nobody_came"
    UNCLEAR = "unclear"  # nobody could see who was there: never the user's cost
    NOT_CONFIRMED = "not_confirmed"  # paid too late, twice, or another amount than the price


class NotOnboarded(BusinessError):
    """Nobody can pay this professional yet."""

    detail = "Before you can offer hours, set up your payouts: open Earnings and press Set up payouts."


def platform_fee(amount_minor: int, basis_points: int) -> int:
    """The platform's part in cents, rounded half up: 1000 basis points of 4550 cents are 455."""
    return (amount_minor * basis_points + _WHOLE // 2) // _WHOLE


def wait_after(attempt: int) -> timedelta:
    """How long a refund waits after its `attempt`-th definite failure: 1, 2, 4 ... minutes, at most 12 hours."""
    return min(_FIRST_WAIT * (1 << min(attempt - 1, 20)), _LONGEST_WAIT)
