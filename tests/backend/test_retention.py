"""Every table that only grows has its retention, and nothing that is still needed goes with it."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from backend.auth.tables import TokenRow
from backend.bookings.tables import BookingRow, IdempotencyKeyRow
from backend.calls.tables import LiveKitEventRow, PresenceIntervalRow
from backend.kit.database import Base, Database
from backend.operators.tables import AuditEntryRow
from backend.payments.tables import PaymentEventRow, PaymentRow
from backend.retention import delete_old_rows, retentions
from tests.backend.bookings.acting import book, confirmed, held
from tests.backend.stage import START, Backend, Person

KEPT_FOR_GOOD = {
    *(
        "accounts",
        AuditEntryRow.__tablename__,  # what operators did to whom is asked for years later
        "mail_opt_outs",  # with the account
        "recovery_codes",  # each until it is used, all of them with their second factor
        "profiles",
        "handles",  # links that lead to a page must never lead to somebody else's
        "search_texts",  # with its account
        "follow_up_pieces",  # with their file
        "photos",
        "cancellation_policies",
        "payees",
        "slots",
        "payments",
        "refunds",
        "payouts",
        "attendance_decisions",
        "disputes",
        "ledger_differences",
    ),
    "sandbox_mails",  # a demo's
    "worker_leases",  # one row a task
    *(
        "sandbox_checkouts",
        "sandbox_refunds",
        "sandbox_payees",
        "sandbox_disputes",
        "sandbox_transfers",
        "sandbox_mails",
    ),  # a demo's
}
KEY = "a-key-made-by-the-app"


def count(database: Database, table: type[Base]) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_every_table_has_a_retention_or_a_reason_to_be_kept() -> None:
    deleted = {retention.table.__tablename__ for retention in retentions(START)}
    assert deleted | KEPT_FOR_GOOD == set(Base.metadata.tables)
    assert not deleted & KEPT_FOR_GOOD


def test_keys_go_after_a_day_and_sign_ins_of_people_who_never_return_when_they_end(
    backend: Backend, database: Database, professional: Person, user: Person
) -> None:
    assert book(user, backend.slot(professional), KEY).status_code == 201
    delete_old_rows(database, START + timedelta(hours=23))
    assert (count(database, IdempotencyKeyRow), count(database, TokenRow)) == (1, 2)
    delete_old_rows(database, START + timedelta(hours=24))
    assert (count(database, IdempotencyKeyRow), count(database, TokenRow)) == (0, 2)
    delete_old_rows(database, START + timedelta(days=400))
    assert count(database, TokenRow) == 0


def test_a_hold_that_nobody_paid_goes_after_a_year_and_what_was_paid_never(
    backend: Backend, database: Database, professional: Person, user: Person
) -> None:
    paid = confirmed(user, backend.slot(professional))
    given_up = held(user, backend.slot(professional, "2027-03-03"))
    user.post(f"/sessions/{given_up['id']}/release")
    delete_old_rows(database, START + timedelta(days=364))
    assert count(database, BookingRow) == 2
    delete_old_rows(database, START + timedelta(days=366))
    with database.read() as session:
        assert [str(row_id) for row_id in session.scalars(select(BookingRow.id))] == [paid["id"]]
    assert count(database, PaymentRow) == 1
    assert count(database, PaymentEventRow) == 0


@pytest.mark.parametrize(("days", "left"), [(179, 1), (181, 0)])
def test_who_was_in_a_room_is_kept_for_as_long_as_a_payment_can_be_disputed(
    backend: Backend, database: Database, professional: Person, user: Person, days: int, left: int
) -> None:
    booking = confirmed(user, backend.slot(professional))
    with database.write() as session:
        row = session.scalars(select(BookingRow)).one()
        session.add(
            PresenceIntervalRow(
                participant_sid="PA_1", booking_id=row.id, role="user", joined_at=START, last_seen_at=START
            )
        )
        session.add(LiveKitEventRow(event_id="EV_1", received_at=START))
    assert booking["status"] == "confirmed"
    delete_old_rows(database, START + timedelta(days=days))
    assert (count(database, PresenceIntervalRow), count(database, LiveKitEventRow)) == (left, 0)


def test_more_rows_than_one_transaction_takes_all_go(database: Database) -> None:
    with database.write() as session:
        session.add_all(LiveKitEventRow(event_id=f"EV_{number}", received_at=START) for number in range(1201))
    assert delete_old_rows(database, START + timedelta(days=2)) == 1201
    assert count(database, LiveKitEventRow) == 0
