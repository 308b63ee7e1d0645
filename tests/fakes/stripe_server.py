"""Stripe's HTTP interface on loopback, with a memory: what the SDK and a browser talk to in tests.

    with StripeServer() as stripe:
        gateway = StripeGateway(stripe.key, "http://backend.test", api_base=stripe.url)

`stripe.ledger` is what Stripe knows, `stripe.traffic` what goes wrong on the way, `stripe.webhooks` what it tells.
"""

import contextlib
import copy
import json
import re
import threading
from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from backend.kit.clock import utc_now
from tests.fakes.stripe_ledger import Object, StripeLedger, StripeRefusal
from tests.fakes.stripe_lists import listed
from tests.fakes.stripe_pages import page_answer
from tests.fakes.stripe_refunds import give_refund, open_account, reverse_by_hand, transfer
from tests.fakes.stripe_traffic import Answer, Lost, Traffic, error_answer
from tests.fakes.stripe_webhooks import Webhooks

KEY = "sk_test_of_the_fake_stripe"
WEBHOOK_SECRET = "whsec_of_the_fake_stripe"

Act = Callable[[Object], Object]


class StripeServer:
    """The fake, from `start` (or `with`) to `stop`."""

    def __init__(self, now: Callable[[], datetime] = utc_now) -> None:
        self.key = KEY
        self.traffic = Traffic()
        self.webhooks = Webhooks(WEBHOOK_SECRET)
        self.ledger = StripeLedger(now, lambda: self.url)
        self.ledger.listeners.append(self.webhooks.note)
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"stripe": self}))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), name="stripe")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    def start(self) -> Self:
        """Answers from now on."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Answers no more."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def api(self, method: str, path: str, params: Object, key: str | None, authorization: str) -> Answer:
        """The answer to a request of the API."""
        if authorization != f"Bearer {self.key}":
            return error_answer(401, "Invalid API Key provided")

        def act() -> dict[str, Any]:
            with self.ledger.lock:
                self.ledger.pass_time()
                return _expanded(self.ledger, self._act(method, path)(params), _paths(params.get("expand")))

        return self.traffic.answer(f"{method} {path}", json.dumps(params, sort_keys=True), key, act)

    def _act(self, method: str, path: str) -> Act:
        ledger = self.ledger
        routes: dict[str, Callable[[str], Act]] = {
            r"POST /v1/checkout/sessions": lambda _: ledger.open_session,
            r"GET /v1/checkout/sessions/(\w+)": lambda found: lambda _: ledger.get("checkout.session", found),
            r"POST /v1/checkout/sessions/(\w+)/expire": lambda found: lambda _: ledger.expire_session(found),
            r"GET /v1/payment_intents/(\w+)": lambda found: lambda _: ledger.get("payment_intent", found),
            r"POST /v1/refunds": lambda _: lambda wanted: give_refund(ledger, wanted),
            r"GET /v1/refunds": lambda _: lambda wanted: listed(ledger, "refund", wanted),
            r"GET /v1/payment_intents": lambda _: lambda wanted: listed(ledger, "payment_intent", wanted),
            r"GET /v1/disputes": lambda _: lambda wanted: listed(ledger, "dispute", wanted),
            r"GET /v1/transfers": lambda _: lambda wanted: listed(ledger, "transfer", wanted),
            r"POST /v1/transfers": lambda _: lambda wanted: transfer(ledger, wanted),
            r"GET /v1/transfers/(\w+)/reversals": lambda found: (
                lambda wanted: listed(ledger, "transfer_reversal", wanted | {"transfer": found})
            ),
            r"POST /v1/transfers/(\w+)/reversals": lambda found: lambda wanted: reverse_by_hand(ledger, found, wanted),
            r"GET /v1/refunds/(\w+)": lambda found: lambda _: ledger.get("refund", found),
            r"POST /v2/core/accounts": lambda _: lambda wanted: open_account(ledger, wanted),
            r"GET /v1/accounts/(\w+)": lambda found: lambda _: ledger.get("account", found),
            r"POST /v2/core/account_links": lambda _: self._onboarding_link,
            r"POST /v1/accounts/(\w+)/login_links": lambda found: lambda _: self._login_link(found),
        }
        for pattern, route in routes.items():
            if matched := re.fullmatch(pattern, f"{method} {path}"):
                return route(matched[1] if matched.groups() else "")
        raise StripeRefusal(f"Unrecognized request URL ({method}: {path})", status=404, executed=False)

    def _onboarding_link(self, wanted: Object) -> Object:
        account = self.ledger.get("account", wanted["account"])
        account["return_url"] = wanted["use_case"]["account_onboarding"]["return_url"]
        link = self.ledger.add("link", "v2.core.account_link", account=account["id"])
        return {"url": f"{self.url}/onboarding/{account['id']}?link={link['id']}", "object": "v2.core.account_link"}

    def _login_link(self, reference: str) -> Object:
        account = self.ledger.get("account", reference)
        if not account["details_submitted"]:
            raise StripeRefusal("Cannot create a login link for an account that has not completed onboarding")
        return {"object": "login_link", "created": self.ledger.now(), "url": f"{self.url}/express/{reference}"}


def _paths(expand: Any) -> list[str]:
    return list(expand.values()) if isinstance(expand, dict) else list(expand or [])


def _expanded(ledger: StripeLedger, found: Object, paths: list[str]) -> Object:
    """A copy in which the objects stand where `expand` names their ids."""
    made = copy.deepcopy(found)
    for path in paths:
        if path.startswith("data."):
            made["data"] = [_expanded(ledger, each, [path.removeprefix("data.")]) for each in made["data"]]
            continue
        here = made
        for name in path.split("."):
            value = here.get(name)
            if isinstance(value, str) and value in ledger.objects:
                here[name] = copy.deepcopy(ledger.objects[value])
            if not isinstance(here.get(name), dict):
                break
            here = here[name]
    return made


def nested(pairs: list[tuple[str, str]]) -> Object:
    """Stripe's form encoding: `a[b][0][c]=x` is {"a": {"b": {"0": {"c": "x"}}}}."""
    made: Object = {}
    for name, value in pairs:
        first, *rest = re.findall(r"[^\[\]]+", name)
        here = made
        for step in [first, *rest][:-1]:
            here = here.setdefault(step, {})
        here[[first, *rest][-1]] = value
    return made


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet: two would wait 40 ms for each other's acknowledgement
    stripe: StripeServer  # set in the subclass that each server makes for itself

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def _serve(self, method: str) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        sent = self.rfile.read(length)
        if len(sent) < length:  # who asked was killed half-way: no server acts on half a request
            self.close_connection = True
            return
        body = sent.decode()
        address = urlsplit(self.path)
        try:
            if address.path.startswith(("/v1/", "/v2/")):
                answer = self._api(method, address.path, address.query, body)
            else:
                answer = page_answer(self.stripe.ledger, method, address.path, dict(parse_qsl(body)))
        except Lost:
            self.close_connection = True
            return
        self._send(answer)

    def _api(self, method: str, path: str, query: str, body: str) -> Answer:
        if "json" in (self.headers.get("Content-Type") or ""):
            params = json.loads(body)
        else:
            params = nested(parse_qsl(body if method == "POST" else query, keep_blank_values=True))
        key = self.headers.get("Idempotency-Key") if method == "POST" else None
        return self.stripe.api(method, path, params, key, self.headers.get("Authorization") or "")

    def _send(self, answer: Answer) -> None:
        with contextlib.suppress(ConnectionError):  # who asked may have given up meanwhile
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(answer.body)))
            self.send_header("Request-Id", "req_fake")
            for name, value in ({"Content-Type": "application/json"} | answer.headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a test's output is its own."""
