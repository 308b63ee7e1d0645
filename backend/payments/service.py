"""Who can be paid. Sessions are the caller's; the provider is asked by the endpoints, outside transactions."""

import logging
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from backend.auth.repository import lock_account
from backend.payments import repository
from backend.payments.ports import PayeeReading, PayeeState
from backend.payments.rules import NotOnboarded
from backend.payments.tables import PayeeRow

logger = logging.getLogger(__name__)


def ready_account(session: Session, professional_id: UUID, gateway: str) -> str | None:
    """Where this professional's part of a payment goes; None if they cannot be paid."""
    payee = repository.payee(session, professional_id, gateway)
    return payee.account_reference if payee is not None and payee.state == PayeeState.READY else None


def check_onboarded(session: Session, professional_id: UUID, gateway: str) -> None:
    """NotOnboarded unless the professional can be paid."""
    if ready_account(session, professional_id, gateway) is None:
        payee = repository.payee(session, professional_id, gateway)
        raise NotOnboarded if payee is None or payee.state == PayeeState.PENDING else NotOnboarded(_RESTRICTED)


_RESTRICTED = "Your payouts are on hold: the payment provider needs something of you. Open Earnings to see to it."


def keep_payee(session: Session, professional_id: UUID, gateway: str, reading: PayeeReading, now: datetime) -> None:
    """The account that the provider opened for them; one that is there stays."""
    lock_account(session, professional_id)  # asked for twice at once, both find none
    payee = repository.payee(session, professional_id, gateway)
    if payee is None:
        payee = PayeeRow(
            professional_id=professional_id,
            gateway=gateway,
            account_reference=reading.reference,
            state=reading.state.value,
            created_at=now,
            updated_at=now,
        )
        session.add(payee)
        session.flush()
    note_payee(session, gateway, reading, now)


def note_payee(session: Session, gateway: str, reading: PayeeReading, now: datetime) -> None:
    """Takes in what a provider says of an account, by webhook or when asked."""
    payee = repository.payee_by_account(session, gateway, reading.reference)
    if payee is None:
        logger.warning("a notice names an unknown account of a professional")
        return
    if payee.state != reading.state:
        payee.state, payee.updated_at = reading.state.value, now
        logger.info("payouts of %s are %s", payee.professional_id, reading.state.value)
    session.flush()
