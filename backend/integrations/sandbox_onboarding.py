"""The sandbox's pages for professionals: where payouts are set up, and where they are looked at.

Whoever knows an account's address may open them, as with the checkout; nobody can guess one.
"""

from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from backend.integrations.sandbox_payees import SandboxPayees
from backend.integrations.sandbox_payments import GATEWAY_NAME
from backend.kit.http import DatabaseDep, NowDep
from backend.kit.money import format_price
from backend.kit.pages import comes_from_elsewhere, our_path, page
from backend.payments.ports import PayeeState
from backend.payments.service import note_payee


def onboarding_router(payees: SandboxPayees) -> APIRouter:
    """The pages, for an app whose payments are the sandbox's."""
    pages = _PayeePages(payees)
    router = APIRouter(prefix="/sandbox", include_in_schema=False, default_response_class=HTMLResponse)
    router.add_api_route("/onboarding/{reference}", pages.show, methods=["GET"])
    router.add_api_route("/onboarding/{reference}", pages.finish, methods=["POST"])
    router.add_api_route("/payouts/{reference}", pages.payouts, methods=["GET"])
    return router


class _PayeePages:
    """The endpoints, on the sandbox's accounts."""

    def __init__(self, payees: SandboxPayees) -> None:
        self._payees = payees

    def show(self, reference: str, request: Request) -> Response:
        balance = self._payees.balance(reference)
        if balance is None:
            return _unknown()
        if self._payees.read(reference).state is PayeeState.READY:
            return RedirectResponse(our_path(request, f"/sandbox/payouts/{quote(reference)}"), 303)
        values = {
            "name": escape(balance.name),
            "path": escape(our_path(request, f"/sandbox/onboarding/{quote(reference)}")),
        }
        return page("Set up payouts", Template(_file("onboarding.html")).substitute(values))

    def finish(self, reference: str, request: Request, database: DatabaseDep, now: NowDep) -> Response:
        if not comes_from_elsewhere(request) and self._payees.onboard(reference):
            with database.write() as session:  # as a provider's webhook would; else the app asks
                note_payee(session, GATEWAY_NAME, self._payees.read(reference), now)
        return RedirectResponse(our_path(request, f"/sandbox/onboarding/{quote(reference)}"), 303)

    def payouts(self, reference: str) -> Response:
        balance = self._payees.balance(reference)
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
    values = {"headline": "This account does not exist.", "words": words, "details": ""}
    return page("Payouts", Template(_file("outcome.html")).substitute(values), status=404)


@cache
def _file(name: str) -> str:
    return files("backend.integrations").joinpath("pages", name).read_text("utf-8")
