"""What backend tests stand on: a clock that tests move, and people who act over HTTP."""

import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import update

from backend.auth.tables import AccountRow
from backend.calls.tables import PresenceIntervalRow
from backend.kit.database import Database

START = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
"""A Monday morning, before any of that year's clock changes."""

NO_MAIL_SERVER = {"smtp_url": "smtp+plain://127.0.0.1:9", "mail_from": "no-reply@example.com"}
"""Settings of a backend outside the demo whose mails stay in the outbox: nobody listens there."""

PASSWORD = "correct horse battery"
_numbers = itertools.count(1)


class MovableClock:
    """Stands still until `move` or `set`."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **length: float) -> datetime:
        """Goes on by a timedelta's arguments: `move(minutes=5)`."""
        self.now += timedelta(**length)
        return self.now

    def set(self, now: datetime) -> None:
        """Goes to an instant."""
        self.now = now


def both_were_there(database: Database, booking: dict[str, Any]) -> None:
    """Both people had one connection to the session's room, from its start to its end."""
    with database.write() as session:
        for role in ("professional", "user"):
            session.add(
                PresenceIntervalRow(
                    participant_sid=f"PA_{role}_{booking['id']}",
                    booking_id=UUID(booking["id"]),
                    role=role,
                    joined_at=datetime.fromisoformat(booking["starts_at"]),
                    last_seen_at=datetime.fromisoformat(booking["ends_at"]),
                    left_at=datetime.fromisoformat(booking["ends_at"]),
                )
            )


@dataclass
class Person:
    """Someone signed in: the HTTP methods carry their token."""

    client: TestClient
    account: dict[str, Any]
    token: str
    password: str

    @property
    def id(self) -> str:
        return str(self.account["id"])

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def get(self, path: str, **kwargs: Any) -> Response:
        return self._send("GET", path, kwargs)

    def post(self, path: str, **kwargs: Any) -> Response:
        return self._send("POST", path, kwargs)

    def put(self, path: str, **kwargs: Any) -> Response:
        return self._send("PUT", path, kwargs)

    def patch(self, path: str, **kwargs: Any) -> Response:
        return self._send("PATCH", path, kwargs)

    def delete(self, path: str, **kwargs: Any) -> Response:
        return self._send("DELETE", path, kwargs)

    def _send(self, method: str, path: str, kwargs: dict[str, Any]) -> Response:
        headers = {**self.headers, **kwargs.pop("headers", {})}
        answer: Response = self.client.request(method, path, headers=headers, **kwargs)
        return answer


@dataclass
class Backend:
    """A running backend with its clock and its database, for looking behind the answers."""

    client: TestClient
    clock: MovableClock
    database: Database

    def sign_up(
        self, role: str, name: str = "", time_zone: str = "Europe/Berlin", email: str = "", *, verified: bool = True
    ) -> Person:
        """A new account, signed in, whose e-mail is confirmed unless said otherwise."""
        number = next(_numbers)
        body = {
            "email": email or f"{role}{number}@example.com",
            "password": PASSWORD,
            "name": name or f"{role.title()} {number}",
            "role": role,
            "time_zone": time_zone,
        }
        answer = self.client.post("/auth/sign-up", json=body)
        assert answer.status_code == 201, answer.text
        signed_in = answer.json()
        if verified:
            verify_email(self.database, signed_in["account"]["id"])
            signed_in["account"]["email_verified"] = True
        return Person(self.client, signed_in["account"], signed_in["token"], PASSWORD)

    def professional(self, name: str = "", time_zone: str = "Europe/Berlin", *, onboarded: bool = True) -> Person:
        """A new professional, who can be paid unless said otherwise."""
        professional = self.sign_up("professional", name, time_zone)
        if onboarded:
            onboard(professional)
        return professional

    def user(self, name: str = "", time_zone: str = "Europe/Berlin") -> Person:
        """A new user."""
        return self.sign_up("user", name, time_zone)

    def slot(
        self,
        professional: Person,
        day: date | str = "2027-03-02",
        start: str = "10:00",
        end: str = "10:45",
        price: str = "45.00",
        repeat_weeks: int = 0,
    ) -> dict[str, Any]:
        """A slot of the professional, by their wall clock: tomorrow at ten unless said otherwise."""
        answer = self.offer(professional, day, start, end, price, repeat_weeks)
        assert answer.status_code == 201, answer.text
        slot: dict[str, Any] = answer.json()
        return slot

    def offer(
        self,
        professional: Person,
        day: date | str = "2027-03-02",
        start: str = "10:00",
        end: str = "10:45",
        price: str = "45.00",
        repeat_weeks: int = 0,
    ) -> Response:
        """The answer to the attempt to create a slot."""
        body = {
            "date": str(day),
            "start_time": start,
            "end_time": end,
            "price": price,
            "repeat_weeks": repeat_weeks,
        }
        return professional.post("/professional/sessions/availability", json=body)


def verify_email(database: Database, account_id: str) -> None:
    """As if its owner had typed the code from the mail; `tests/backend/auth/test_email_codes.py` does it that way."""
    with database.write() as session:
        session.get_one(AccountRow, UUID(account_id)).email_verified_at = START


def verify_everybody(database: Database) -> None:
    """The same for all accounts that there are."""
    with database.write() as session:
        session.execute(update(AccountRow).values(email_verified_at=START))


def onboard(professional: Person) -> None:
    """Sets up payouts, on the sandbox's own page where the sandbox pays."""
    url = professional.post("/professional/payouts", json={"country": "DE"}).json()["url"]
    if url is not None and "/sandbox/" in url:
        professional.client.post(urlsplit(url).path)
    payouts = professional.get("/professional/payouts").json()
    assert payouts["state"] == "ready", payouts
