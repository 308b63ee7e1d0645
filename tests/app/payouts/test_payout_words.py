"""How being paid reads."""

from decimal import Decimal

import pytest

from app.api.models import Payouts
from app.state.payouts.payout_words import fee_words, payout_words, why_not_publish


def payouts(percent: str) -> Payouts:
    return Payouts(state="ready", platform_fee_percent=Decimal(percent))


@pytest.mark.parametrize(
    ("percent", "words"),
    [
        ("10", "Rendezvous keeps 10 percent of each price. For $50.00 you get $45.00."),
        ("12.5", "Rendezvous keeps 12.5 percent of each price. For $50.00 you get $43.75."),
        ("0.01", "Rendezvous keeps 0.01 percent of each price. For $50.00 you get $49.99."),
        ("0", "Rendezvous keeps nothing: you get the whole price."),
    ],
)
def test_the_fee_is_said_with_an_example(percent: str, words: str) -> None:
    assert fee_words(payouts(percent)) == words


def test_every_state_but_ready_has_a_sentence_and_something_to_press() -> None:
    for state in ("none", "pending", "restricted", "a state of a later version"):
        for opened in (False, True):
            words = payout_words(state, opened)
            assert words.headline
            assert words.sentence
            assert words.action


def test_ready_leaves_nothing_to_do() -> None:
    assert (payout_words("ready", opened=True).action, why_not_publish("ready")) == ("", "")


def test_why_no_hour_can_be_offered_says_what_to_do() -> None:
    assert why_not_publish("none") == "Set up your payouts first."
    assert why_not_publish("restricted") == "Finish setting up your payouts first."
