"""The sandbox's pages for professionals: where payouts are set up, and where they are shown.

Whoever knows an account's address may open them, as with the checkout; nobody can guess one.
"""

from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from backend.integrations.sandbox.connected_accounts import SandboxConnectedAccounts
from backend.integrations.sandbox.payments import GATEWAY_NAME
from backend.kit.http import DatabaseDep, NowDep
from backend.kit.money import format_price
from backend.kit.pages import comes_from_elsewhere, our_path, page
from backend.payments.ports import ConnectedAccountState
from backend.payments.service import update_connected_account


def onboarding_router(connected_accounts: SandboxConnectedAccounts) -> APIRouter:
    """The pages, for an app whose payments are the sandbox's."""
    pages = _ConnectedAccountPages(connected_accounts)
    router = APIRouter(prefix="/sandbox", include_in_schema=False, default_response_class=HTMLResponse)
    router.add_api_route("/onboarding/{reference}", pages.show, methods=["GET"])
    router.add_api_route("/onboarding/{reference}", pages.finish, methods=["POST"])
    router.add_api_route("/payouts/{reference}", pages.payouts, methods=["GET"])
    return router


class _ConnectedAccountPages:
    """The endpoints, on the sandbox's accounts."""

    def __init__(self, connected_accounts: SandboxConnectedAccounts) -> None:
        self._connected_accounts = connected_accounts

    def show(self, reference: str, request: Request) -> Response:
        balance = self._connected_accounts.balance(reference)
        if balance is None:
            return _unknown()
        if self._connected_accounts.read(reference).state is ConnectedAccountState.READY:
            return RedirectResponse(our_path(request, f"/sandbox/payouts/{quote(reference)}"), 303)
        values = {
            "name": escape(balance.name),
            "path": escape(our_path(request, f"/sandbox/onboarding/{quote(reference)}")),
        }
        return page("Set up payouts", Template(_file("onboarding.html")).substitute(values))

    def finish(self, reference: str, request: Request, database: DatabaseDep, now: NowDep) -> Response:
        if not comes_from_elsewhere(request) and self._connected_accounts.onboard(reference):
            with database.write() as session:  # as a provider's webhook would; else the app asks
                update_connected_account(session, GATEWAY_NAME, self._connected_accounts.read(reference), now)
        return RedirectResponse(our_path(request, f"/sandbox/onboarding/{quote(reference)}"), 303)

    def payouts(self, reference: str) -> Response:
        balance = self._connected_accounts.balance(reference)
        if balance is None:
            return _unknown()
        left = balance.transferred_minor - balance.reversed_minor
        values = {
            "headline": "Your payouts are set up." if not balance.transferred_minor else "Your test payouts",
            "name": escape(balance.name),
            "transferred": f"${format_price(balance.transferred_minor)}",
            "reversed": f"${format_price(balance.reversed_minor)}",
            "balance": f"${format_price(left)}",
        }
        return page("Payouts", Template(_file("payouts.html")).substitute(values))


def _unknown() -> HTMLResponse:
    words = "<p>Please start again from Earnings in Rendezvous.</p>"
    values = {"headline": "This account does not exist.", "words": words, "details": "", "place": "earnings"}
    return page("Payouts", Template(_file("outcome.html")).substitute(values), status=404)


@cache
def _file(name: str) -> str:
    return files("backend.integrations").joinpath("pages", name).read_text("utf-8")
