"""When a message counts as sent, and what proves that a call page has its session's key."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.bookings.rules import JoinWindow
from backend.calls.rules.messages import CLOCKS_APART, believed, proof_of, proves

OPENS = datetime(2027, 3, 1, 9, 45, tzinfo=UTC)
WINDOW = JoinWindow(OPENS, OPENS + timedelta(hours=1))
NOW = OPENS + timedelta(minutes=30)
TICK = timedelta(microseconds=1)
KEY = "c2Vzc2lvbiBrZXk="


@pytest.mark.parametrize(
    ("said", "counts_as"),
    [
        (NOW, NOW),
        (NOW + CLOCKS_APART, NOW + CLOCKS_APART),
        (NOW + CLOCKS_APART + TICK, NOW + CLOCKS_APART),
        (OPENS, OPENS),
        (OPENS - TICK, OPENS),
    ],
)
def test_a_device_is_believed_within_what_can_be_true(said: datetime, counts_as: datetime) -> None:
    assert believed(said, WINDOW, NOW) == counts_as


def test_the_proof_is_the_one_that_the_call_page_computes() -> None:
    """The figure comes from `openssl dgst -sha256 -hmac`, over the words "rendezvous messages"."""
    assert proof_of(KEY) == "60d4b0bcb72144504e2110e56df1d308d05b50df52bf4b53f5062e6bce99ed3d"


def test_only_the_proof_of_the_own_key_proves_it() -> None:
    assert proves(KEY, proof_of(KEY))
    assert not proves(KEY, proof_of("b3RoZXIga2V5"))
    assert not proves(KEY, "é")


def test_nothing_proves_a_key_that_is_gone() -> None:
    assert not proves(None, proof_of(KEY))
