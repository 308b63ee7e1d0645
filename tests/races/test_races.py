"""Real processes on one database, many people at once, and death at any moment: in the end everything adds up."""

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import select

from backend.auth.repository import account_of
from backend.auth.service import issue_token
from backend.auth.tables import AccountRow
from backend.bookings.tables import BookingRow
from backend.kit.clock import utc_now
from backend.kit.database import Database
from tests.backend.money.invariants import OurLedger, our_books, violations
from tests.backend.money.moves import BOOKING_MAY_BECOME, PAYMENT_MAY_BECOME
from tests.backend.money.settled import unsettled
from tests.fakes.stripe_server import StripeServer
from tests.races.backends import Backends
from tests.races.crowd import Crowd
from tests.races.providers import Provider, RunningAhead, Sandbox, Stripe, settle_all
from tests.stage.databases import Databases, on_postgresql, start_databases

SOAK = os.environ.get("RENDEZVOUS_SOAK") == "1"
ATTEMPTS = int(os.environ.get("RENDEZVOUS_RACE_ATTEMPTS", "10000" if SOAK else "300")) // 2
"""For each of the two providers, so that a database has twice as many."""
PROCESSES = 3
USERS = 60
PROFESSIONALS = 5
SLOTS_EACH = 20


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    databases = start_databases(tmp_path_factory.mktemp("races"))
    yield databases
    databases.stop()


@pytest.fixture
def clock() -> RunningAhead:
    return RunningAhead()


@pytest.fixture(params=["sandbox", "stripe"])
def provider(request: pytest.FixtureRequest, clock: RunningAhead) -> Iterator[Provider]:
    if request.param == "sandbox":
        yield Sandbox(clock)
        return
    with StripeServer(clock) as server:
        yield Stripe(clock, server)


def _accounts(database: Database, role: str, count: int) -> dict[str, str]:
    """So many signed in, by id."""
    with database.write() as session:
        rows = [
            AccountRow(
                role=role,
                email=f"{uuid4()}@example.com",
                name=role,
                sort_name=role,
                time_zone="UTC",
                password_hash="-",
                created_at=utc_now(),
                email_verified_at=utc_now(),
            )
            for _ in range(count)
        ]
        session.add_all(rows)
        session.flush()
        return {str(row.id): issue_token(session, account_of(row), utc_now())[0] for row in rows}


def _slots(professionals: dict[str, str], provider: Provider, backend: str) -> list[str]:
    """Hours from ten days on, those of all at the same times."""
    made = []
    day = (utc_now() + timedelta(days=10)).date()
    for token in professionals.values():
        with httpx.Client(timeout=60, headers={"Authorization": f"Bearer {token}"}) as http:
            set_up = http.post(f"{backend}/professional/payouts", json={"country": "DE"})
            provider.onboard(set_up.json()["url"], http, backend)
            assert http.get(f"{backend}/professional/payouts").json()["state"] == "ready"
            for number in range(SLOTS_EACH):
                body = {"date": str(day + timedelta(days=number // 10)), "start_time": f"{8 + number % 10:02}:00"}
                body |= {"end_time": f"{8 + number % 10:02}:45", "price": "45.55"}
                answer = http.post(f"{backend}/professional/sessions/availability", json=body)
                assert answer.status_code == 201, answer.text
                made.append(answer.json()["id"])
    return made


class Observer:
    """Looks at the bookings all the time and notes every move that the tables do not know."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._been: dict[UUID, tuple[str, str]] = {}
        self.polls = 0
        self.moves = 0
        self.wrong: list[str] = []

    def observe(self, stop: threading.Event) -> None:
        """Until `stop`; runs in a thread."""
        while not stop.wait(0.2):
            self.poll()

    def poll(self) -> None:
        """Once."""
        with self._database.read() as session:
            rows = session.execute(select(BookingRow.id, BookingRow.status, BookingRow.payment_status)).all()
        self.polls += 1
        for booking_id, status, payment_status in rows:
            before = self._been.get(booking_id, ("held", "pending"))
            if status not in BOOKING_MAY_BECOME[before[0]] or payment_status not in PAYMENT_MAY_BECOME[before[1]]:
                self.wrong.append(f"booking {booking_id} went from {before} to {(status, payment_status)}")
            self.moves += before != (status, payment_status)
            self._been[booking_id] = (status, payment_status)


@contextmanager
def _running(stop: threading.Event, *loops: Callable[[], None]) -> Iterator[None]:
    """Each in a thread of its own until the block ends; what one of them raised is raised then."""
    with ThreadPoolExecutor(len(loops)) as threads:
        running = [threads.submit(loop) for loop in loops]
        try:
            yield
        finally:
            stop.set()
        for loop in running:
            loop.result()


def outcomes(ours: OurLedger) -> list[str]:
    """What became of all bookings and all money, counted."""
    refunds = Counter(row.status for row in ours.refunds)
    elsewhere = sum(row.source == "provider" for row in ours.refunds)
    states = Counter(f"{row.status}, {row.payment_status}" for row in ours.bookings)
    return [
        f"{len(ours.payments):7} payments",
        f"{refunds['done']:7} refunds, {refunds['failed']} that failed before, {refunds['superseded']} superseded",
        f"{elsewhere:7} of them given elsewhere",
        f"{len(ours.disputes):7} disputes",
        f"{sum(row.moved_from is not None for row in ours.bookings):7} sessions moved",
        *(f"{number:7} bookings {state}" for state, number in sorted(states.items())),
    ]


def _kill_now_and_then(backends: Backends, dice: random.Random, stop: threading.Event) -> None:
    while not stop.wait(dice.uniform(1, 8)):
        backends.kill_one(dice)


@pytest.mark.timeout(7200)
def test_people_notices_and_kills_at_once_leave_every_invariant_whole(
    provider: Provider,
    databases: Databases,
    clock: RunningAhead,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> None:
    url = databases.new_database()
    database = Database(url)
    seed, stop = random.SystemRandom().randrange(10**9), threading.Event()
    observer = Observer(database)
    began = time.monotonic()
    with Backends(PROCESSES, {"DATABASE_URL": url} | dict(provider.environment), tmp_path) as backends:
        professionals = _accounts(database, "professional", PROFESSIONALS)
        slots = _slots(professionals, provider, backends.urls(random.Random(seed))[0])
        users = list(_accounts(database, "user", USERS).values())
        crowd = Crowd(backends, provider, users, professionals, slots)
        up = time.monotonic()
        with _running(
            stop,
            partial(_kill_now_and_then, backends, random.Random(seed), stop),
            partial(provider.trouble, backends, random.Random(seed), stop),
            partial(provider.elsewhere, database, random.Random(seed + 1), stop),
            partial(observer.observe, stop),
        ):
            crowd.attempt_all(ATTEMPTS, seed)
        took_s = time.monotonic() - up
        backends.kill_all()
        settle_all(database, provider, clock)
    observer.poll()
    ours, theirs = our_books(database), provider.ledger(database)
    wrong = observer.wrong + violations(ours, theirs, clock()) + unsettled(ours, theirs)
    table = [
        f"{request.node.name} on {'PostgreSQL' if on_postgresql() else 'SQLite'}, seed {seed}",
        f"{ATTEMPTS:7} attempts of {USERS} users at {len(slots)} slots in {took_s:.0f} s",
        f"{backends.kills:7} SIGKILLs of {PROCESSES} processes",
        f"{getattr(provider, 'events', 0):7} events of the provider, each sent thrice and shuffled",
        f"{observer.polls:7} polls of the bookings saw {observer.moves} moves",
        *outcomes(ours),
        *(f"{number:7} {what}" for what, number in sorted(crowd.answers.items())),
        f"{len(wrong):7} violations, after settling; {time.monotonic() - began:.0f} s in all",
    ]
    with capsys.disabled():
        print("", *table, sep="\n")
    assert not wrong, "\n".join(wrong)
    assert ours.payments, "nobody paid"
    assert any(row.source == "provider" for row in ours.refunds), "nobody gave anything back elsewhere"
    assert ours.disputes, "nobody disputed anything"
    unforeseen = [what for what in crowd.answers if ": 500" in what]
    assert not unforeseen, backends.log()
    database.dispose()
    databases.drop_database(url)
