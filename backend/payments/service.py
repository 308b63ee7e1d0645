"""Who can be paid. Sessions are the caller's; the provider is asked by the endpoints, outside transactions."""

import logging
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from backend.auth.repository import lock_account
from backend.kit.errors import InvalidPayload
from backend.payments import repository
from backend.payments.ports import ConnectedAccountSnapshot, ConnectedAccountState
from backend.payments.repository import payouts
from backend.payments.rules import NotOnboarded, UnsupportedCountry
from backend.payments.tables import ConnectedAccountRow

logger = logging.getLogger(__name__)


def country_in(country: str | None, supported: Collection[str]) -> str:
    """A country where professionals can be paid; UnsupportedCountry, InvalidPayload where none was chosen."""
    if not country:
        raise InvalidPayload({"country": "Please choose the country in which you live and have your bank account."})
    if country not in supported:
        raise UnsupportedCountry(extra={"fields": {"country": UnsupportedCountry.detail}})
    return country


def ready_account(session: Session, professional_id: UUID, gateway: str) -> str | None:
    """Where this professional's part of a payment goes; None if they cannot be paid."""
    row = repository.connected_account(session, professional_id, gateway)
    return row.account_reference if row is not None and row.state == ConnectedAccountState.READY else None


def bookable_account(session: Session, professional_id: UUID, gateway: str, countries: Collection[str]) -> str | None:
    """As `ready_account`; None also where the country is one in which professionals cannot be paid any more."""
    return (
        ready_account(session, professional_id, gateway)
        if _served(session, professional_id, gateway, countries)
        else None
    )


def check_onboarded(session: Session, professional_id: UUID, gateway: str, countries: Collection[str]) -> None:
    """NotOnboarded unless the professional can be paid, in one of these countries."""
    if ready_account(session, professional_id, gateway) is None:
        row = repository.connected_account(session, professional_id, gateway)
        raise (NotOnboarded if row is None or row.state == ConnectedAccountState.PENDING else NotOnboarded(_RESTRICTED))
    if not _served(session, professional_id, gateway, countries):
        raise NotOnboarded(_ELSEWHERE)


_RESTRICTED = "Your payouts are on hold: the payment provider needs something of you. Open Earnings to see to it."
_ELSEWHERE = (
    "Payouts to your country are not possible any more, so that no hours can be offered. Please write to our support."
)


def _served(session: Session, professional_id: UUID, gateway: str, countries: Collection[str]) -> bool:
    row = repository.connected_account(session, professional_id, gateway)
    # Accounts of older releases have no country of their own: they are in the platform's.
    return row is not None and (row.country is None or row.country in countries)


def save_connected_account(
    session: Session, professional_id: UUID, gateway: str, snapshot: ConnectedAccountSnapshot, now: datetime
) -> None:
    """The account that the provider opened for them. An account that exists is kept, unless it was never finished
    and the professional has chosen another country, for which the provider opens another.
    """
    lock_account(session, professional_id)  # asked for twice at once, both find none
    row = repository.connected_account(session, professional_id, gateway)
    if row is None:
        row = ConnectedAccountRow(
            professional_id=professional_id,
            gateway=gateway,
            account_reference=snapshot.reference,
            state=snapshot.state.value,
            created_at=now,
            updated_at=now,
        )
        session.add(row)
    elif row.state == ConnectedAccountState.PENDING and row.account_reference != snapshot.reference:
        row.account_reference, row.country = snapshot.reference, None
    session.flush()
    update_connected_account(session, gateway, snapshot, now)


def update_connected_account(session: Session, gateway: str, snapshot: ConnectedAccountSnapshot, now: datetime) -> None:
    """Stores what a provider says of an account, by webhook or when asked."""
    row = repository.connected_account_by_reference(session, gateway, snapshot.reference)
    if row is None:
        logger.warning("an event names an unknown account of a professional")
        return
    row.country = snapshot.country or row.country
    if snapshot.state is ConnectedAccountState.READY:
        payouts.end_holds(session, row.professional_id, gateway, now)
    if row.state != snapshot.state:
        row.state, row.updated_at = snapshot.state.value, now
        logger.info("payouts of %s are %s", row.professional_id, snapshot.state.value)
    session.flush()
