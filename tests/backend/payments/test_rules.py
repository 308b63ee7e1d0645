"""What the platform keeps, how long a refund and a payout wait, and the names of our orders."""

from datetime import timedelta
from uuid import UUID

import pytest

from backend.payments.rules import payout_wait, platform_fee, wait_after
from backend.payments.rules.keys import asked_with, payout_key, refund_key

BOOKING = UUID("12345678-1234-4234-8234-123456789abc")


@pytest.mark.parametrize(
    ("amount_minor", "basis_points", "fee_minor"),
    [
        (4550, 1000, 455),
        (4555, 1000, 456),
        (4554, 1000, 455),
        (4550, 0, 0),
        (0, 1000, 0),
        (4550, 10_000, 4550),
        (100, 20_000, 100),
    ],
)
def test_the_platforms_fee_is_rounded_half_up_and_never_more_than_the_price(
    amount_minor: int, basis_points: int, fee_minor: int
) -> None:
    assert platform_fee(amount_minor, basis_points) == fee_minor


@pytest.mark.parametrize(
    ("failures", "minutes"), [(0, 0), (1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (10, 512), (11, 720), (60, 720)]
)
def test_each_definite_failure_doubles_the_wait_up_to_half_a_day(failures: int, minutes: int) -> None:
    assert wait_after(failures) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("failures", "hours"), [(1, 3), (2, 6), (3, 12), (4, 24), (10, 3 * 512), (11, 3 * 1024), (60, 3 * 1024)]
)
def test_each_definite_failure_doubles_the_wait_of_a_payout_ten_times(failures: int, hours: int) -> None:
    assert payout_wait(failures) == timedelta(hours=hours)


def test_a_refunds_key_names_its_booking_and_attempt() -> None:
    assert refund_key(BOOKING, 3) == f"refund:{BOOKING}:3"
    assert asked_with(refund_key(BOOKING, 3)) == (BOOKING, 3)


def test_a_payouts_key_names_its_payment_and_attempt() -> None:
    assert payout_key("pi_1", 2) == "payout:pi_1:2"


@pytest.mark.parametrize(
    "key",
    [
        None,
        "",
        "refund",
        "refund:",
        f"refund:{BOOKING}",
        f"refund:{BOOKING}:",
        f"refund:{BOOKING}:one",
        f"refund:{BOOKING}:1:2",
        "refund:one:1",
        f"refund:urn:uuid:{BOOKING}:1",
        f"payout:{BOOKING}:1",
        f"REFUND:{BOOKING}:1",
    ],
)
def test_a_key_that_is_none_of_ours_names_no_booking(key: str | None) -> None:
    assert asked_with(key) is None
