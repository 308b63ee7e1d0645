"""What the database itself refuses about payments and refunds."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from backend.kit.database import Database
from backend.payments.tables import PaymentRow, RefundRow
from tests.backend.stage import MovableClock


def _refund(database: Database, booking: dict[str, Any], **changes: Any) -> RefundRow:
    with database.read() as session:
        row = session.scalars(select(RefundRow)).one()
    values = {column: getattr(row, column) for column in row.__table__.columns.keys()}  # noqa: SIM118 - of a table
    return RefundRow(**(values | {"id": uuid4(), "attempt": 2} | changes))


@pytest.mark.parametrize(
    "changes",
    [{}, {"status": "failed", "amount_minor": 4501}, {"status": "failed", "paid_minor": 9000}],
    ids=["a second one that is ordered", "more than was paid", "of more than was paid"],
)
def test_the_database_refuses_to_give_back_more_than_was_paid(
    database: Database, cancelled: dict[str, Any], changes: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(_refund(database, cancelled, **changes))


def test_the_database_refuses_two_payments_that_pay_for_one_session(
    database: Database, clock: MovableClock, cancelled: dict[str, Any]
) -> None:
    second = PaymentRow(
        booking_id=UUID(cancelled["id"]),
        gateway="fake",
        payment_reference="other-money",
        amount_minor=4500,
        currency="USD",
        fee_minor=0,
        transferred_at_once=False,
        pays=True,
        paid_at=clock(),
        payee_minor=4500,
    )
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(second)
