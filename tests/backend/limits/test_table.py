"""The table of limits, and what docs/api.md says of it."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from backend.kit.errors import TooManyAttempts, wait_words
from backend.kit.limits.table import HOLDING, LIMITS, AtOnce, CoolDown, Limit

DOCUMENT = Path(__file__).parents[3] / "docs" / "api.md"


def row_of(rule: Limit | AtOnce | CoolDown) -> str:
    """As the document writes it."""
    if isinstance(rule, AtOnce):
        return f"| `{rule.name}` | {rule.amount} | at once | {rule.per} | {rule.counts} |"
    within = wait_words(int(rule.within.total_seconds()))
    if isinstance(rule, Limit):
        return f"| `{rule.name}` | {rule.amount} | {within} | {rule.per} | {rule.counts} |"
    free = next(number for number, minutes in enumerate(rule.minutes) if minutes)
    waits = ", ".join(dict.fromkeys(wait_words(minutes * 60) for minutes in rule.minutes[free:]))
    return f"| `{rule.name}` | {free - 1}, then waits of {waits} | {within} | {rule.per} | {rule.counts} |"


@pytest.mark.parametrize("rule", [*LIMITS, *HOLDING], ids=lambda rule: rule.name)
def test_the_document_names_every_limit(rule: Limit | AtOnce | CoolDown) -> None:
    assert row_of(rule) in DOCUMENT.read_text("utf-8")


def test_the_document_names_no_other_limit() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| \d", DOCUMENT.read_text("utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted(rule.name for rule in (*LIMITS, *HOLDING))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 second"),
        (20, "20 seconds"),
        (60, "1 minute"),
        (61, "2 minutes"),
        (240, "4 minutes"),
        (7200, "120 minutes"),
        (7201, "3 hours"),
        (86_400, "24 hours"),
        (30 * 86_400, "30 days"),
    ],
)
def test_a_refusal_says_in_words_when_to_come_again(seconds: int, words: str) -> None:
    refusal = TooManyAttempts(seconds)
    assert wait_words(seconds) == words
    assert refusal.detail == f"Too many attempts. Try again in {words}."
    assert refusal.extra["retry_after_s"] == seconds


def test_what_an_office_of_fifty_behind_one_address_does_is_within_every_limit() -> None:
    """Fifty apps on one line, by the rates in app/state: ten searches and twenty other reads a minute each."""
    people, minute = 50, timedelta(minutes=1)
    by_name = {limit.name: limit for limit in LIMITS}
    asked = {"search": people * 10, "public": people * 20, "sign-up": people, "photo-line": people, "password-line": 50}
    for name, count in asked.items():
        assert count <= by_name[name].amount, name
    # One account: who is in a room every 5 s in the call and every 6 s in a list, on three devices.
    looks = by_name["presence"]
    assert (minute / timedelta(seconds=5) + minute / timedelta(seconds=6)) * 3 * (looks.within / minute) < looks.amount
    # One professional who sets payouts up: a fresh link every two minutes and after each press.
    assert by_name["payout-link"].amount >= 5 + 2 * 10
