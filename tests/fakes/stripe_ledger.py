"""What a Stripe account knows and does, for `stripe_server`: objects in the shape of its API, and balances.

Written after https://docs.stripe.com/api; where real Stripe is asked for something that this does not know, it refuses.
"""

import itertools
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

Object = dict[str, Any]
Listener = Callable[[str, Object], None]

PAYERS = "payers"
PLATFORM = "platform"
GOOD_CARD = "4242424242424242"
DECLINED_CARD = "4000000000000002"
REFUND_PENDING_CARD = "4000000000007726"  # its refunds are pending until `settle_refund`
REFUND_FAILS_CARD = "4000000000005126"  # its refunds succeed at first; the bank refuses them later
DELAYED_CARD = "delayed"  # stands for a delayed payment method, which we switch off: `settle_delayed` ends it
CARDS = {GOOD_CARD, DECLINED_CARD, REFUND_PENDING_CARD, REFUND_FAILS_CARD, DELAYED_CARD}


class StripeRefusal(Exception):
    """An answer of 4xx. `executed`: it came while acting, so that it is saved under the idempotency key."""

    def __init__(self, message: str, *, code: str | None = None, status: int = 400, executed: bool = True) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.executed = executed


class StripeLedger:
    """All objects by id, the balance of everyone, and `listeners` that get every event.

    `balances` adds up to 0 at every moment: what payers gave is the platform's or an account's.
    """

    def __init__(self, now: Callable[[], datetime], address: Callable[[], str]) -> None:
        self.lock = threading.RLock()
        self.objects: dict[str, Object] = {}
        self.balances: dict[str, int] = {PAYERS: 0, PLATFORM: 0}
        self.listeners: list[Listener] = []
        self.refuse_next_refund: str | None = None
        self.refuse_next_transfer: str | None = None
        self.refuse_next_checkout: str | None = None
        self._numbers = itertools.count(1)
        self._now = now
        self._address = address

    def now(self) -> int:
        """Seconds since 1970."""
        return int(self._now().timestamp())

    def add(self, prefix: str, kind: str, **values: Any) -> Object:
        """A new object with an id of Stripe's kind."""
        made = {"id": f"{prefix}_{next(self._numbers):024d}", "object": kind, "created": self.now(), **values}
        self.objects[made["id"]] = made
        return made

    def of_kind(self, kind: str) -> Iterator[Object]:
        """Every object of a kind, the newest first, as Stripe lists them."""
        return (found for found in reversed(list(self.objects.values())) if found["object"] == kind)

    def get(self, kind: str, reference: str) -> Object:
        """The object; `StripeRefusal` 404 if there is none."""
        found = self.objects.get(reference)
        if found is None or found["object"] != kind:
            raise StripeRefusal(f"No such {kind}: {reference}", code="resource_missing", status=404)
        return found

    def move(self, amount: int, source: str, target: str) -> None:
        """Money goes from one to another."""
        self.balances[source] = self.balances.get(source, 0) - amount
        self.balances[target] = self.balances.get(target, 0) + amount

    def tell(self, kind: str, about: Object) -> None:
        """Something happened."""
        for listener in self.listeners:
            listener(kind, about)

    # Checkout

    def open_session(self, wanted: Object) -> Object:
        """POST /v1/checkout/sessions."""
        if "payment_method_types" in wanted:
            raise StripeRefusal(
                "payment_method_types is no longer supported",
                code="payment_method_types_no_longer_supported",
                executed=False,
            )
        if wanted.get("mode") != "payment" or not wanted.get("success_url"):
            raise StripeRefusal("mode and success_url are required", code="parameter_missing", executed=False)
        if self.refuse_next_checkout:
            code, self.refuse_next_checkout = self.refuse_next_checkout, None
            raise StripeRefusal("Refused", code=code)
        item = wanted["line_items"]["0"]
        amount = int(item["price_data"]["unit_amount"]) * int(item["quantity"])
        ends = int(wanted["expires_at"])
        if not self.now() + 30 * 60 <= ends <= self.now() + 24 * 3600:
            raise StripeRefusal("expires_at must be 30 minutes to 24 hours ahead", code="parameter_invalid_integer")
        payment = wanted.get("payment_intent_data", {})
        session = self.add(
            "cs_test",
            "checkout.session",
            mode="payment",
            status="open",
            payment_status="unpaid",
            amount_total=amount,
            currency=item["price_data"]["currency"],
            name=item["price_data"]["product_data"]["name"],
            expires_at=ends,
            metadata=wanted.get("metadata", {}),
            client_reference_id=wanted.get("client_reference_id"),
            success_url=wanted["success_url"],
            cancel_url=wanted.get("cancel_url"),
            allowed_payment_method_types=list(wanted.get("allowed_payment_method_types", {}).values()),
            payment_intent=None,
            payment_intent_data=payment,
        )
        session["url"] = f"{self._address()}/c/pay/{session['id']}"
        return session

    def expire_session(self, reference: str) -> Object:
        """POST /v1/checkout/sessions/{id}/expire; refused unless it is open."""
        session = self.get("checkout.session", reference)
        if session["status"] != "open":
            raise StripeRefusal(f"This session is {session['status']}, not open", code=None)
        session.update(status="expired", url=None)
        self.tell("checkout.session.expired", session)
        return session

    def pass_time(self) -> None:
        """Sessions whose time is over end, as they do at Stripe by themselves."""
        for session in list(self.of_kind("checkout.session")):
            if session["status"] == "open" and session["expires_at"] <= self.now():
                self.expire_session(session["id"])

    def pay(self, reference: str, card: str) -> str:
        """What the hosted page does with a card: `paid`, `processing`, `declined` or `closed`."""
        with self.lock:
            self.pass_time()
            session = self.get("checkout.session", reference)
            if session["status"] != "open":
                return "closed"
            intent = self._intent_of(session)
            if card == DECLINED_CARD:
                intent["status"] = "requires_payment_method"
                self.tell("payment_intent.payment_failed", intent)
                return "declined"
            session["status"], session["url"] = "complete", None
            if card == DELAYED_CARD:
                intent["status"] = "processing"
                self.tell("checkout.session.completed", session)
                return "processing"
            self._take(session, intent, card)
            self.tell("checkout.session.completed", session)
            return "paid"

    def settle_delayed(self, reference: str, *, paid: bool) -> None:
        """A delayed payment comes, or does not."""
        with self.lock:
            session = self.get("checkout.session", reference)
            intent = self._intent_of(session)
            if paid:
                self._take(session, intent, GOOD_CARD)
            else:
                intent["status"] = "requires_payment_method"
            self.tell(f"checkout.session.async_payment_{'succeeded' if paid else 'failed'}", session)

    def _intent_of(self, session: Object) -> Object:
        if session["payment_intent"] is None:
            wanted = session["payment_intent_data"]
            fee = wanted.get("application_fee_amount")
            intent = self.add(
                "pi",
                "payment_intent",
                status="requires_payment_method",
                amount=session["amount_total"],
                amount_received=0,
                currency=session["currency"],
                metadata=wanted.get("metadata", {}),
                transfer_data=wanted.get("transfer_data"),
                transfer_group=wanted.get("transfer_group"),
                application_fee_amount=int(fee) if fee else None,
                latest_charge=None,
            )
            session["payment_intent"] = intent["id"]
        return self.objects[session["payment_intent"]]

    def _take(self, session: Object, intent: Object, card: str) -> None:
        amount, fee = intent["amount"], intent["application_fee_amount"]
        charge = self.add(
            "ch",
            "charge",
            amount=amount,
            amount_refunded=0,
            refunded=False,
            disputed=False,
            currency=intent["currency"],
            payment_intent=intent["id"],
            transfer=None,
            application_fee=None,
            card=card,
        )
        self.move(amount, PAYERS, PLATFORM)
        if intent["transfer_data"]:
            account = intent["transfer_data"]["destination"]
            transfer = self.add(
                "tr",
                "transfer",
                amount=amount,
                amount_reversed=0,
                destination=account,
                metadata={},
                transfer_group=None,
                source_transaction=charge["id"],
            )
            charge["transfer"] = transfer["id"]
            self.move(amount, PLATFORM, account)
            if fee:
                taken = self.add("fee", "application_fee", amount=fee, amount_refunded=0, account=account)
                charge["application_fee"] = taken["id"]
                self.move(fee, account, PLATFORM)
        intent.update(status="succeeded", amount_received=amount, latest_charge=charge["id"])
        session["payment_status"] = "paid"
        self.tell("payment_intent.succeeded", intent)
