"""How being paid reads: what stands in the way, what to do about it, and what the platform keeps. Pure."""

from dataclasses import dataclass
from decimal import Decimal

from app.api.models import Earnings, Payouts, money_words

EXAMPLE_PRICE_MINOR = 5_000
SET_UP = "Set up payouts"


@dataclass(frozen=True)
class PayoutWords:
    """`headline`, one `sentence`, and `action`: the words of the one button; both empty when nothing is to be done."""

    headline: str
    sentence: str = ""
    action: str = ""


READY = PayoutWords("You can be paid")
_WANTED = {
    "none": PayoutWords(
        "First, set up payouts",
        "Before you can offer hours, tell our payment provider where to send your earnings. It takes a few minutes.",
        SET_UP,
    ),
    "pending": PayoutWords(
        "Nearly there",
        "The payment provider needs more information or is still checking. You can offer hours as soon as it is done.",
        "Continue the setup",
    ),
    "restricted": PayoutWords(
        "Your payouts are on hold",
        "The payment provider needs more information. Until then, no one can book your hours.",
        "See what is needed",
    ),
}
_OPENED = PayoutWords(
    "Finish on the page that opened",
    "Then come back here. This page updates once you can be paid.",
    "Open the page again",
)


def payout_words(state: str, opened: bool = False) -> PayoutWords:
    """For a state of the wire; one that this version does not know reads as pending. `opened`: the provider's page
    was opened from here and has not been finished yet.
    """
    if state == "ready":
        return READY
    return _OPENED if opened else _WANTED.get(state, _WANTED["pending"])


def why_not_publish(state: str) -> str:
    """Why no hour can be offered; empty when one can."""
    if state == "ready":
        return ""
    return "Set up your payouts first." if state == "none" else "Finish setting up your payouts first."


WHERE = "Country of your home and bank account"
PAID_OUT = "Each session is paid out a day after it ends, once nobody can object any more."
_HOLDS = {
    "account": "The payment provider needs something from you. Open its page to see what.",
    "refused": "The payment provider rejected the transfer. We are trying again and looking into it.",
}


def hold_words(earnings: Earnings) -> str:
    """ "On hold: $40.50. The payment provider needs something from you."; empty when nothing is."""
    if earnings.on_hold_minor <= 0:
        return ""
    why = _HOLDS.get(earnings.on_hold_reason or "", _HOLDS["refused"])
    return f"On hold: {money_words(earnings.on_hold_minor, earnings.currency)}. {why}"


def fee_words(payouts: Payouts) -> str:
    """ "Rendezvous keeps 10 percent of each price. For $50.00 you get $45.00." """
    percent = payouts.platform_fee_percent
    if percent == 0:
        return "Rendezvous keeps nothing: you get the whole price."
    fee_minor = int((EXAMPLE_PRICE_MINOR * percent / 100).quantize(Decimal(1), "ROUND_HALF_UP"))
    left = money_words(EXAMPLE_PRICE_MINOR - fee_minor)
    share = f"{percent.normalize():f} percent of each price"
    return f"Rendezvous keeps {share}. For {money_words(EXAMPLE_PRICE_MINOR)} you get {left}."
