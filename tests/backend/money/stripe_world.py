"""The backend with Stripe, as far as our fake of it goes, where everything between the two can go wrong on purpose."""

import random
from contextlib import suppress
from typing import Any

import httpx

from backend.auth.service import PasswordHasher
from backend.bookings.tables import BookingRow
from backend.integrations.stripe.payments import StripeGateway
from backend.payments.ports import PaymentGateway
from backend.settings import Settings
from tests.backend.money.provider_ledger import ProviderLedger, stripe_ledger
from tests.backend.money.worlds import GAP_S, PUBLIC_URL, World
from tests.backend.stage import NO_MAIL_SERVER, Person
from tests.fakes.stripe_disputes import decide_dispute, open_dispute
from tests.fakes.stripe_ledger import DELAYED_CARD, StripeRefusal
from tests.fakes.stripe_refunds import finish_onboarding, give_refund, restrict, settle_refund, transfer_at_once
from tests.fakes.stripe_server import StripeServer
from tests.stage.databases import Databases


class StripeWorld(World):
    """With Stripe, as far as our fake of it goes."""

    cards = (*World.cards, DELAYED_CARD)

    def __init__(self, databases: Databases, passwords: PasswordHasher) -> None:
        self.server = StripeServer(lambda: self.clock())
        self.server.webhooks.send = self._send
        self.server.start()
        super().__init__(databases, passwords)

    def _settings(self, url: str) -> Settings:
        return Settings.model_validate(
            {
                "database_url": url,
                "public_url": PUBLIC_URL,
                "stripe_secret_key": self.server.key,
                "stripe_webhook_secret": self.server.webhooks.secret,
                "stripe_api_base": self.server.url,
                **NO_MAIL_SERVER,
                "attendance_gap_seconds": GAP_S,
                "rate_limits": "off",
            }
        )

    def _gateway(self) -> PaymentGateway:
        return StripeGateway(self.server.key, PUBLIC_URL, api_base=self.server.url)

    def _professional(self, name: str) -> Person:
        professional = self.backend.professional(name, "UTC", onboarded=False)
        httpx.post(professional.post("/professional/payouts", json={"country": "DE"}).json()["url"], timeout=60)
        self.tell()
        return professional

    def _send(self, body: bytes, signature: str) -> int:
        headers = {"Stripe-Signature": signature}
        answer: httpx.Response = self.client.post("/stripe/webhook", content=body, headers=headers)
        return answer.status_code

    def pay(self, booking: BookingRow, card: str, *, reported: bool) -> None:
        before = len(self.server.webhooks.waiting)
        self.server.ledger.pay(str(booking.checkout_reference), card)
        if not reported:
            del self.server.webhooks.waiting[before:]

    def transfer_at_once(self, booking: BookingRow) -> None:
        account = str(booking.payee_reference)
        transfer_at_once(self.server.ledger, str(booking.checkout_reference), account, booking.fee_minor)

    def refund_elsewhere(self, payment_reference: str, amount_minor: int, *, reverses: bool) -> None:
        wanted = {"payment_intent": payment_reference, "amount": str(amount_minor)}
        charge = next(
            each for each in self.server.ledger.of_kind("charge") if each["payment_intent"] == payment_reference
        )
        if reverses and charge["transfer"]:
            wanted |= {"reverse_transfer": "true", "refund_application_fee": "true"}
        with self.server.ledger.lock, suppress(StripeRefusal):
            give_refund(self.server.ledger, wanted)

    def dispute(self, payment_reference: str, amount_minor: int) -> None:
        with suppress(StripeRefusal):
            open_dispute(self.server.ledger, payment_reference, amount_minor)

    def decide_dispute(self, pick: int, *, won: bool) -> None:
        found = [each for each in self.server.ledger.of_kind("dispute") if each["status"] == "needs_response"]
        if found:
            decide_dispute(self.server.ledger, found[pick % len(found)]["id"], "won" if won else "lost")

    def excused(self) -> set[int]:
        traffic = self.server.traffic
        return super().excused() | ({503} if traffic.down or traffic.faults else set())

    def provider(self) -> ProviderLedger:
        return stripe_ledger(self.server.ledger)

    def calm(self) -> None:
        super().calm()
        self.server.traffic.down = False
        self.server.traffic.faults.clear()
        self.server.ledger.refuse_next_refund = None
        self.server.ledger.refuse_next_transfer = None
        for account in list(self.server.ledger.of_kind("account")):
            if account["capabilities"]["transfers"] != "active":
                finish_onboarding(self.server.ledger, account["id"])

    def tell(self, *, times: int = 1, shuffle: random.Random | None = None) -> None:
        self.server.webhooks.deliver(times=times, shuffle=shuffle)

    def finish(self) -> None:
        for refund in self.refunds("pending"):
            settle_refund(self.server.ledger, refund["id"], "succeeded")
        for reference in self.delayed():
            self.server.ledger.settle_delayed(reference, paid=False)
        for number, _account in enumerate(list(self.server.ledger.of_kind("account"))):
            self.set_connected_account(number, ready=True)

    def refunds(self, status: str) -> list[dict[str, Any]]:
        """Stripe's refunds of one status, the oldest first."""
        return [found for found in self.server.ledger.of_kind("refund") if found["status"] == status][::-1]

    def settle_refund(self, reference: str, status: str) -> None:
        """The bank's answer comes."""
        settle_refund(self.server.ledger, reference, status)

    def delayed(self) -> list[str]:
        """Checkouts whose delayed payment has neither come nor failed."""
        ledger = self.server.ledger
        waiting = (found for found in ledger.of_kind("payment_intent") if found["status"] == "processing")
        intents = {found["id"] for found in waiting}
        return [found["id"] for found in ledger.of_kind("checkout.session") if found["payment_intent"] in intents]

    def set_connected_account(self, which: int, *, ready: bool) -> None:
        """Stripe wants something of a professional, or has got it."""
        accounts = list(self.server.ledger.of_kind("account"))
        (finish_onboarding if ready else restrict)(self.server.ledger, accounts[which % len(accounts)]["id"])

    def close(self) -> None:
        super().close()
        self.server.stop()
