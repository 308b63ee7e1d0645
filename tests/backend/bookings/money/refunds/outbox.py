"""The outbox as it is, and the provider reporting on a refund."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.bookings.service.money.provider_sync import take_over
from backend.kit.database import Database
from backend.payments.ports import PaymentSnapshot, RefundSnapshot, RefundState
from backend.payments.tables import RefundRow


def refunds(database: Database) -> list[tuple[int, str, int]]:
    with database.read() as session:
        rows = session.scalars(select(RefundRow).order_by(RefundRow.attempt))
        return [(row.attempt, row.status, row.amount_minor) for row in rows]


def report(
    database: Database,
    booking: dict[str, Any],
    state: RefundState,
    now: datetime,
    *,
    key: str | None = None,
    gateway: str = "fake",
) -> None:
    """The provider says how the refund stands that was asked for with this key: by default the first attempt's."""
    key = f"refund:{booking['id']}:1" if key is None else key
    refund = RefundSnapshot(f"refund-{key}", state, amount_minor=4500, key=key, reversed_minor=4500)
    money = f"money-checkout-{booking['id']}"
    snapshot = PaymentSnapshot(money, 4500, "USD", UUID(booking["id"]), now, 4500, 450, refunds=(refund,))
    with database.write() as session:
        take_over(session, gateway, snapshot, now)
