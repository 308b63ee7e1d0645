"""What the backend's bytes mean to the app."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from app.api.models import Account, Booking, Cancellation, FreeSlot, Slot
from app.api.protocol import Request, decimal_price, raise_for_error, read_answer, read_server_time
from app.errors import AppError, NotSignedIn, Offline, Problem

SLOT = {
    "id": "s1",
    "starts_at": "2026-11-24T13:30:00Z",
    "ends_at": "2026-11-24T14:15:00Z",
    "price": "45.00",
    "currency": "USD",
}


def refused(status: int, **told: Any) -> AppError:
    with pytest.raises(AppError) as caught:
        raise_for_error(status, json.dumps(told).encode())
    return caught.value


def test_a_price_is_read_in_minor_units_and_told_in_money() -> None:
    slot = FreeSlot.model_validate(SLOT)
    assert (slot.price_minor, slot.price_words) == (4500, "$45.00")


def test_instants_are_aware_utc() -> None:
    assert FreeSlot.model_validate(SLOT).starts_at == datetime(2026, 11, 24, 13, 30, tzinfo=UTC)


def test_a_slot_that_ends_at_midnight_is_read() -> None:
    wall = {"time_zone": "UTC", "date": "2026-11-24", "start_time": "23:00", "end_time": "24:00", "status": "free"}
    assert Slot.model_validate(SLOT | wall).end_time.hour == 0


def test_fields_and_states_of_a_newer_backend_pass() -> None:
    party = {"id": "p", "name": "Ada", "time_zone": "UTC", "pronouns": "she"}
    told = SLOT | {
        "status": "paused",
        "payment_status": "in_cash",
        "time_zone": "UTC",
        "professional": party,
        "user": {"id": "u", "name": "Bob"},
        "slot_id": "s1",
        "join_opens_at": "2026-11-24T13:15:00Z",
        "join_closes_at": "2026-11-24T14:30:00Z",
        "created_at": "2026-11-20T09:00:00Z",
        "mood": "fine",
    }
    assert Booking.model_validate(told).status == "paused"


def test_a_conflict_carries_the_next_free_slots() -> None:
    problem = refused(409, error="SlotAlreadyTaken", detail="Taken.", next_free=[SLOT])
    assert isinstance(problem, Problem)
    assert [slot.id for slot in problem.next_free if isinstance(slot, FreeSlot)] == ["s1"]


def test_a_payload_error_carries_its_fields() -> None:
    problem = refused(422, error="InvalidPayload", detail="No.", fields={"price": "From $1 to $250."})
    assert isinstance(problem, Problem)
    assert problem.fields == {"price": "From $1 to $250."}


def test_too_early_carries_when_it_opens() -> None:
    problem = refused(409, error="TooEarlyToStart", detail="Wait.", opens_at="2026-11-24T13:15:00Z")
    assert isinstance(problem, Problem)
    assert problem.opens_at == datetime(2026, 11, 24, 13, 15, tzinfo=UTC)


def test_too_many_attempts_carry_how_long_to_wait() -> None:
    problem = refused(429, error="TooManyAttempts", detail="Slow down.", retry_after_s=30)
    assert isinstance(problem, Problem)
    assert problem.retry_after_s == 30
    assert problem.detail == "Slow down. Try again in 1 minute."


def test_how_long_to_wait_is_not_said_twice() -> None:
    words = "Too many attempts. Try again in 4 minutes."
    problem = refused(429, error="TooManyAttempts", detail=words, retry_after_s=240)
    assert isinstance(problem, Problem)
    assert problem.detail == words


def test_a_refund_that_changed_carries_what_it_is_now() -> None:
    cancellation = {
        "refund": "22.50",
        "share": "half",
        "because": "user_cancels",
        "full_until": "2026-11-24T01:00:00Z",
        "half_until": "2026-11-24T11:00:00Z",
        "changes_at": "2026-11-24T11:00:00Z",
        "price": "45.00",
        "currency": "USD",
    }
    problem = refused(409, error="RefundChanged", detail="Look again.", cancellation=cancellation)
    assert isinstance(problem, Problem)
    assert isinstance(problem.cancellation, Cancellation)
    assert (problem.cancellation.refund_minor, problem.cancellation.refund_words) == (2250, "$22.50")


@pytest.mark.parametrize(("price_minor", "on_the_wire"), [(4500, "45.00"), (105, "1.05"), (7, "0.07")])
def test_a_price_is_sent_as_a_decimal_string(price_minor: int, on_the_wire: str) -> None:
    assert decimal_price(price_minor) == on_the_wire


def test_a_lost_sign_in_is_not_a_wrong_password() -> None:
    assert isinstance(refused(401, error="NotSignedIn", detail="x"), NotSignedIn)
    wrong = refused(401, error="WrongEmailOrPassword", detail="E-mail or password is wrong.")
    assert isinstance(wrong, Problem)


def test_a_backend_that_is_down_counts_as_offline() -> None:
    assert isinstance(refused(503, error="ServiceUnavailable", detail="x"), Offline)


@pytest.mark.parametrize("content", [b"", b"<html>", b"[1]", b'{"fields": 3, "next_free": 4, "opens_at": "x"}'])
def test_an_error_without_sense_still_reads_as_a_sentence(content: bytes) -> None:
    with pytest.raises(Problem) as caught:
        raise_for_error(500, content)
    assert caught.value.detail.endswith(".")


def test_an_answer_that_cannot_be_read_says_so_without_its_content() -> None:
    with pytest.raises(AppError) as caught:
        read_answer(Account, b'{"id": "secret-id"}')
    assert "secret-id" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("told", [None, "", "yesterday", "2026-11-24T09:00:00"])
def test_a_server_time_without_sense_is_passed_over(told: str | None) -> None:
    assert read_server_time(told) is None


def test_only_requests_that_may_be_repeated_are_safe() -> None:
    assert Request("GET", "/x").safe
    assert Request("POST", "/x", headers={"Idempotency-Key": "k"}).safe
    assert Request("POST", "/x", repeatable=True).safe
    assert not Request("POST", "/x").safe
    assert not Request("DELETE", "/x").safe
