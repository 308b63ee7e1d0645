"""The rule beside the price is the backend's, and a decision is read and objected to by the real client."""

from datetime import timedelta

import pytest
from fastapi import FastAPI

from app.api.client import ApiClient
from app.errors import Problem
from app.state.bookings.words.attendance_words import LATE_MIN, WAIT_MIN
from backend.calls.access import limits_of
from backend.calls.rules.attendance import LATE, WAIT
from backend.calls.service.deciding import decide_ended
from tests.backend.stage import MovableClock
from tests.contract.bookings_stage import confirmed
from tests.contract.conftest import Pay


def test_the_words_beside_the_price_name_the_backends_own_figures() -> None:
    assert (timedelta(minutes=WAIT_MIN), timedelta(minutes=LATE_MIN)) == (WAIT, LATE)


async def test_a_decision_is_read_and_objected_to(
    backend: FastAPI, clock: MovableClock, nora: ApiClient, sam: ApiClient, pay: Pay
) -> None:
    booking = await confirmed(nora, sam, pay)
    with pytest.raises(Problem, match="Nothing has been decided"):
        await sam.attendance(booking.id)
    clock.set(booking.ends_at + timedelta(minutes=3))
    with backend.state.database.write() as session:
        assert decide_ended(session, limits_of(backend.state.settings), clock()) == 1
    decision = await sam.attendance(booking.id)
    assert (decision.absent, decision.refund_words, decision.final) == ("unclear", "$45.00", False)
    assert (decision.late_s, decision.unwatched_s) == (None, 45 * 60)
    said = await sam.report_problem(booking.id, "Nobody could hear me.")
    assert (said.objected, said.reason) == (("user",), "Nobody could hear me.")
    assert (await nora.attendance(booking.id)).reason is None
