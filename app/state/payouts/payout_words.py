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
        "First, how you are paid",
        "Before you can offer hours, tell our payment provider where your earnings go. It takes a few minutes.",
        SET_UP,
    ),
    "pending": PayoutWords(
        "Nearly there",
        "The payment provider asks for more, or is still checking. You can offer hours as soon as it is done.",
        "Go on with the set-up",
    ),
    "restricted": PayoutWords(
        "Your payouts are on hold",
        "The payment provider asks for more. Until it has it, nobody can book your hours.",
        "See what is needed",
    ),
}
_OPENED = PayoutWords(
    "Finish on the page that has opened",
    "Come back here afterwards: this notices by itself when you can be paid.",
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
PAID_OUT = "Each session is paid out when it is over and nobody can object any more, a day after it."
_HOLDS = {
    "account": "the payment provider needs something of you. Open its page to see what.",
    "refused": "the payment provider did not take the transfer. We try again, and look into it.",
}


def hold_words(earnings: Earnings) -> str:
    """ "On hold: $40.50, the payment provider needs something of you."; empty when nothing is."""
    if earnings.on_hold_minor <= 0:
        return ""
    why = _HOLDS.get(earnings.on_hold_reason or "", _HOLDS["refused"])
    return f"On hold: {money_words(earnings.on_hold_minor, earnings.currency)}. Why: {why}"


def fee_words(payouts: Payouts) -> str:
    """ "Rendezvous keeps 10 percent of each price: of $50.00 you get $45.00." """
    percent = payouts.platform_fee_percent
    if percent == 0:
        return "Rendezvous keeps nothing: you get the whole price."
    fee_minor = int((EXAMPLE_PRICE_MINOR * percent / 100).quantize(Decimal(1), "ROUND_HALF_UP"))
    left = money_words(EXAMPLE_PRICE_MINOR - fee_minor)
    share = f"{percent.normalize():f} percent of each price"
    return f"Rendezvous keeps {share}: of {money_words(EXAMPLE_PRICE_MINOR)} you get {left}."
