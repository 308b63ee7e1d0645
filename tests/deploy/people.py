"""The two people of one session: a professional who uses the API and a user at a browser; both at the call page."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from playwright.sync_api import Page, expect

from tests.callpage.people import READ_HZ, READ_NUMBER, VOICE
from tests.e2e.driving import Person
from tests.stage.deployed.topology import Topology
from tests.waiting import eventually

PASSWORD = "a long enough password"
CODE = re.compile(r"(\d{6}) is your Rendezvous code")
PATIENCE_S, PATIENCE_MS = 60, 60_000


def code_for(topology: Topology, email: str) -> str:
    """From the newest mail that the mail server has taken for that address."""

    def look() -> str | None:
        codes = [CODE.search(str(mail["Subject"])) for mail in topology.mail.taken if email in str(mail["To"])]
        return next((found[1] for found in reversed(codes) if found), None)

    return eventually(look, f"a code for {email}", limit_s=PATIENCE_S)


@dataclass
class Professional:
    """Signed up, confirmed, able to be paid, with one hour published."""

    api: httpx.Client
    name: str

    @classmethod
    def with_an_hour(cls, topology: Topology, name: str, starts: dt.datetime, zone: str) -> "Professional":
        api = topology.stranger(base_url=topology.app_url)
        email = "vera@example.com"
        body = {"email": email, "password": PASSWORD, "name": name, "role": "professional", "time_zone": zone}
        signed_in = _right(api.post("/auth/sign-up", json=body))
        api.headers["Authorization"] = f"Bearer {signed_in['token']}"
        _right(api.post("/auth/me/email-code"))
        _right(api.post("/auth/me/email-code/confirm", json={"code": code_for(topology, email)}))
        onboarding = _right(api.post("/professional/payouts", json={"country": "DE"}))["url"]
        api.post(onboarding)
        eventually(lambda: api.get("/professional/payouts").json()["state"] == "ready", "payouts are set up")
        local = starts.astimezone(ZoneInfo(zone))
        hour = {"date": f"{local:%Y-%m-%d}", "start_time": f"{local:%H:%M}", "price": "45.00", "repeat_weeks": 0}
        hour["end_time"] = f"{local + dt.timedelta(minutes=45):%H:%M}"
        _right(api.post("/professional/sessions/availability", json=hour))
        return cls(api, name)

    def sessions(self) -> list[dict[str, Any]]:
        """Those to come."""
        found: list[dict[str, Any]] = _right(self.api.get("/professional/sessions"))["items"]
        return found

    def call_url(self, session: str) -> str:
        """The call page of one's own."""
        return str(_right(self.api.post(f"/sessions/{session}/generate-call-link"))["call_url"])


def _right(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


def stripe_tells(topology: Topology) -> None:
    """Of everything that it has not told, and twice, as it may."""

    def send(body: bytes, signature: str) -> int:
        with topology.stranger() as client:
            headers = {"Stripe-Signature": signature, "Content-Type": "application/json"}
            return client.post(f"{topology.app_url}/stripe/webhook", content=body, headers=headers).status_code

    topology.stripe.webhooks.send = send
    assert set(topology.stripe.webhooks.deliver(times=2)) == {200}


def book_and_pay(user: Person, topology: Topology, email: str, professional: str, start: str) -> None:
    """From the search to "Booked and paid", by way of the code from the mail and Stripe's page."""
    user.sees("Find")
    user.enter("Search", professional)
    user.press(professional, exact=False)
    user.button(f"{start} to", exact=False).click()
    user.press(f"Book {start}, $45.00")
    user.sees(f"We sent a code to {email}.")
    user.enter("Code", code_for(topology, email))
    user.press("Confirm and book")
    user.sees("Back out")
    with user.context.expect_page() as opened:
        user.press("Pay $45.00")
    checkout = opened.value
    checkout.get_by_label("Card number").fill("4242 4242 4242 4242")
    checkout.get_by_role("button", name="Pay", exact=True).click()
    checkout.get_by_text("Thank you.").wait_for()
    checkout.close()
    stripe_tells(topology)
    user.sees("Booked and paid")
    user.press("Go to my sessions")


@dataclass
class Caller:
    """Somebody at a call page."""

    page: Page
    name: str

    def join(self) -> None:
        """Through the preview."""
        eventually(lambda: self.number("preview"), f"{self.name}'s camera", limit_s=PATIENCE_S)
        self.page.get_by_role("button", name="Join", exact=True).click()
        expect(self.page.locator("main.stage")).to_be_visible(timeout=PATIENCE_MS)

    def number(self, tile: str = "other") -> int | None:
        """Which numbered picture a tile shows."""
        found: int | None = self.page.evaluate(READ_NUMBER, tile)
        return found

    def sees(self, numbers: range) -> None:
        """A picture of the other's, and then another one: it moves."""
        first = eventually(lambda: (self.number() or -1) in numbers and self.number(), f"{self.name} sees {numbers}")
        eventually(
            lambda: (now := self.number()) in numbers and now != first, f"{self.name} sees more", limit_s=PATIENCE_S
        )

    def hears(self, hz: float) -> None:
        """The other's tone."""

        def heard() -> bool:
            found = self.page.evaluate(READ_HZ, VOICE)
            return bool(found and abs(found["hz"] - hz) < 20 and found["db"] > -60)

        eventually(heard, f"{self.name} hears {hz} Hz", limit_s=PATIENCE_S)

    def end(self) -> None:
        self.page.get_by_role("button", name="End call", exact=True).click()
        self.page.locator("main.stage").wait_for(state="detached", timeout=PATIENCE_MS)
