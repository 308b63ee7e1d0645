"""Professionals' accounts at Stripe Connect, opened and kept on Stripe's own pages.

New platforms open accounts by Accounts v2 (https://docs.stripe.com/connect/accounts-v2/account-creation). They are read
by v1, whose `details_submitted` says what v2 does not: whether somebody was ever through with the pages. Stripe
collects who they are and shows them their payouts; the platform pays Stripe's fees and stands for what cannot be taken
back from them.
"""

from hashlib import sha256

import stripe
from stripe.params.v2.core import AccountCreateParams

from backend.integrations.stripe.client import asking, is_unknown
from backend.integrations.stripe.snapshots import connected_account_snapshot
from backend.payments.ports import ConnectedAccountOrder, ConnectedAccountSnapshot, ConnectedAccountState


class StripeConnectedAccounts:
    """The connected accounts of one platform; `pages_url` is where Stripe's pages lead back to."""

    def __init__(self, client: stripe.StripeClient, pages_url: str) -> None:
        self._openings = client.v2.core.accounts
        self._links = client.v2.core.account_links
        self._accounts = client.v1.accounts
        self._pages_url = pages_url

    def open(self, order: ConnectedAccountOrder) -> ConnectedAccountSnapshot:
        """As `PaymentGateway.create_connected_account`."""
        with asking("open an account"):
            opened = self._openings.create(account_params(order), options={"idempotency_key": account_key(order)})
            return connected_account_snapshot(self._accounts.retrieve(opened.id))

    def read(self, reference: str) -> ConnectedAccountSnapshot:
        """As `PaymentGateway.read_connected_account`; an account that was closed or taken from us cannot be paid."""
        with asking("tell of an account"):
            try:
                return connected_account_snapshot(self._accounts.retrieve(reference))
            except (stripe.InvalidRequestError, stripe.PermissionError) as error:
                if not (is_unknown(error) or error.code == "account_invalid"):
                    raise
                return ConnectedAccountSnapshot(reference, ConnectedAccountState.RESTRICTED)

    def onboarding_url(self, reference: str) -> str:
        """As `PaymentGateway.onboarding_url`: good once and for minutes, so it is made each time."""
        with asking("open its onboarding page"):
            link = self._links.create(
                {
                    "account": reference,
                    "use_case": {
                        "type": "account_onboarding",
                        "account_onboarding": {
                            "return_url": f"{self._pages_url}/onboarded",
                            "refresh_url": f"{self._pages_url}/onboarding-again",
                        },
                    },
                }
            )
            return link.url

    def dashboard_url(self, reference: str) -> str | None:
        """As `PaymentGateway.dashboard_url`; Stripe refuses while the account is not set up."""
        with asking("open its dashboard"):
            try:
                return self._accounts.login_links.create(reference).url
            except (stripe.InvalidRequestError, stripe.PermissionError):
                return None


def account_params(order: ConnectedAccountOrder) -> AccountCreateParams:
    """The request for an account that transfers can go to. It keeps its country; Stripe asks for all the rest."""
    return {
        "contact_email": order.email,
        "display_name": order.name,
        "identity": {"country": order.country.lower()},
        "dashboard": "express",
        "configuration": {
            "recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}},
        },
        "defaults": {"responsibilities": {"fees_collector": "application", "losses_collector": "application"}},
        "metadata": {"professional_id": str(order.professional_id)},
    }


def account_key(order: ConnectedAccountOrder) -> str:
    """The idempotency key. Stripe refuses one that comes again with anything else, so what may change is part of it.

    Who changes name, email or country between a lost answer and the next try has an unused account more; no money gets
    there.
    """
    details = sha256(f"{order.name}\n{order.email}\n{order.country}".encode()).hexdigest()[:16]
    return f"payee:{order.professional_id}:{details}"
