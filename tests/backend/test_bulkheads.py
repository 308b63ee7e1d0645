"""What is slow waits in queues of its own: the lists answer meanwhile, and whoever finds a queue full knows at once."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pwdlib.hashers.argon2 import Argon2Hasher

from backend.auth.service import PasswordHasher
from backend.kit.bulkheads import Bulkhead, BulkheadFull
from backend.kit.health import CachedProbe
from backend.main import create_app
from backend.settings import Settings
from tests.backend.stage import PASSWORD, Backend, MovableClock, Person
from tests.fakes.call_rooms import FakeCallRooms
from tests.fakes.payment_gateway import FakePaymentGateway

AT_ONCE = 100
SHARED_THREADS = 40


class Hanging:
    """What waits inside `wait` until it is released, and whether anything has begun to."""

    def __init__(self) -> None:
        self.hangs = False
        self.entered = threading.Event()
        self._released = threading.Event()

    def wait(self) -> None:
        if not self.hangs:
            return
        self.entered.set()
        assert self._released.wait(60), "nobody released it"

    def release(self) -> None:
        self.hangs = False
        self._released.set()


class HangingRooms(FakeCallRooms):
    def __init__(self, hanging: Hanging) -> None:
        super().__init__()
        self.hanging = hanging

    def _answer(self) -> None:
        self.hanging.wait()
        super()._answer()


class HangingGateway(FakePaymentGateway):
    def __init__(self, hanging: Hanging) -> None:
        super().__init__()
        self.hanging = hanging

    def _answer(self) -> None:
        self.hanging.wait()
        super()._answer()


class HangingPasswords(PasswordHasher):
    def __init__(self, hanging: Hanging) -> None:
        super().__init__(Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1))
        self.hanging = hanging

    def matches(self, password: str, stored: str | None) -> bool:
        self.hanging.wait()
        return super().matches(password, stored)


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    hanging = Hanging()
    yield hanging
    hanging.release()


@pytest.fixture
def app(settings: Settings, clock: MovableClock, hanging: Hanging) -> FastAPI:
    """A backend in which hashes, payments and calls hang once `hanging.hangs`."""
    return create_app(
        settings,
        now=clock,
        passwords=HangingPasswords(hanging),
        payment_gateway=HangingGateway(hanging),
        call_rooms=HangingRooms(hanging),
        run_worker=False,
    )


def sign_in(person: Person) -> dict[str, Any]:
    body = {"email": person.account["email"], "password": PASSWORD}
    return {"method": "POST", "url": "/auth/sign-in", "json": body}


SLOW: dict[str, Callable[[Person, Person], dict[str, Any]]] = {
    "passwords": lambda _professional, user: sign_in(user),
    "payments": lambda professional, _user: {
        "method": "POST",
        "url": "/professional/payouts",
        "headers": professional.headers,
    },
    "calls": lambda _professional, user: {"method": "POST", "url": "/calls/check", "headers": user.headers},
}


@pytest.mark.parametrize("kind", SLOW)
async def test_with_one_of_them_hanging_the_lists_answer_and_who_finds_the_queue_full_knows_at_once(
    kind: str, app: FastAPI, backend: Backend, hanging: Hanging
) -> None:
    professional, user = backend.professional(), backend.user()
    asked = SLOW[kind](professional, user)
    hanging.hangs = True
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://backend.test", timeout=60) as client:
        requests = [asyncio.ensure_future(client.request(**asked)) for _ in range(AT_ONCE)]
        done: set[Any] = set()
        while len(done) < SHARED_THREADS:  # more than fit into the queue are answered while nothing moves
            done, _ = await asyncio.wait(requests, timeout=30, return_when=asyncio.FIRST_COMPLETED)
            assert done, "nobody was refused"
            await asyncio.sleep(0)
        assert await asyncio.to_thread(hanging.entered.wait, 30)
        for answer in (request.result() for request in done):
            assert (answer.status_code, answer.json()["error"]) == (503, "ServiceUnavailable"), answer.text
            assert answer.headers["Retry-After"] == str(answer.json()["retry_after_s"])
        availability = f"/professional/{professional.id}/availability?date=2027-03-02"
        for path, headers in (("/sessions/my-bookings", user.headers), (availability, {}), ("/ready", {})):
            lists = [client.get(path, headers=headers) for _ in range(5)]
            answers = await asyncio.wait_for(asyncio.gather(*lists), 20)
            assert {answer.status_code for answer in answers} == {200}
        hanging.release()
        statuses = [answer.status_code for answer in await asyncio.gather(*requests)]
    assert set(statuses) <= {200, 401, 429, 503}
    assert statuses.count(503) < AT_ONCE


async def test_who_books_while_the_payments_are_full_holds_nothing_and_may_come_again(
    app: FastAPI, backend: Backend, hanging: Hanging
) -> None:
    professional, user = backend.professional(), backend.user()
    slot = backend.slot(professional)
    async with filled(app, "payments"):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://backend.test") as client:
            answer = await client.post("/sessions/book", json={"slot_id": slot["id"]}, headers=user.headers)
    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)
    assert user.get("/sessions/my-bookings").json()["items"] == []
    assert user.post("/sessions/book", json={"slot_id": slot["id"]}).status_code == 201


async def test_who_gives_a_hold_back_while_the_payments_are_full_gives_it_back(
    app: FastAPI, backend: Backend, hanging: Hanging
) -> None:
    professional, user = backend.professional(), backend.user()
    booking = user.post("/sessions/book", json={"slot_id": backend.slot(professional)["id"]}).json()
    async with filled(app, "payments"):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://backend.test") as client:
            answer = await client.post(f"/sessions/{booking['id']}/release", headers=user.headers)
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")


async def test_presence_outside_the_join_window_needs_no_place_among_the_calls(
    app: FastAPI, backend: Backend, hanging: Hanging
) -> None:
    professional, user = backend.professional(), backend.user()
    booking = user.post("/sessions/book", json={"slot_id": backend.slot(professional)["id"]}).json()
    async with filled(app, "calls"):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://backend.test") as client:
            answer = await client.get(f"/sessions/{booking['id']}/presence", headers=user.headers)
    assert (answer.status_code, answer.json()) == (200, {"present": []})


@asynccontextmanager
async def filled(app: FastAPI, name: str) -> AsyncIterator[None]:
    """Every place of a bulkhead is taken."""
    bulkhead: Bulkhead = app.state.bulkheads[name]
    released = threading.Event()
    taken: list[asyncio.Future[bool]] = []
    while True:
        one = asyncio.ensure_future(bulkhead.run(released.wait, 60))
        await asyncio.sleep(0)
        if one.done():
            assert isinstance(one.exception(), BulkheadFull)
            break
        taken.append(one)
    try:
        yield
    finally:
        released.set()
        await asyncio.gather(*taken)


async def test_a_bulkhead_gives_its_places_back_whether_the_work_succeeds_fails_or_is_given_up() -> None:
    bulkhead = Bulkhead("test", threads=1, waiting=1, retry_after_s=7)

    def failing() -> None:
        raise LookupError

    for _ in range(5):
        assert await bulkhead.run(lambda: 1) == 1
        with pytest.raises(LookupError):
            await bulkhead.run(failing)
    released = threading.Event()
    given_up = asyncio.ensure_future(bulkhead.run(released.wait, 60))
    waiting = asyncio.ensure_future(bulkhead.run(lambda: 2))
    await asyncio.sleep(0)
    given_up.cancel()
    with pytest.raises(BulkheadFull) as refusal:
        await bulkhead.run(lambda: 3)
    assert refusal.value.extra == {"retry_after_s": 7}
    released.set()
    assert await waiting == 2
    bulkhead.close()
    assert await bulkhead.run(lambda: 4) == 4
    bulkhead.close()


def test_a_watched_server_is_asked_now_and_then_and_nobody_waits_for_it() -> None:
    asked, released = threading.Semaphore(0), threading.Event()

    def answers() -> bool:
        asked.release()
        return released.wait(60)

    probe = CachedProbe(answers, every_s=3600)
    assert not any(probe.answers() for _ in range(50))
    assert asked.acquire(timeout=30)
    assert not asked.acquire(blocking=False), "it was asked more than once"
    released.set()
    probe.close()
    assert probe.answers()
    probe.close()
