"""The professional's part: theirs once what was decided is final, and never a cent more than what was kept."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from backend.kit.database import Database
from backend.payments.rules import MAX_PAYOUT_FAILURES
from backend.payments.tables import PayoutRow
from tests.backend.payments.journeys.acting import account, by_hand, cancel, disputed, earnings, states
from tests.backend.stage import MovableClock, Person, both_were_there
from tests.fakes.stripe_disputes import decide_dispute
from tests.fakes.stripe_refunds import finish_onboarding, restrict
from tests.fakes.stripe_server import StripeServer

PART = 4050
Work = Callable[[], None]


@pytest.fixture
def over(payment: str, booking: dict[str, Any], database: Database, clock: MovableClock, work: Work) -> Work:
    """Call it: both came, the session is over and decided, and what was decided is still open."""

    def live() -> None:
        both_were_there(database, booking)
        clock.set(datetime.fromisoformat(booking["ends_at"]))
        clock.move(minutes=2)
        work()

    return live


@pytest.fixture
def final(over: Work, clock: MovableClock, work: Work) -> Work:
    """Call it: nobody can object any more."""

    def live() -> None:
        over()
        clock.move(hours=24)
        work()

    return live


def test_nothing_is_transferred_before_the_decision_is_final(
    over: Work, webhooks: StripeServer, professional: Person, clock: MovableClock, work: Work
) -> None:
    over()
    clock.move(hours=23)
    work()
    assert account(webhooks) == 0
    assert earnings(professional) == {"upcoming": "40.50", "paid": "0.00", "refunded": "0.00", "fees": "4.50"}
    clock.move(hours=1)
    work()
    assert account(webhooks) == PART
    assert earnings(professional) == {"upcoming": "0.00", "paid": "40.50", "refunded": "0.00", "fees": "4.50"}


def test_the_transfer_is_from_the_charge_in_the_bookings_group_and_made_once(
    final: Work, webhooks: StripeServer, booking: dict[str, Any], work: Work
) -> None:
    final()
    work()
    (transfer,) = webhooks.ledger.of_kind("transfer")
    charge = next(webhooks.ledger.of_kind("charge"))
    assert (transfer["source_transaction"], transfer["transfer_group"]) == (charge["id"], booking["id"])


def test_while_somebody_objects_nothing_is_transferred(
    over: Work, webhooks: StripeServer, user: Person, booking: dict[str, Any], clock: MovableClock, work: Work
) -> None:
    over()
    said = user.post(f"/sessions/{booking['id']}/problem", json={"reason": "Nobody spoke to me."})
    assert said.status_code == 200, said.text
    clock.move(days=10)
    work()
    assert account(webhooks) == 0
    clock.move(days=6)
    work()
    assert account(webhooks) == PART


def test_what_is_kept_of_a_cancelled_session_is_paid_when_it_would_have_ended(
    payment: str, webhooks: StripeServer, user: Person, booking: dict[str, Any], clock: MovableClock, work: Work
) -> None:
    clock.move(hours=20)  # half of it goes back
    cancel(user, booking)
    work()
    assert account(webhooks) == 0
    clock.set(datetime.fromisoformat(booking["ends_at"]))
    work()
    assert (account(webhooks), webhooks.ledger.balances["platform"]) == (2025, 225)


def test_a_part_that_somebody_gave_back_at_stripe_before_is_not_paid_out(
    final: Work, webhooks: StripeServer, payment: str, work: Work
) -> None:
    by_hand(webhooks, payment, 1500, reverses=False)
    webhooks.webhooks.deliver()
    work()
    assert account(webhooks) == 0, "that money went back does not make the rest theirs"
    final()
    assert (account(webhooks), webhooks.ledger.balances["platform"]) == (2700, 300)


def test_a_part_that_somebody_gives_back_afterwards_comes_back_from_the_professional_by_its_share(
    final: Work, webhooks: StripeServer, payment: str, work: Work
) -> None:
    final()
    by_hand(webhooks, payment, 1500, reverses=False)
    webhooks.webhooks.deliver()
    work()
    assert (account(webhooks), webhooks.ledger.balances["platform"]) == (2700, 300)


def test_a_dispute_holds_the_payout_and_one_that_is_won_lets_it_go(
    payment: str, webhooks: StripeServer, final: Work, work: Work
) -> None:
    dispute = disputed(webhooks, payment)
    final()
    assert account(webhooks) == 0
    decide_dispute(webhooks.ledger, dispute, "won")
    webhooks.webhooks.deliver()
    work()
    assert account(webhooks) == PART


@pytest.mark.parametrize(("end", "has"), [("won", PART), ("lost", 0)])
def test_a_dispute_after_the_payout_takes_it_back_and_one_that_is_won_gives_it_again(
    final: Work, webhooks: StripeServer, payment: str, work: Work, end: str, has: int
) -> None:
    final()
    dispute = disputed(webhooks, payment)
    work()
    assert account(webhooks) == 0
    decide_dispute(webhooks.ledger, dispute, end)
    webhooks.webhooks.deliver()
    work()
    assert account(webhooks) == has


def test_a_lost_answer_keeps_its_key_and_the_money_goes_once(
    final: Work, webhooks: StripeServer, database: Database, clock: MovableClock, work: Work
) -> None:
    webhooks.traffic.next_request("POST /v1/transfers", "fault", acts=True)
    final()
    with database.read() as session:
        assert session.scalars(select(PayoutRow.asked_minor)).one() == PART
    clock.move(minutes=5)
    work()
    with database.read() as session:
        payout = session.scalars(select(PayoutRow)).one()
    assert (account(webhooks), payout.asked_minor, payout.due_at) == (PART, None, None)
    assert len(list(webhooks.ledger.of_kind("transfer"))) == 1


def test_an_account_that_is_ready_again_is_found_when_no_webhook_says_so(
    final: Work, webhooks: StripeServer, professional: Person, payment: str, work: Work, clock: MovableClock
) -> None:
    reference = next(webhooks.ledger.of_kind("account"))["id"]
    restrict(webhooks.ledger, reference)
    webhooks.webhooks.deliver()
    final()
    assert account(webhooks) == 0
    finish_onboarding(webhooks.ledger, reference)
    webhooks.webhooks.lose()
    clock.move(hours=7)
    work()
    assert account(webhooks) == PART


def test_an_account_that_lacks_something_holds_the_payout_until_it_is_seen_to(
    final: Work, webhooks: StripeServer, professional: Person, payment: str, work: Work
) -> None:
    reference = next(webhooks.ledger.of_kind("account"))["id"]
    restrict(webhooks.ledger, reference)
    webhooks.webhooks.deliver()
    final()
    shown = professional.get("/professional/earnings").json()
    assert (account(webhooks), shown["on_hold"], shown["on_hold_reason"]) == (0, "40.50", "account")
    finish_onboarding(webhooks.ledger, reference)
    webhooks.webhooks.deliver()
    work()
    shown = professional.get("/professional/earnings").json()
    assert (account(webhooks), shown["on_hold"], shown["on_hold_reason"]) == (PART, "0.00", None)


def test_after_five_definite_refusals_a_payout_is_stuck_and_listed(
    final: Work, webhooks: StripeServer, professional: Person, client: TestClient, clock: MovableClock, work: Work
) -> None:
    webhooks.ledger.refuse_next_transfer = "balance_insufficient"
    final()
    shown = professional.get("/professional/earnings").json()
    assert (shown["on_hold"], shown["on_hold_reason"]) == ("40.50", "refused")
    for _ in range(MAX_PAYOUT_FAILURES + 1):
        webhooks.ledger.refuse_next_transfer = "balance_insufficient"
        clock.move(days=2)
        work()
    assert client.get("/status").json()["stuck_payouts"] == 1
    assert account(webhooks) == 0
    webhooks.ledger.refuse_next_transfer = None
    finish_onboarding(webhooks.ledger, next(webhooks.ledger.of_kind("account"))["id"])
    webhooks.webhooks.deliver()
    work()
    assert (account(webhooks), client.get("/status").json()["stuck_payouts"]) == (PART, 0)


@pytest.mark.at_once
def test_a_payment_of_an_older_release_is_not_transferred_a_second_time(
    final: Work, webhooks: StripeServer, database: Database, user: Person, booking: dict[str, Any]
) -> None:
    assert account(webhooks) == PART
    final()
    assert account(webhooks) == PART
    assert states(user, booking) == ("completed", "paid")
    with database.read() as session:
        assert not session.scalars(select(PayoutRow)).all()


def test_a_payout_that_another_worker_has_in_hand_is_left_alone(
    over: Work, webhooks: StripeServer, database: Database, clock: MovableClock, work: Work
) -> None:
    over()
    clock.move(hours=24)
    webhooks.traffic.down = True
    work()
    webhooks.traffic.down = False
    work()
    assert account(webhooks) == 0, "the lease keeps others away"
    work()
    assert account(webhooks) == PART
