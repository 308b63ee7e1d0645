"""Whether somebody may hold another time: limits by earlier holds and refunds. Pure.

The figures are in `backend/kit/limits/table.py`.

A hold keeps a time from everybody for minutes and costs nothing, and a booking that is cancelled in time costs the
platform what its provider keeps. Both are free as often as people do them, then slower, then refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from backend.kit.errors import TooManyAttempts
from backend.kit.limits.table import HELD, HELD_NETWORK, REFUNDED, REFUNDED_MOST, AtOnce, CoolDown

UNPAID_WORDS = "You have let several times go without paying."
LINE_WORDS = "Many times were let go without paying from your network."
HELD_WORDS = "Other times of this professional are being paid for from your network at the moment."
REFUNDED_WORDS = "You have cancelled many sessions for a full refund lately."


@dataclass(frozen=True)
class Origin:
    """Where a request to book comes from: digests of its line and its network."""

    line: bytes
    network: bytes


def check_cool_down(rule: CoolDown, count: int, last_ended_at: datetime | None, now: datetime, why: str) -> None:
    """TooManyAttempts while the wait after the `count`-th unpaid hold lasts; it runs from the end of the last, None if
    there was none.
    """
    if last_ended_at is not None:
        _refuse_until(last_ended_at + _wait_after(rule, count), now, why, "You can hold the next one")


def check_held(ends: Sequence[datetime], of_line: Sequence[datetime], now: datetime) -> None:
    """TooManyAttempts while a professional's times that are held from one network, or its line, are as many as may be.

    `ends`: when the holds from the network end; `of_line`: those of them from the line.
    """
    for rule, held in ((HELD, of_line), (HELD_NETWORK, ends)):
        _check_at_once(rule, held, now)


def _check_at_once(rule: AtOnce, ends: Sequence[datetime], now: datetime) -> None:
    if len(ends) >= rule.amount:
        _refuse_until(sorted(ends)[len(ends) - rule.amount], now, HELD_WORDS, "Try again")


def check_refunds(cancelled_at: Sequence[datetime], now: datetime, support_contact: str) -> None:
    """TooManyAttempts for whoever cancelled more for a full refund within the last thirty days than is free.

    First the next booking waits a day; after more, nothing can be booked until enough of them are longer ago.
    """
    counted = sorted(each for each in cancelled_at if now - each < REFUNDED.within)
    over = len(counted) - REFUNDED_MOST.amount
    if over > 0:
        write = f" Write to {support_contact} if you need one sooner." if support_contact else ""
        until = counted[over - 1] + REFUNDED_MOST.within
        _refuse_until(until, now, f"{REFUNDED_WORDS}{write}", "You can book again")
    if counted:
        until = counted[-1] + _wait_after(REFUNDED, len(counted))
        _refuse_until(until, now, REFUNDED_WORDS, "You can book again")


def _wait_after(rule: CoolDown, count: int) -> timedelta:
    return timedelta(minutes=rule.minutes[min(count, len(rule.minutes) - 1)])


def _refuse_until(until: datetime, now: datetime, why: str, then: str) -> None:
    left_s = ceil((until - now).total_seconds())
    if left_s > 0:
        raise TooManyAttempts(left_s, why, then)
