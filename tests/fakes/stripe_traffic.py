"""What happens to requests on their way to the fake Stripe: idempotency keys, and the faults that a test asks for.

https://docs.stripe.com/api/idempotent_requests: the first answer under a key is saved, errors of Stripe's own too, and
repeated for a day; another request with the same key is refused, and so is the same one while the first still runs.
"""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.stripe_ledger import StripeRefusal

Act = Callable[[], dict[str, Any]]


class Lost(Exception):
    """The connection breaks before the answer is sent."""


@dataclass(frozen=True)
class Answer:
    """One answer of the server."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Fault:
    """What is to happen to one request that begins with `start` ("POST /v1/refunds").

    `kind`: "fault" (500, saved under the key), "lost" (no answer), "busy" (429) or "slow" (waits for `go_on`).
    `acts`: what was asked for happens all the same.
    """

    start: str
    kind: str
    acts: bool = False
    reached: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)


@dataclass
class _Saved:
    request: str
    answer: Answer | None = None  # None while the first request runs


class Traffic:
    """The requests of one server. `down`: every connection breaks at once. `seen`: "POST /v1/refunds" and the like."""

    def __init__(self) -> None:
        self.down = False
        self.faults: list[Fault] = []
        self.seen: list[str] = []
        self._saved: dict[str, _Saved] = {}
        self._lock = threading.Lock()

    def next_request(self, start: str, kind: str, *, acts: bool = False) -> Fault:
        """Something goes wrong with the next request that begins so, once."""
        fault = Fault(start, kind, acts)
        self.faults.append(fault)
        return fault

    def forget_keys(self) -> None:
        """A day has passed: Stripe no longer knows the keys."""
        with self._lock:
            self._saved.clear()

    def answer(self, request: str, content: str, key: str | None, act: Act) -> Answer:
        """The answer to a request. `content` is what makes it the same request again under its key."""
        with self._lock:
            self.seen.append(request)
            fault = next((found for found in self.faults if request.startswith(found.start)), None)
            if fault:
                self.faults.remove(fault)
            if self.down:
                raise Lost
            if fault and fault.kind == "busy":
                return error_answer(429, "Too many requests", code="rate_limit")
            if key:
                if known := self._saved.get(key):
                    return _again(known, f"{request} {content}")
                self._saved[key] = _Saved(f"{request} {content}")
        answer, saved = self._performed(fault, act)
        with self._lock:
            if key and saved:
                self._saved[key].answer = answer
            elif key:
                del self._saved[key]
        if fault and fault.kind == "lost":
            raise Lost
        return answer

    def _performed(self, fault: Fault | None, act: Act) -> tuple[Answer, bool]:
        """The answer, and whether it is kept under the key."""
        if fault and fault.kind == "slow":
            fault.reached.set()
            fault.go_on.wait(20)
        if fault and fault.kind == "lost" and not fault.acts:
            return error_answer(500, "never reached"), False
        try:
            done = act() if fault is None or fault.acts or fault.kind == "slow" else {}
        except StripeRefusal as refusal:
            return error_answer(refusal.status, str(refusal), code=refusal.code), refusal.executed
        if fault and fault.kind == "fault":
            return error_answer(500, "Something went wrong at Stripe", kind="api_error", should_retry=False), True
        return Answer(200, json.dumps(done).encode()), True


def _again(known: _Saved, request: str) -> Answer:
    if known.request != request:
        return error_answer(400, "Keys are for the same request only", kind="idempotency_error")
    if known.answer is None:
        return error_answer(
            409, "A request with this key is under way", code="idempotency_key_in_use", kind="idempotency_error"
        )
    return Answer(known.answer.status, known.answer.body, known.answer.headers | {"Idempotent-Replayed": "true"})


def error_answer(
    status: int,
    message: str,
    *,
    code: str | None = None,
    kind: str = "invalid_request_error",
    should_retry: bool | None = None,
) -> Answer:
    """An error in Stripe's shape."""
    error = {"type": kind, "message": message, "code": code}
    headers = {} if should_retry is None else {"Stripe-Should-Retry": str(should_retry).lower()}
    return Answer(status, json.dumps({"error": error}).encode(), headers)
