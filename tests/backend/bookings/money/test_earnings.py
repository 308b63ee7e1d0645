"""What a professional sees of their money, held against the sandbox's own ledger."""

from collections.abc import Callable
from typing import Any, cast

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from backend.integrations.sandbox.payments import SandboxGateway
from backend.kit.database import Database
from backend.payments.tables import ConnectedAccountRow, SandboxCheckoutRow, SandboxRefundRow
from backend.worker import Worker
from tests.backend.bookings.acting import GOOD_CARD, confirmed, held, live_through, pay, seen
from tests.backend.bookings.money.reports import SUMS, cents, earnings_report, sums
from tests.backend.stage import Backend, MovableClock, Person, both_were_there
from tests.fakes.call_rooms import FakeCallRooms

SLOW_REFUND = GOOD_CARD | {"card_number": "4000000000007726"}
FAILED_REFUND = GOOD_CARD | {"card_number": "4000000000005126"}


@pytest.fixture
def app(app_with_rooms: FastAPI) -> FastAPI:
    return app_with_rooms


@pytest.fixture
def agrees(app: FastAPI, database: Database) -> Callable[[Person], None]:
    """Fails unless the sums are the sandbox's own, to the cent; once every refund and every payout has been made.

    What is upcoming is not transferred yet.
    """
    sandbox = cast(SandboxGateway, app.state.payment_gateway)

    def check(professional: Person) -> None:
        shown = {name: cents(text) for name, text in earnings_report(professional).items() if name in SUMS}
        with database.read() as session:
            account = session.scalars(select(ConnectedAccountRow.account_reference)).one()
            paid = session.scalar(
                select(func.sum(SandboxCheckoutRow.amount_minor)).where(SandboxCheckoutRow.state == "paid")
            )
            back = session.scalar(
                select(func.sum(SandboxRefundRow.amount_minor)).where(SandboxRefundRow.state != "failed")
            )
        balance = sandbox.connected_accounts.balance(account)
        assert balance is not None
        assert shown["paid"] == balance.transferred_minor - balance.reversed_minor
        assert shown["refunded"] == (back or 0)
        assert sum(shown.values()) == (paid or 0)

    return check


def cancel(person: Person, booking: dict[str, Any], expected: str) -> None:
    answer = person.post(f"/sessions/{booking['id']}/cancel", json={"expected_refund": expected})
    assert answer.status_code == 200, answer.text


def test_a_hold_is_no_money_and_a_paid_session_is_upcoming_after_the_fee(
    backend: Backend, professional: Person, user: Person, agrees: Callable[[Person], None]
) -> None:
    booking = held(user, backend.slot(professional, price="45.05"))
    assert sums(professional) == ("0.00", "0.00", "0.00", "0.00")
    pay(user, booking)
    seen(user, booking)
    assert sums(professional) == ("40.54", "0.00", "0.00", "4.51")
    assert earnings_report(professional)["weeks"][-1]["sessions"] == 1
    agrees(professional)


def test_a_session_that_took_place_is_paid_once_that_is_final(
    backend: Backend,
    professional: Person,
    user: Person,
    clock: MovableClock,
    worker: Worker,
    agrees: Callable[[Person], None],
) -> None:
    booking = confirmed(user, backend.slot(professional, "2027-03-01", "11:00", "11:45"))
    both_were_there(backend.database, booking)
    clock.move(hours=1, minutes=46)
    worker.run_once()
    assert sums(professional) == ("40.50", "0.00", "0.00", "4.50")
    clock.move(minutes=1)
    worker.run_once()  # decided, and open for a day
    agrees(professional)
    clock.move(hours=23, minutes=59)
    worker.run_once()
    assert sums(professional) == ("40.50", "0.00", "0.00", "4.50")
    agrees(professional)
    clock.move(minutes=1)
    worker.run_once()
    assert sums(professional) == ("0.00", "40.50", "0.00", "4.50")
    agrees(professional)


def test_a_cancelled_session_with_half_refunded_is_half_paid(
    backend: Backend,
    professional: Person,
    user: Person,
    clock: MovableClock,
    worker: Worker,
    agrees: Callable[[Person], None],
) -> None:
    booking = confirmed(user, backend.slot(professional, "2027-03-02", "11:00", "11:45", price="45.01"))
    clock.move(hours=14)
    cancel(user, booking, "22.51")
    # 10 % of 45.01 are 4.50; of that goes back 4.50 * 22.51 / 45.01 = 2.25, the rest of 22.51 from the professional.
    expected = ("20.25", "0.00", "22.51", "2.25")
    assert sums(professional) == expected
    worker.run_once()
    assert sums(professional) == expected
    agrees(professional)
    clock.move(hours=12)  # the session would be over
    worker.run_once()
    assert sums(professional) == ("0.00", "20.25", "22.51", "2.25")
    assert earnings_report(professional)["weeks"][-1] == {
        "week": "2027-03-01",
        "upcoming": "0.00",
        "paid": "20.25",
        "refunded": "22.51",
        "sessions": 0,
    }
    agrees(professional)


def test_a_professional_who_did_not_come_earns_nothing(
    backend: Backend,
    professional: Person,
    user: Person,
    clock: MovableClock,
    worker: Worker,
    rooms: FakeCallRooms,
    agrees: Callable[[Person], None],
) -> None:
    booking = confirmed(user, backend.slot(professional, "2027-03-01", "11:00", "11:45"))
    clock.move(minutes=55)
    rooms.rooms[f"session_{booking['id']}"] = {f"user_{user.id}"}
    live_through(worker, clock, minutes=54)
    assert seen(user, booking)["absent"] == "professional"
    assert sums(professional) == ("0.00", "0.00", "45.00", "0.00")
    clock.move(hours=24)
    worker.run_once()
    agrees(professional)


@pytest.mark.parametrize("card", [SLOW_REFUND, FAILED_REFUND], ids=["pending", "failed"])
def test_a_refund_on_its_way_counts_as_gone_also_while_it_is_tried_again(
    backend: Backend,
    professional: Person,
    user: Person,
    clock: MovableClock,
    worker: Worker,
    card: dict[str, str],
    agrees: Callable[[Person], None],
) -> None:
    booking = held(user, backend.slot(professional))
    pay(user, booking, card)
    seen(user, booking)
    cancel(user, booking, "45.00")
    gone = ("0.00", "0.00", "45.00", "0.00")
    assert sums(professional) == gone
    worker.run_once()
    assert seen(user, booking)["payment_status"] in ("refund_pending", "refund_failed")
    assert sums(professional) == gone
    clock.move(minutes=15)
    worker.run_once()
    assert seen(user, booking)["payment_status"] == "refunded"
    assert sums(professional) == gone
    agrees(professional)


def test_money_that_came_too_late_went_back(
    backend: Backend,
    professional: Person,
    user: Person,
    clock: MovableClock,
    worker: Worker,
    app: FastAPI,
    agrees: Callable[[Person], None],
) -> None:
    slot = backend.slot(professional)
    booking = held(user, slot)
    reference = booking["checkout_url"].rpartition("/")[2]
    app.state.payment_gateway.pay(reference, "4242424242424242")  # its event comes late
    clock.move(minutes=11)
    confirmed(backend.user(), slot)
    worker.run_once()
    worker.run_once()
    assert seen(user, booking)["payment_status"] == "refunded"
    assert sums(professional) == ("40.50", "0.00", "45.00", "4.50")
    assert earnings_report(professional)["weeks"][-1]["sessions"] == 1
    agrees(professional)


def test_nobody_elses_money_is_in_it_and_users_have_none(backend: Backend, professional: Person, user: Person) -> None:
    confirmed(user, backend.slot(professional))
    assert sums(backend.professional()) == ("0.00", "0.00", "0.00", "0.00")
    assert user.get("/professional/earnings").json()["error"] == "WrongRole"
    assert backend.client.get("/professional/earnings").json()["error"] == "NotSignedIn"


def test_every_sum_of_many_odd_prices_agrees_with_the_provider(
    backend: Backend, professional: Person, clock: MovableClock, worker: Worker, agrees: Callable[[Person], None]
) -> None:
    for number, price in enumerate(["1.00", "1.01", "33.33", "249.99", "17.05", "99.95"]):
        slot = backend.slot(professional, "2027-03-02", f"{10 + number}:00", f"{10 + number}:30", price=price)
        user = backend.user()
        booking = confirmed(user, slot)
        if number % 2:
            shown = user.get(f"/sessions/{booking['id']}/cancellation").json()
            cancel(user, booking, shown["refund"])
        clock.move(hours=4)
    worker.run_once()
    agrees(professional)
    clock.move(days=3)
    worker.run_once()  # nobody could see who came: everything goes back, a day later
    clock.move(days=1)
    for _ in range(2):  # final, and paid out
        worker.run_once()
    agrees(professional)
    assert sums(professional)[0] == "0.00"
