"""The sandbox's accounts of professionals: opened at once, ready once the test onboarding page was confirmed."""

import secrets
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError

from backend.kit.clock import Clock
from backend.kit.database import Database
from backend.payments.ports import ConnectedAccountOrder, ConnectedAccountSnapshot, ConnectedAccountState
from backend.payments.tables import SandboxCheckoutRow, SandboxConnectedAccountRow, SandboxRefundRow, SandboxTransferRow


@dataclass(frozen=True)
class SandboxBalance:
    """What the sandbox's dashboard shows, in cents: transferred for payments, and taken back since."""

    name: str
    transferred_minor: int
    reversed_minor: int


class SandboxConnectedAccounts:
    """Keeps its accounts in a table of its own, as a provider elsewhere would."""

    def __init__(self, database: Database, now: Clock, public_url: str) -> None:
        self._database = database
        self._now = now
        self._public_url = public_url

    def create(self, order: ConnectedAccountOrder) -> ConnectedAccountSnapshot:
        """As `PaymentGateway.create_connected_account`."""
        try:
            return self._opened(order)
        except IntegrityError:
            return self._opened(order)  # asked for twice at once: the other one has opened it

    def _opened(self, order: ConnectedAccountOrder) -> ConnectedAccountSnapshot:
        with self._database.write() as session:
            query = select(SandboxConnectedAccountRow).where(
                SandboxConnectedAccountRow.professional_id == order.professional_id
            )
            found = session.scalar(query)
            if found is None:
                reference = f"test_account_{secrets.token_urlsafe(16)}"
                found = SandboxConnectedAccountRow(
                    reference=reference, professional_id=order.professional_id, name=order.name, onboarded_at=None
                )
                session.add(found)
            if found.onboarded_at is None:
                found.country = order.country
            return _snapshot(found)

    def read(self, reference: str) -> ConnectedAccountSnapshot:
        """As `PaymentGateway.read_connected_account`; an account that nobody knows can never be paid."""
        with self._database.read() as session:
            row = session.get(SandboxConnectedAccountRow, reference)
            return (
                ConnectedAccountSnapshot(reference, ConnectedAccountState.RESTRICTED) if row is None else _snapshot(row)
            )

    def onboard(self, reference: str) -> bool:
        """The professional confirmed the test page; False if there is no such account. Again changes nothing."""
        with self._database.write() as session:
            row = session.get(SandboxConnectedAccountRow, reference, with_for_update=True)
            if row is not None:
                row.onboarded_at = row.onboarded_at or self._now()
            return row is not None

    def onboarding_url(self, reference: str) -> str:
        """As `PaymentGateway.onboarding_url`."""
        return f"{self._public_url}/sandbox/onboarding/{reference}"

    def dashboard_url(self, reference: str) -> str:
        """As `PaymentGateway.dashboard_url`."""
        return f"{self._public_url}/sandbox/payouts/{reference}"

    def balance(self, reference: str) -> SandboxBalance | None:
        """What the account got and gave back; None if there is none."""
        at_once = SandboxCheckoutRow.payee_reference == reference, SandboxCheckoutRow.transferred_at_once
        sums = {
            "paid": select(func.sum(SandboxCheckoutRow.amount_minor - SandboxCheckoutRow.fee_minor)).where(
                *at_once, SandboxCheckoutRow.state == "paid"
            ),
            "back": select(func.sum(SandboxRefundRow.amount_minor - SandboxRefundRow.fee_returned_minor))
            .join(SandboxCheckoutRow, SandboxCheckoutRow.payment_reference == SandboxRefundRow.payment_reference)
            .where(*at_once, SandboxRefundRow.state != "failed"),
            "forth": _moved(reference).where(SandboxTransferRow.kind != "reversal"),
            "reversed": _moved(reference).where(SandboxTransferRow.kind == "reversal"),
        }
        with self._database.read() as session:
            row = session.get(SandboxConnectedAccountRow, reference)
            if row is None:
                return None
            cents = {name: int(session.scalar(query) or 0) for name, query in sums.items()}
            return SandboxBalance(row.name, cents["paid"] + cents["forth"], cents["back"] + cents["reversed"])


def _moved(reference: str) -> Select[int]:
    moved = SandboxTransferRow.amount_minor - SandboxTransferRow.fee_returned_minor
    return select(func.sum(moved)).where(SandboxTransferRow.payee_reference == reference)


def _snapshot(row: SandboxConnectedAccountRow) -> ConnectedAccountSnapshot:
    return ConnectedAccountSnapshot(
        row.reference, ConnectedAccountState.READY if row.onboarded_at else ConnectedAccountState.PENDING, row.country
    )
