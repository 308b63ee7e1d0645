"""Many people at once, each doing one of the things that people do with a slot, to whichever backend answers."""

import random
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import httpx

from tests.races.backends import Backends
from tests.races.providers import CARDS, HOLD_MIN, Provider

AT_ONCE = 24
Json = dict[str, Any]


@dataclass
class Crowd:
    """`users` are tokens; `professionals` maps an id to its token. `answers` counts what everyone was answered."""

    backends: Backends
    provider: Provider
    users: list[str]
    professionals: dict[str, str]
    slots: list[str]
    answers: Counter[str] = field(default_factory=Counter)
    _counting: Lock = field(default_factory=Lock)

    def attempt_all(self, attempts: int, seed: int) -> None:
        """That many attempts, `AT_ONCE` of them at the same time."""
        people = ThreadPoolExecutor(AT_ONCE)
        try:
            for done in [people.submit(self._attempt, random.Random(seed + number)) for number in range(attempts)]:
                done.result()
        finally:
            people.shutdown(cancel_futures=True)  # at the first fault, or Ctrl-C, the others do not go on

    def _attempt(self, dice: random.Random) -> None:
        token = dice.choice(self.users)
        with httpx.Client(timeout=30, headers={"Authorization": f"Bearer {token}"}) as http:
            booking = self._booked(http, dice)
            if booking is None:
                self._reconsider(http, dice)
                return
            match dice.choices(["pay", "release", "leave", "pay too late"], [70, 8, 8, 14])[0]:
                case "release":
                    self._tell("release", http, dice, f"/sessions/{booking['id']}/release")
                case "pay":
                    self._pay(booking, http, dice)
                    self._go_on(booking, http, dice)
                case "pay too late":
                    time.sleep(dice.uniform(0.8, 1.4) * HOLD_MIN * 60)
                    self._pay(booking, http, dice)

    def _reconsider(self, http: httpx.Client, dice: random.Random) -> None:
        """Who gets nothing sometimes lets go of, or moves, what they booked before, so that slots keep coming free."""
        if dice.random() < 0.5:
            return
        with suppress(httpx.TransportError):
            listed = http.get(f"{self.backends.urls(dice)[0]}/sessions/my-bookings")
            booked = [each for each in listed.json().get("items", []) if each["status"] == "confirmed"]
            if booked:
                self._go_on(dice.choice(booked), http, dice)

    def _booked(self, http: httpx.Client, dice: random.Random) -> Json | None:
        """A hold, asked for once, or thrice with one key as after lost answers."""
        headers = {"Idempotency-Key": str(uuid.UUID(int=dice.getrandbits(128)))}
        body = {"slot_id": dice.choice(self.slots)}
        found = None
        for _ in range(dice.choice([1, 1, 3])):
            answer = self._send("book", http, dice, "/sessions/book", body, headers)
            found = answer.json() if answer is not None and answer.status_code == 201 else found
        return found if found and found["checkout_url"] else None

    def _pay(self, booking: Json, http: httpx.Client, dice: random.Random) -> None:
        card = dice.choice(CARDS)
        for _ in range(dice.choice([1, 1, 3])):
            for url in self.backends.urls(dice):
                try:
                    self.provider.pay(booking, card, http, url)
                    break
                except httpx.ConnectError:
                    continue
                except httpx.TransportError:
                    self._count("pay: no answer")
                    break

    def _go_on(self, booking: Json, http: httpx.Client, dice: random.Random) -> None:
        """Some let it be; others cancel it, or are cancelled, or move it, at once or when they see it booked."""
        what = dice.choices(["keep", "cancel", "professional", "move"], [35, 40, 5, 20])[0]
        session = f"/sessions/{booking['id']}"
        if dice.random() < 0.8:
            self._look_until_settled(http, dice, session)
        if what == "move":
            for _ in range(dice.choice([1, 2])):
                self._tell("move", http, dice, f"{session}/reschedule", {"slot_id": dice.choice(self.slots)})
        if what == "cancel":
            self._cancel(http, dice, session)
        if what == "professional":
            token = self.professionals[booking["professional"]["id"]]
            with httpx.Client(timeout=30, headers={"Authorization": f"Bearer {token}"}) as theirs:
                self._cancel(theirs, dice, session)
                # Cancelling took the hour back; offered again, it can be booked by the next.
                slot = f"/professional/sessions/availability/{booking['slot_id']}"
                self._tell("offer again", theirs, dice, f"{slot}/restore")

    def _look_until_settled(self, http: httpx.Client, dice: random.Random, session: str) -> None:
        """As the app does once its page is paid: it asks until something has come of it, for some seconds."""
        for _ in range(8):
            with suppress(httpx.TransportError):
                answer = http.get(self.backends.urls(dice)[0] + session)
                if answer.status_code == 200 and answer.json()["status"] != "held":
                    return
            time.sleep(0.5)

    def _cancel(self, http: httpx.Client, dice: random.Random, session: str) -> None:
        for _ in range(dice.choice([1, 2])):
            self._tell("cancel", http, dice, f"{session}/cancel", {"expected_refund": "45.55"})

    def _tell(self, what: str, http: httpx.Client, dice: random.Random, path: str, body: Json | None = None) -> None:
        self._send(what, http, dice, path, body or {}, {})

    def _send(
        self, what: str, http: httpx.Client, dice: random.Random, path: str, body: Json, headers: dict[str, str]
    ) -> httpx.Response | None:
        answer = self._answered(http, dice, path, body, headers)
        if answer is None:
            self._count(f"{what}: no answer")
            return None
        said = answer.json().get("error", "") if answer.status_code >= 400 else ""
        self._count(f"{what}: {answer.status_code} {said}".strip())
        return answer

    def _answered(
        self, http: httpx.Client, dice: random.Random, path: str, body: Json, headers: dict[str, str]
    ) -> httpx.Response | None:
        """Of the first backend that can be reached; None if it died while it was at it."""
        for url in self.backends.urls(dice):
            try:
                return http.post(url + path, json=body, headers=headers)
            except httpx.ConnectError:
                continue
            except httpx.TransportError:
                break
        return None

    def _count(self, what: str) -> None:
        with self._counting:
            self.answers[what] += 1
