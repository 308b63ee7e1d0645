"""A professional's earnings as the backend answers them."""

from typing import Any

from backend.kit.money import parse_price
from tests.backend.stage import Person

SUMS = ("upcoming", "paid", "refunded", "fees")


def cents(text: str) -> int:
    return -parse_price(text[1:]) if text.startswith("-") else parse_price(text)


def earnings_report(professional: Person, **params: int) -> dict[str, Any]:
    answer = professional.get("/professional/earnings", params=params)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


def sums(professional: Person) -> tuple[str, ...]:
    shown = earnings_report(professional)
    return tuple(shown[name] for name in SUMS)
