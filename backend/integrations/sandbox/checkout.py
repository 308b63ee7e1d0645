"""The sandbox's payment page, where a person pays with test money as they would on a provider's own page.

Whoever knows a checkout's address may pay it, which is all that it is for; nobody can guess one, and there is no
cookie that another site could make use of.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from backend.bookings.service.money.payment_events import apply_payment_event
from backend.integrations.sandbox.payments import (
    DECLINED_CARD,
    GATEWAY_NAME,
    GOOD_CARDS,
    CardAnswer,
    SandboxGateway,
    SandboxOrder,
)
from backend.kit.database import Database
from backend.kit.http import DatabaseDep, NowDep
from backend.kit.money import format_price
from backend.kit.pages import comes_from_elsewhere, our_path, page
from backend.payments.ports import CheckoutState, event_of
from backend.payments.tables import PaymentEventRow

Typed = Annotated[str, Form(max_length=60)]

# Filled in already: trying the product out should not mean typing a number from memory.
_PRESET = {"card_number": "4242 4242 4242 4242", "expiry": "12/34", "cvc": "123"}
_EXPIRY = re.compile(r"(0[1-9]|1[0-2])\s*/?\s*(\d{2}|20\d{2})", re.ASCII)
_ALERTS = {
    CardAnswer.DECLINED: "The card was declined. Nothing was paid. You can try again or use another card.",
    CardAnswer.UNKNOWN_CARD: "This is not one of the test cards. Nothing was paid.",
}


def sandbox_router(gateway: SandboxGateway) -> APIRouter:
    """The page and its two forms, for an app whose payments are the sandbox's."""
    pages = _CheckoutPages(gateway)
    router = APIRouter(prefix="/sandbox/checkout", include_in_schema=False, default_response_class=HTMLResponse)
    router.add_api_route("/{reference}", pages.show, methods=["GET"])
    router.add_api_route("/{reference}/pay", pages.pay, methods=["POST"])
    router.add_api_route("/{reference}/pay", _back_to, methods=["GET"])  # who loads again where a form was answered
    router.add_api_route("/{reference}/cancel", pages.cancel, methods=["POST"])
    return router


class _CheckoutPages:
    """The endpoints, on a gateway."""

    def __init__(self, gateway: SandboxGateway) -> None:
        self._gateway = gateway

    def show(self, reference: str, request: Request, database: DatabaseDep, now: NowDep) -> Response:
        order = self._gateway.order(reference)
        if order is None:
            return _outcome("This payment does not exist.", "Please start again in Rendezvous.", status=404)
        if order.is_open(now):
            return _form(request, order, now)
        return _closed(order, database)

    def pay(
        self,
        reference: str,
        request: Request,
        database: DatabaseDep,
        now: NowDep,
        card_number: Typed = "",
        expiry: Typed = "",
        cvc: Typed = "",
    ) -> Response:
        order = self._gateway.order(reference)
        if order is None or not order.is_open(now) or comes_from_elsewhere(request):
            return _back_to(reference, request)
        typed = {"card_number": card_number, "expiry": expiry, "cvc": cvc}
        errors = _field_errors(typed, now)
        if errors:
            return _form(request, order, now, typed=typed, errors=errors, status=422)
        answer = self._gateway.pay(reference, _digits(card_number))
        if answer in _ALERTS:
            return _form(request, order, now, typed=typed, alert=_ALERTS[answer], status=402)
        self._settle(database, order, now)
        return _back_to(reference, request)

    def cancel(self, reference: str, request: Request, database: DatabaseDep, now: NowDep) -> Response:
        order = self._gateway.order(reference)
        if order is not None and not comes_from_elsewhere(request):
            self._gateway.expire_checkout(reference)
            self._settle(database, order, now)
        return _back_to(reference, request)

    def _settle(self, database: Database, order: SandboxOrder, now: datetime) -> None:
        """Applies the payment to the booking, as a provider's webhook would; if that fails, the worker asks later."""
        event = event_of(GATEWAY_NAME, order.booking_id, self._gateway.read_checkout(order.reference), now)
        if event is not None:
            with database.write() as session:
                apply_payment_event(session, event, now)


def _path(request: Request, reference: str) -> str:
    return our_path(request, f"/sandbox/checkout/{quote(reference)}")


def _back_to(reference: str, request: Request) -> RedirectResponse:
    return RedirectResponse(_path(request, reference), 303)


def _digits(text: str) -> str:
    return re.sub(r"[\s-]", "", text)


def _field_errors(typed: Mapping[str, str], now: datetime) -> dict[str, str]:
    errors = {}
    if not re.fullmatch(r"[0-9]{12,19}", _digits(typed["card_number"])):
        errors["card_number"] = "Please type the card's digits, for example 4242 4242 4242 4242."
    expiry = _EXPIRY.fullmatch(typed["expiry"].strip())
    if expiry is None:
        errors["expiry"] = "Please type month and year, for example 12/34."
    elif (2000 + int(expiry[2]) % 100, int(expiry[1])) < (now.year, now.month):
        errors["expiry"] = "This card has expired."
    if not re.fullmatch(r"[0-9]{3,4}", typed["cvc"].strip()):
        errors["cvc"] = "Please type the three or four digits."
    return errors


@cache
def _file(name: str) -> str:
    return files("backend.integrations").joinpath("pages", name).read_text("utf-8")


def _form(
    request: Request,
    order: SandboxOrder,
    now: datetime,
    *,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    alert: str = "",
    status: int = 200,
) -> HTMLResponse:
    typed, errors = typed or _PRESET, errors or {}
    seconds_left = max(0, int((order.expires_at - now).total_seconds()))
    values = {
        "title": escape(order.title),
        "when": escape(order.when),
        "price": _price(order),
        "path": escape(_path(request, order.reference)),
        "seconds_left": str(seconds_left),
        "left": f"{seconds_left // 60} min" if seconds_left >= 60 else f"{seconds_left} s",
        "alert": f'<p class="notice bad" role="alert">{escape(alert)}</p>' if alert else "",
    }
    for name in ("card_number", "expiry", "cvc"):
        values[name] = escape(_shown_again(name, typed.get(name, "")))
        error = errors.get(name)
        values[f"{name}_state"] = f'aria-invalid="true" aria-describedby="{name}_error"' if error else ""
        values[f"{name}_error"] = f'<p class="error" id="{name}_error">{escape(error)}</p>' if error else ""
    return page("Pay", Template(_file("checkout.html")).substitute(values), script=_file("checkout.js"), status=status)


def _shown_again(name: str, text: str) -> str:
    """What was typed, without the number of a card that is not a test card: it might be a real one."""
    if name == "card_number" and _digits(text) not in GOOD_CARDS | {DECLINED_CARD}:
        return ""
    return text


def _price(order: SandboxOrder) -> str:
    return f"${format_price(order.amount_minor)}"


def _closed(order: SandboxOrder, database: Database) -> HTMLResponse:
    if order.state is not CheckoutState.PAID:
        return _outcome(
            "Nothing was paid.", "This payment was cancelled or its time ran out. You can go back to Rendezvous."
        )
    with database.read() as session:
        event = session.get(PaymentEventRow, (GATEWAY_NAME, f"{order.reference}:{CheckoutState.PAID}"))
        refund_due = event is not None and event.outcome == "refund_due"
    if refund_due:
        words = "You paid, but this time was no longer free. Your test money goes back to you."
        return _outcome("This time could not be booked.", words, order)
    return _outcome("Paid.", "You can go back to Rendezvous.", order)


def _outcome(headline: str, words: str, order: SandboxOrder | None = None, *, status: int = 200) -> HTMLResponse:
    details = ""
    if order is not None:
        line = f"{order.title}, {order.when}, {_price(order)}"
        details = f'<p class="quiet">{escape(line)}</p>'
    values = {"headline": escape(headline), "words": f"<p>{escape(words)}</p>" if words else "", "details": details}
    values["place"] = "my-sessions"
    return page("Payment", Template(_file("outcome.html")).substitute(values), status=status)
