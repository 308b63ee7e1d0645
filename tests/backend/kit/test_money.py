"""Prices between the wire and the database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kit.money import format_balance, format_price, parse_price


@given(st.integers(0, 10**9))
def test_every_amount_survives_the_wire(price_minor: int) -> None:
    assert parse_price(format_price(price_minor)) == price_minor


@given(st.text(max_size=12))
def test_whatever_is_typed_is_an_exact_amount_or_refused(text: str) -> None:
    try:
        price_minor = parse_price(text)
    except ValueError:
        return
    assert price_minor >= 0


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
