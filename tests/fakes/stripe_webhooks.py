"""The fake Stripe's webhooks: signed as Stripe signs them, and delivered as well or badly as a test wants.

https://docs.stripe.com/webhooks/signature; Stripe promises neither order nor that an event comes once.
"""

import hashlib
import hmac
import json
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.fakes.stripe_ledger import Object

Send = Callable[[bytes, str], int]
"""Carries a body and its Stripe-Signature to the backend and returns the status of the answer."""


@dataclass(frozen=True)
class Event:
    """Something that happened, as it is sent."""

    kind: str
    body: bytes


def signature(body: bytes, secret: str, at: float | None = None) -> str:
    """The Stripe-Signature header."""
    stamp = int(time.time() if at is None else at)
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest}"


class Webhooks:
    """Events wait here until they are delivered or lost. What is not answered with 2xx waits for the next time."""

    def __init__(self, secret: str, send: Send | None = None) -> None:
        self.secret = secret
        self.send = send
        self.waiting: list[Event] = []
        self.delivered: list[Event] = []
        self._number = 0
        self._lock = threading.Lock()

    def note(self, kind: str, about: Object) -> None:
        """Something happened; called under the ledger' lock, so nothing is sent from here."""
        with self._lock:
            self._number += 1
            event = {
                "id": f"evt_{self._number:024d}",
                "object": "event",
                "type": kind,
                "created": int(time.time()),
                "data": {"object": about},
            }
            self.waiting.append(Event(kind, json.dumps(event).encode()))

    def lose(self) -> None:
        """What waits never arrives."""
        with self._lock:
            self.waiting.clear()

    def deliver(self, *, times: int = 1, shuffle: random.Random | None = None, backwards: bool = False) -> list[int]:
        """Everything that waits is sent, each `times` over; the statuses in the order of sending."""
        with self._lock:
            due, self.waiting = self.waiting * times, []
        if backwards:
            due.reverse()
        if shuffle:
            shuffle.shuffle(due)
        statuses = []
        for event in due:
            status = self.post(event)
            statuses.append(status)
            if not 200 <= status < 300:
                with self._lock:
                    self.waiting.append(event)
        return statuses

    def post(self, event: Event) -> int:
        """Sends one event with a signature of now."""
        assert self.send is not None, "nobody is there to receive it"
        status = self.send(event.body, signature(event.body, self.secret))
        if 200 <= status < 300:
            self.delivered.append(event)
        return status
