"""The fake Stripe's pages for people: paying, and saying who one is."""

import html

from tests.fakes.stripe_ledger import StripeLedger
from tests.fakes.stripe_refunds import finish_onboarding
from tests.fakes.stripe_traffic import Answer

_HTML = {"Content-Type": "text/html; charset=utf-8"}


def page_answer(ledger: StripeLedger, method: str, path: str, form: dict[str, str]) -> Answer:
    """The page at `path`, or what its form does; 404 for any other."""
    match path.strip("/").split("/"):
        case ["c", "pay", reference]:
            return _paid(ledger, reference, form) if method == "POST" else _pay_page(ledger, reference)
        case ["onboarding", reference]:
            return _onboarded(ledger, reference) if method == "POST" else _onboarding_page(reference)
    return Answer(404, b"not found", _HTML)


def _pay_page(ledger: StripeLedger, reference: str, alert: str = "", status: int = 200) -> Answer:
    session = ledger.objects.get(reference)
    if session is None or session["status"] != "open":
        return _page("<p>You are all done here.</p>")
    price = f"{session['amount_total'] / 100:.2f} {session['currency'].upper()}"
    return _page(
        f"<h1>{html.escape(session['name'])}</h1><p>{price}</p><p role=alert>{html.escape(alert)}</p>"
        '<form method="post"><label>Card number <input name="card_number"></label><button>Pay</button></form>'
        f'<a href="{html.escape(session["cancel_url"] or "")}">Back</a>',
        status,
    )


def _paid(ledger: StripeLedger, reference: str, form: dict[str, str]) -> Answer:
    outcome = ledger.pay(reference, form.get("card_number", "").replace(" ", ""))
    if outcome == "declined":
        return _pay_page(ledger, reference, "Your card was declined.", 402)
    if outcome == "closed":
        return _pay_page(ledger, reference)
    return Answer(303, b"", {"Location": ledger.objects[reference]["success_url"]})


def _onboarding_page(reference: str) -> Answer:
    return _page(f'<h1>Who are you?</h1><form method="post"><button>I am {html.escape(reference)}</button></form>')


def _onboarded(ledger: StripeLedger, reference: str) -> Answer:
    finish_onboarding(ledger, reference)
    return Answer(303, b"", {"Location": ledger.objects[reference]["return_url"]})


def _page(body: str, status: int = 200) -> Answer:
    return Answer(status, f"<!doctype html><title>Stripe (fake)</title>{body}".encode(), _HTML)
