"""Money is an integer of minor units (cents) inside and a decimal string on the wire; never a float."""

import re

from backend.kit.text import plain_digits

CURRENCY = "USD"
MIN_PRICE_MINOR = 100
MAX_PRICE_MINOR = 25_000
"""What a price can be at all, in cents; the database checks it. `Settings.minimum_price_minor` is in between."""
_PRICE = re.compile(r"(\d{1,9})(?:[.,](\d{1,2}))?", re.ASCII)


def parse_price(text: str) -> int:
    """`"45.00"`, `"45,5"` or `"45"` as cents, in any keyboard's digits; ValueError (for people) for anything else."""
    match = _PRICE.fullmatch(plain_digits(text).strip())
    if match is None:
        raise ValueError("A price is a number such as 45.00.")
    whole, cents = match.groups()
    return int(whole) * 100 + int((cents or "").ljust(2, "0"))


def format_price(price_minor: int) -> str:
    """Cents as the decimal string of the wire: 4500 -> `"45.00"`."""
    if price_minor < 0:
        raise ValueError("a price is never negative")
    return f"{price_minor // 100}.{price_minor % 100:02d}"


def format_balance(amount_minor: int) -> str:
    """Cents of a sum, which may be below zero: -450 -> `"-4.50"`."""
    return f"{'-' if amount_minor < 0 else ''}{format_price(abs(amount_minor))}"
