"""Money that moves past the app, in Stripe's dashboard or by a bank: it is in the books, and nobody loses a cent."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from backend.auth.repository import account_of
from backend.auth.tables import AccountRow
from backend.bookings.rules import Terms
from backend.calls.rules import PaymentDisputed
from backend.calls.service.entering import entry
from backend.kit.database import Database
from backend.payments import repository as ledgers
from backend.payments.rules import MAX_REFUND_FAILURES
from backend.payments.tables import DisputeRow, PaymentRow, RefundRow
from tests.backend.bookings.acting import seen
from tests.backend.payments.journeys.acting import PRICE, cancel, pay, states
from tests.backend.stage import Backend, MovableClock, Person
from tests.fakes.stripe_disputes import decide_dispute, open_dispute
from tests.fakes.stripe_refunds import give_refund, settle_refund
from tests.fakes.stripe_server import StripeServer


@pytest.fixture
def payment(booking: dict[str, Any], webhooks: StripeServer) -> str:
    """The booking is paid, and the backend has heard of it; Stripe's name for the payment."""
    pay(booking)
    webhooks.webhooks.deliver()
    return str(next(webhooks.books.of_kind("payment_intent"))["id"])


def by_hand(webhooks: StripeServer, payment: str, amount: int = 0, *, reverses: bool = True) -> dict[str, Any]:
    """Somebody in the dashboard gives back so much, or all that is left, and ticks the boxes beside it."""
    wanted = {"payment_intent": payment} | ({"amount": str(amount)} if amount else {})
    boxes = {"reverse_transfer": "true", "refund_application_fee": "true"} if reverses else {}
    return give_refund(webhooks.books, wanted | boxes)


def disputed(webhooks: StripeServer, payment: str) -> str:
    """The payer's bank takes everything."""
    reference = str(open_dispute(webhooks.books, payment)["id"])
    webhooks.webhooks.deliver()
    return reference


def account(webhooks: StripeServer) -> int:
    """What the professional has at Stripe."""
    return next(amount for name, amount in webhooks.books.balances.items() if name.startswith("acct_"))


def earnings(professional: Person) -> dict[str, str]:
    told = professional.get("/professional/earnings").json()
    return {name: told[name] for name in ("upcoming", "paid", "refunded", "fees")}


def refunds(database: Database) -> list[tuple[str, str, int]]:
    with database.read() as session:
        rows = session.scalars(select(RefundRow).order_by(RefundRow.attempt))
        return [(row.source, row.status, row.amount_minor) for row in rows]


def test_a_part_that_the_support_gave_is_in_the_books_and_the_session_stands(
    user: Person, professional: Person, booking: dict[str, Any], webhooks: StripeServer, payment: str
) -> None:
    by_hand(webhooks, payment, 500)
    webhooks.webhooks.deliver(times=2, shuffle=random.Random(1))
    told = seen(user, booking)
    assert (told["status"], told["payment_status"]) == ("confirmed", "partially_refunded")
    assert (told["refund"]["amount"], told["refund"]["reason"], told["refund"]["status"]) == ("5.00", "support", "done")
    assert earnings(professional) == {"upcoming": "36.00", "paid": "0.00", "refunded": "5.00", "fees": "4.00"}


def test_after_a_part_from_elsewhere_only_the_rest_is_ordered(
    user: Person,
    booking: dict[str, Any],
    webhooks: StripeServer,
    payment: str,
    work: Callable[[], None],
    database: Database,
) -> None:
    by_hand(webhooks, payment, 500)
    webhooks.webhooks.deliver()
    cancel(user, booking)
    work()
    assert refunds(database) == [("provider", "done", 500), ("ours", "done", 4000)]
    assert states(user, booking) == ("cancelled", "refunded")
    assert seen(user, booking)["refund"]["amount"] == "45.00"
    assert set(webhooks.books.balances.values()) == {0}


def test_a_part_from_elsewhere_that_no_webhook_told_of_is_found_before_the_rest_is_ordered(
    user: Person,
    booking: dict[str, Any],
    webhooks: StripeServer,
    payment: str,
    work: Callable[[], None],
    database: Database,
) -> None:
    cancel(user, booking)
    by_hand(webhooks, payment, 500)
    webhooks.webhooks.lose()
    work()
    assert refunds(database) == [("ours", "done", 4000), ("provider", "done", 500)]
    assert states(user, booking) == ("cancelled", "refunded")
    assert set(webhooks.books.balances.values()) == {0}


def test_everything_back_from_elsewhere_ends_the_session_and_its_earnings(
    user: Person, professional: Person, backend: Backend, booking: dict[str, Any], webhooks: StripeServer, payment: str
) -> None:
    by_hand(webhooks, payment)
    webhooks.webhooks.deliver()
    told = seen(user, booking)
    assert (told["status"], told["payment_status"], told["cancelled_by"]) == ("cancelled", "refunded", None)
    assert earnings(professional) == {"upcoming": "0.00", "paid": "0.00", "refunded": "45.00", "fees": "0.00"}
    refused = user.post(f"/sessions/{booking['id']}/generate-call-link")
    assert refused.status_code in (409, 503)
    again = backend.user().post("/sessions/book", json={"slot_id": booking["slot_id"]})
    assert again.status_code == 201, "the time is free again"


def test_a_refund_from_elsewhere_that_left_the_professional_their_part_is_at_the_platforms_cost(
    professional: Person, webhooks: StripeServer, payment: str
) -> None:
    by_hand(webhooks, payment, 500, reverses=False)
    webhooks.webhooks.deliver()
    assert account(webhooks) == 4050
    assert earnings(professional) == {"upcoming": "40.50", "paid": "0.00", "refunded": "5.00", "fees": "-0.50"}


def test_what_others_gave_and_the_bank_returned_is_owed_by_us_once_the_session_is_cancelled(
    user: Person, booking: dict[str, Any], webhooks: StripeServer, payment: str, work: Callable[[], None]
) -> None:
    given = by_hand(webhooks, payment)
    webhooks.webhooks.deliver()
    settle_refund(webhooks.books, given["id"], "failed")
    webhooks.webhooks.deliver()
    assert states(user, booking) == ("cancelled", "refund_pending")
    work()
    assert states(user, booking) == ("cancelled", "refunded")
    assert set(webhooks.books.balances.values()) == {0}


def test_after_five_definite_failures_it_stops_and_is_listed_as_stuck(
    user: Person,
    client: TestClient,
    booking: dict[str, Any],
    webhooks: StripeServer,
    payment: str,
    work: Callable[[], None],
    database: Database,
    clock: MovableClock,
) -> None:
    cancel(user, booking)
    for _ in range(MAX_REFUND_FAILURES + 2):
        webhooks.books.refuse_next_refund = "balance_insufficient"
        clock.move(hours=13)
        work()
    assert refunds(database) == [("ours", "failed", PRICE)] * MAX_REFUND_FAILURES
    told = seen(user, booking)
    assert (told["payment_status"], told["refund"]["stuck"]) == ("refund_failed", True)
    with database.read() as session:
        (stuck,) = ledgers.stuck_refunds(session)
    assert stuck == (UUID(booking["id"]), payment, PRICE, MAX_REFUND_FAILURES)
    assert client.get("/status").json()["stuck_refunds"] == 1
    webhooks.books.refuse_next_refund = None
    by_hand(webhooks, payment)  # the operator does it
    webhooks.webhooks.deliver()
    assert states(user, booking) == ("cancelled", "refunded")
    assert client.get("/status").json()["stuck_refunds"] == 0


def test_a_dispute_closes_joining_cancelling_and_moving_and_takes_the_professionals_part_back(
    user: Person,
    professional: Person,
    backend: Backend,
    client: TestClient,
    booking: dict[str, Any],
    webhooks: StripeServer,
    payment: str,
    work: Callable[[], None],
) -> None:
    disputed(webhooks, payment)
    assert seen(user, booking)["dispute"] == "open"
    for person in (user, professional):
        refused = person.post(f"/sessions/{booking['id']}/cancel", json={"expected_refund": "45.00"}).json()
        assert (refused["error"], "disputed with the bank" in refused["detail"]) == ("NotCancellable", True)
    other = backend.slot(professional, "2027-03-09")
    moved = user.post(f"/sessions/{booking['id']}/reschedule", json={"slot_id": other["id"]}).json()
    assert (moved["error"], "disputed with the bank" in moved["detail"]) == ("NotReschedulable", True)
    assert earnings(professional) == {"upcoming": "0.00", "paid": "0.00", "refunded": "45.00", "fees": "0.00"}
    assert account(webhooks) == 4050
    work()
    assert set(webhooks.books.balances.values()) == {0}
    work()
    assert set(webhooks.books.balances.values()) == {0}, "it is taken back once"
    assert client.get("/status").json()["open_disputes"] == 1


def test_a_dispute_that_is_lost_ends_the_session_and_nothing_more_goes_back(
    user: Person, booking: dict[str, Any], webhooks: StripeServer, payment: str, work: Callable[[], None]
) -> None:
    dispute = disputed(webhooks, payment)
    work()
    decide_dispute(webhooks.books, dispute, "lost")
    webhooks.webhooks.deliver()
    work()
    assert states(user, booking) == ("cancelled", "refunded")
    assert seen(user, booking)["dispute"] == "lost"
    assert set(webhooks.books.balances.values()) == {0}
    assert not list(webhooks.books.of_kind("refund"))


def test_a_dispute_that_is_won_opens_the_session_again_and_the_professional_is_paid_after_it(
    user: Person,
    professional: Person,
    booking: dict[str, Any],
    webhooks: StripeServer,
    payment: str,
    work: Callable[[], None],
    clock: MovableClock,
) -> None:
    dispute = disputed(webhooks, payment)
    work()
    decide_dispute(webhooks.books, dispute, "won")
    webhooks.webhooks.deliver()
    assert states(user, booking) == ("confirmed", "paid")
    assert user.get(f"/sessions/{booking['id']}/cancellation").status_code == 200
    assert earnings(professional) == {"upcoming": "40.50", "paid": "0.00", "refunded": "0.00", "fees": "4.50"}
    work()
    assert account(webhooks) == 0, "not before the session is over"
    clock.move(days=2)
    for _ in range(2):
        work()
        clock.move(hours=2)
        work()
    assert account(webhooks) == 4050
    assert earnings(professional)["paid"] == "40.50"


def test_what_is_cancelled_after_a_dispute_was_won_takes_nothing_from_the_professional_twice(
    user: Person,
    booking: dict[str, Any],
    webhooks: StripeServer,
    payment: str,
    work: Callable[[], None],
    clock: MovableClock,
) -> None:
    dispute = disputed(webhooks, payment)
    work()
    decide_dispute(webhooks.books, dispute, "won")
    webhooks.webhooks.deliver()
    cancel(user, booking)
    for _ in range(3):
        work()
        clock.move(hours=2)
    assert states(user, booking) == ("cancelled", "refunded")
    assert set(webhooks.books.balances.values()) == {0}


def test_while_a_dispute_is_open_nothing_is_refunded_and_afterwards_what_is_owed_goes_out(
    user: Person,
    booking: dict[str, Any],
    webhooks: StripeServer,
    payment: str,
    work: Callable[[], None],
    database: Database,
    clock: MovableClock,
) -> None:
    clock.move(hours=20)  # half of it goes back
    cancel(user, booking)
    dispute = disputed(webhooks, payment)
    work()
    assert refunds(database) == [("ours", "superseded", PRICE // 2)]
    decide_dispute(webhooks.books, dispute, "won")
    webhooks.webhooks.deliver()
    work()
    clock.move(hours=2)
    work()
    assert states(user, booking) == ("cancelled", "partially_refunded")
    assert (webhooks.books.balances["payers"], account(webhooks)) == (-PRICE // 2, 2025)


def test_an_inquiry_is_written_down_and_closes_nothing(
    user: Person, booking: dict[str, Any], webhooks: StripeServer, payment: str, database: Database
) -> None:
    open_dispute(webhooks.books, payment, inquiry=True)
    webhooks.webhooks.deliver()
    assert seen(user, booking)["dispute"] is None
    assert user.get(f"/sessions/{booking['id']}/cancellation").status_code == 200
    with database.read() as session:
        assert session.scalars(select(DisputeRow.state)).all() == ["inquiry"]


@pytest.mark.parametrize("what", ["refund", "dispute", "payment"])
def test_what_no_webhook_told_of_is_found_by_the_nightly_comparison(
    user: Person,
    client: TestClient,
    booking: dict[str, Any],
    webhooks: StripeServer,
    work: Callable[[], None],
    database: Database,
    clock: MovableClock,
    what: str,
) -> None:
    pay(booking)
    if what != "payment":
        webhooks.webhooks.deliver()
    work()
    clock.move(days=0.5)
    name = str(next(webhooks.books.of_kind("payment_intent"))["id"])
    if what == "refund":
        by_hand(webhooks, name, 500)
    if what == "dispute":
        open_dispute(webhooks.books, name)
    webhooks.webhooks.lose()
    clock.move(days=1)
    work()
    told = seen(user, booking)
    if what == "payment":
        assert told["payment_status"] == "paid"  # its checkout was asked about long before the night
        return
    assert (told["refund"] or {}).get("amount") == ("5.00" if what == "refund" else None)
    assert told["dispute"] == ("open" if what == "dispute" else None)
    with database.read() as session:
        found = {(row.kind, row.booking_id, row.repaired) for row in ledgers.differences(session)}
    assert (f"{what}s", UUID(booking["id"]), True) in found
    assert client.get("/status").json()["differences"] == 0


def test_a_payment_that_the_provider_does_not_have_is_listed_for_an_operator(
    client: TestClient,
    booking: dict[str, Any],
    webhooks: StripeServer,
    payment: str,
    work: Callable[[], None],
    database: Database,
    clock: MovableClock,
) -> None:
    with database.write() as session:
        session.scalars(select(PaymentRow)).one().payment_reference = "pi_of_nobody"
    clock.move(hours=2)
    work()
    with database.read() as session:
        found = {(row.kind, row.payment_reference, row.repaired) for row in ledgers.differences(session)}
    assert ("payment", "pi_of_nobody", False) in found
    assert client.get("/status").json()["differences"] >= 1


def test_the_comparison_goes_through_every_page_of_stripes_list(
    booking: dict[str, Any], webhooks: StripeServer, payment: str, work: Callable[[], None], clock: MovableClock
) -> None:
    original = webhooks.books.objects[payment]
    for number in range(250):  # others of the same account, which are none of ours
        name = f"pi_other_{number}"
        webhooks.books.objects[name] = original | {"id": name, "metadata": {}, "created": webhooks.books.now()}
    clock.move(hours=2)
    webhooks.traffic.seen.clear()
    work()
    assert webhooks.traffic.seen.count("GET /v1/payment_intents") == 3


def test_a_professional_whom_stripe_does_not_accept_is_not_told_of_as_a_bad_moment(
    backend: Backend, professional: Person, webhooks: StripeServer
) -> None:
    slot = backend.slot(professional)
    for found in webhooks.books.of_kind("account"):
        found["capabilities"] = {"transfers": "inactive"}  # and no event told of it
    refused = backend.user().post("/sessions/book", json={"slot_id": slot["id"]})
    assert (refused.status_code, refused.json()["error"]) == (409, "PaymentRefused")
    assert "try again shortly" not in refused.json()["detail"]
    webhooks.traffic.down = True
    unknown = backend.user().post("/sessions/book", json={"slot_id": slot["id"]})
    assert (unknown.status_code, unknown.json()["error"]) == (503, "ServiceUnavailable")


def test_a_dispute_keeps_everyone_from_the_room(
    user: Person, booking: dict[str, Any], webhooks: StripeServer, payment: str, clock: MovableClock, database: Database
) -> None:
    disputed(webhooks, payment)
    clock.move(days=1)
    terms = Terms(timedelta(minutes=10), timedelta(minutes=15), timedelta(minutes=15))
    with database.read() as session:
        person = account_of(session.get_one(AccountRow, UUID(user.id)))
        with pytest.raises(PaymentDisputed):
            entry(session, person, UUID(booking["id"]), terms, clock())
