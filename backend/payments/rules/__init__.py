"""What the platform keeps of a payment, and how a refund is tried again: pure."""

from datetime import timedelta
from enum import StrEnum

from backend.kit.errors import BusinessError

_WHOLE = 10_000
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=12)

# Who takes a refund to ask the provider keeps every other worker from it for this long.
REFUND_LEASE = timedelta(minutes=2)
# After so many definite failures a refund is stuck and needs an operator.
MAX_REFUND_FAILURES = 5
# Who takes a payout to ask the provider keeps every other worker from it for this long.
PAYOUT_LEASE = timedelta(minutes=2)
# After so many definite failures, about three days, a payout is stuck and needs an operator.
MAX_PAYOUT_FAILURES = 5
# A webhook says when an account can be paid again; asking is the second way to learn of it.
ASK_ABOUT_ACCOUNT_EVERY = timedelta(hours=6)
_FIRST_PAYOUT_WAIT = timedelta(hours=3)
# A refund that the provider has on its way reports itself by webhook; asking is the second way to learn of it.
ASK_ABOUT_REFUND_EVERY = timedelta(minutes=10)


class RefundReason(StrEnum):
    USER_CANCELLED = "user_cancelled"
    PROFESSIONAL_CANCELLED = "professional_cancelled"
    PROFESSIONAL_ABSENT = "professional_absent"
    NOBODY_CAME = "nobody_came"
    UNCLEAR = "unclear"  # nobody could see who was there: never the user's cost
    NOT_CONFIRMED = "not_confirmed"  # paid too late, twice, or another amount than the price
    SUPPORT = "support"  # given at the provider, past this program


class RefundSource(StrEnum):
    """Who ordered a refund."""

    OURS = "ours"
    PROVIDER = "provider"  # somebody in the provider's dashboard, or the provider by itself


class PaymentRefused(BusinessError):
    """The payment provider refuses, and would refuse again."""

    detail = (
        "The payment provider does not accept payments for this professional. Trying again will not help: please"
        " choose someone else or write to our support."
    )


class PayoutsRefused(BusinessError):
    """The payment provider does not open this account, or has closed it."""

    detail = (
        "The payment provider does not accept these details. Trying again will not help: please check your name and"
        " email address or write to our support."
    )


class UnsupportedCountry(BusinessError):
    """Nobody in this country can be paid."""

    status = 422
    detail = (
        "Payouts to this country are not possible. You need a bank account, and to live, in one of the countries"
        " of the list."
    )


class PayoutHold(StrEnum):
    """Why a professional's part is not transferred to them."""

    ACCOUNT = "account"  # the provider wants something of them first
    REFUSED = "refused"  # the provider said no to the transfer


class NotOnboarded(BusinessError):
    """Nobody can pay this professional yet."""

    detail = "Before you can offer hours, set up your payouts: open Earnings and press Set up payouts."


def platform_fee(amount_minor: int, basis_points: int) -> int:
    """The platform's part in cents, rounded half up: 1000 basis points of 4550 cents are 455."""
    return min(amount_minor, (amount_minor * basis_points + _WHOLE // 2) // _WHOLE)


def payout_wait(failures: int) -> timedelta:
    """How long a payout waits after so many definite failures in a row: 3, 6, 12, 24 hours and so on."""
    return _FIRST_PAYOUT_WAIT * (1 << min(failures - 1, 10))


def wait_after(failures: int) -> timedelta:
    """How long a refund waits after so many definite failures: not at all, then 1, 2, 4 ... minutes, up to 12 hours."""
    return min(_FIRST_WAIT * (1 << min(failures - 1, 20)), _LONGEST_WAIT) if failures else timedelta(0)
