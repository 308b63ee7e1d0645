"""Prices between the wire and the database."""

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kit.money import format_balance, format_price, parse_price
from backend.kit.text import plain_digits

NEARLY_A_PRICE = st.from_regex(r" ?\d{1,10}([.,]\d{0,3})? ?", fullmatch=True)


@given(st.integers(0, 10**9))
def test_every_amount_survives_the_wire(price_minor: int) -> None:
    assert parse_price(format_price(price_minor)) == price_minor


def test_whatever_is_typed_is_an_exact_amount_or_refused() -> None:
    met: Counter[str] = Counter()

    @given(st.one_of(NEARLY_A_PRICE, NEARLY_A_PRICE, st.text(max_size=12)))
    def check(text: str) -> None:
        try:
            price_minor = parse_price(text)
        except ValueError:
            met["refused"] += 1
            return
        met["taken"] += 1
        assert price_minor == 100 * Decimal(plain_digits(text).strip().replace(",", "."))

    check()
    assert min(met["taken"], met["refused"]) >= 10, met


@pytest.mark.parametrize(
    "text", ["1e9", "abc", "", "1,50.0", "1.", ".5", "-1", "+1", "0x10", "1２.３４５", "1.234", "1 0", "∞"]
)
def test_what_is_no_decimal_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        parse_price(text)


@pytest.mark.parametrize("text", ["12.5", "12,5", "１２．５", "١٢٫٥", "१२.५0", " 12,50 "])
def test_the_digits_and_the_separator_of_any_keyboard_do(text: str) -> None:
    assert parse_price(text) == 1250


@pytest.mark.parametrize(("cents", "text"), [(0, "0.00"), (450, "4.50"), (-5, "-0.05"), (-45_000, "-450.00")])
def test_a_sum_may_be_below_zero(cents: int, text: str) -> None:
    assert format_balance(cents) == text
