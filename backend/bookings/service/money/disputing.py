"""Transfers of disputed payments, where the professional's part was transferred with the payment.

It is taken back while the bank has the money, and transferred again once the dispute is won. Later transfers are the
work of `paying_out`.

It is transferred again only when the booking is over or cancelled and no refund is on its way: until then a refund
might have to take it back once more.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from backend.bookings import repository
from backend.bookings.rules import BookingStatus
from backend.bookings.service.money.provider_sync import apply
from backend.bookings.service.money.refunding import rebalance
from backend.kit.clock import Clock
from backend.kit.database import Database
from backend.payments import repository as ledgers
from backend.payments.ports import DisputeState, PaymentGateway, PaymentGatewayRefused, PaymentSnapshot, TransferOrder
from backend.payments.rules import REFUND_LEASE
from backend.payments.tables import PaymentRow

LOOK_AGAIN_AFTER = timedelta(hours=1)
AFTER_A_REFUSAL = timedelta(hours=12)
_STANDING = frozenset({BookingStatus.HELD.value, BookingStatus.CONFIRMED.value})


def move_transfer(database: Database, gateway: PaymentGateway, booking_id: UUID, dispute_id: UUID, now: Clock) -> None:
    """Does what is due for one dispute, if anything is. Opens its own short transactions.

    Raises `PaymentGatewayUnavailable`; after a definite refusal it is tried again half a day later.
    """
    with database.write() as session:
        claimed = _claim(session, booking_id, dispute_id, now())
    if claimed is None:
        return
    order, again = claimed
    try:
        (gateway.transfer_again if again else gateway.reverse_transfer)(order)
    except PaymentGatewayRefused:
        with database.write() as session:
            dispute = ledgers.locked_dispute(session, dispute_id)
            if dispute is not None:
                dispute.transfer_due_at = now() + AFTER_A_REFUSAL
        raise
    snapshot = gateway.read_payment(order.payment_reference)
    with database.write() as session:
        _note(session, booking_id, dispute_id, again, snapshot, now())


def _claim(session: Session, booking_id: UUID, dispute_id: UUID, now: datetime) -> tuple[TransferOrder, bool] | None:
    booking = repository.locked_booking(session, booking_id)
    dispute = ledgers.locked_dispute(session, dispute_id)
    if booking is None or dispute is None or dispute.transfer_due_at is None or dispute.transfer_due_at > now:
        return None
    payment = session.get_one(PaymentRow, dispute.payment_id)
    ledger = ledgers.ledger_of(session, payment)
    dispute.transfer_due_at = now + REFUND_LEASE
    won = dispute.state == DisputeState.WON
    if won and (booking.status in _STANDING or any(not refund.done for refund in ledger.refunds)):
        dispute.transfer_due_at = now + LOOK_AGAIN_AFTER
        return None
    amount_minor = ledger.to_transfer_minor if won else ledger.to_reverse_minor
    if not amount_minor or booking.payee_reference is None:
        dispute.transfer_due_at = None
        return None
    order = TransferOrder(
        key=f"dispute:{dispute.provider_reference}:{'again' if won else 'reversal'}",
        payment_reference=payment.payment_reference,
        amount_minor=amount_minor,
        currency=payment.currency,
        payee_reference=booking.payee_reference,
    )
    return order, won


def _note(
    session: Session, booking_id: UUID, dispute_id: UUID, again: bool, snapshot: PaymentSnapshot | None, now: datetime
) -> None:
    booking = repository.locked_booking(session, booking_id)
    dispute = ledgers.locked_dispute(session, dispute_id)
    if booking is None or dispute is None:
        return
    payment = session.get_one(PaymentRow, dispute.payment_id, populate_existing=True)
    if again:
        dispute.restored_minor += ledgers.ledger_of(session, payment).to_restore_minor
    if not (again and dispute.state != DisputeState.WON):
        dispute.transfer_due_at = None  # else the bank has decided otherwise meanwhile
    session.flush()
    if snapshot is not None:
        apply(session, booking, payment, snapshot, now)
    else:
        rebalance(session, booking, payment, now)
