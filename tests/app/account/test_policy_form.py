"""A cancellation policy: its words, and what is chosen or typed for it."""

import pytest

from app.api.models import CancellationPolicy
from app.state.account.policy_form import (
    HALF_TOO_EARLY,
    HOURS_HINT,
    OWN,
    PRESETS,
    TOO_LONG,
    PolicyDraft,
    parse_hours,
)


def draft(full: int, half: int) -> PolicyDraft:
    return PolicyDraft.of(CancellationPolicy(full_until_minutes=full, half_until_minutes=half))


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("12", 720), ("0.5", 30), ("1,25", 75), ("0", 0), ("2 h", 120), ("", None), ("x", None), ("0.01", None)],
)
def test_hours_are_read_as_people_type_them(text: str, minutes: int | None) -> None:
    assert parse_hours(text) == minutes


def test_a_saved_policy_is_known_by_its_name() -> None:
    assert [draft(each.full_until_minutes, each.half_until_minutes).choice for each in PRESETS] == [
        "flexible",
        "standard",
        "strict",
    ]


def test_any_other_saved_policy_is_ones_own_and_stays_exact() -> None:
    odd = draft(100, 7)
    assert (odd.choice, odd.minutes, odd.field_errors) == (OWN, (100, 7), {})


def test_own_hours_begin_from_the_policy_that_was_there() -> None:
    own = draft(2880, 1440).choosing("standard").choosing(OWN)
    assert (own.full_hours, own.half_hours, own.minutes) == ("12", "2", (720, 120))


def test_typed_hours_are_what_is_sent() -> None:
    assert draft(720, 120).choosing(OWN).typing(full_hours="6").typing(half_hours="1.5").minutes == (360, 90)


@pytest.mark.parametrize(
    ("full", "half", "field_errors"),
    [
        ("2", "3", {"half_hours": HALF_TOO_EARLY}),
        ("337", "3", {"full_hours": TOO_LONG}),
        ("", "soon", {"full_hours": HOURS_HINT, "half_hours": HOURS_HINT}),
        ("336", "336", {}),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_is_sent(
    full: str, half: str, field_errors: dict[str, str]
) -> None:
    typed = draft(720, 120).typing(full_hours=full, half_hours=half)
    assert typed.field_errors == field_errors
    assert (typed.minutes is None) == bool(field_errors)


def test_users_read_what_is_chosen_and_nothing_while_it_is_wrong() -> None:
    assert draft(720, 0).words == "Free cancellation until 12 h before the start, half the price back after."
    assert draft(720, 0).typing(half_hours="x").words == ""
