"""A backend on a fresh, migrated database for each test."""

import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pwdlib.hashers.argon2 import Argon2Hasher

from backend.auth.service import PasswordHasher
from backend.bookings.access import terms_of
from backend.calls.access import limits_of
from backend.kit.database import Database
from backend.kit.telemetry.logs import formatter
from backend.main import create_app
from backend.settings import Settings
from backend.worker import Worker
from tests.backend.stage import PASSWORD, START, Backend, MovableClock, Person
from tests.fakes.call_rooms import FakeCallRooms
from tests.stage.databases import Databases, on_postgresql, start_databases

KeepApp = Callable[..., FastAPI]


NOT_OF_THE_DATABASE = (
    "auth/test_behind_a_proxy.py",
    "auth/test_what_people_type.py",
    "availability/test_offering_times.py",
    "bookings/test_clock_changes.py",
    "calls/test_call_link.py",
    "calls/test_call_page.py",
    "kit/test_http.py",
    "profiles/test_photos.py",
    "test_bulkheads.py",
    "test_hostile_sizes.py",
)
"""They stand on a database, and are about addresses, letters, clocks, pages, bytes and threads: once is enough."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only what is about a database is run, the rest being the same; pytest counts what it left."""
    if not on_postgresql():
        return
    here = Path(__file__).parent
    elsewhere = {here / name for name in NOT_OF_THE_DATABASE}
    left = [item for item in items if item.path in elsewhere or "databases" not in getattr(item, "fixturenames", ())]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in set(left)]


class _LogGuard(logging.Handler):
    """Reads every line of our own log as an operator's machine would, and keeps those that hold what they must not."""

    SECRET = re.compile(rf"{PASSWORD}|[\w.+-]+@[\w-]+\.\w|Bearer (?!\[)|eyJ[\w-]{{8}}|(sk|rk|whsec)_(test|live)_\w")

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(formatter("json"))
        self.lines, self.found = 0, list[str]()

    def emit(self, record: logging.LogRecord) -> None:
        line = self.format(record)
        self.lines += 1
        if self.SECRET.search(line):
            self.found.append(line)


@pytest.fixture(scope="session")
def log_guard() -> Iterator[_LogGuard]:
    guard, ours = _LogGuard(), logging.getLogger("backend")
    ours.addHandler(guard)
    ours.setLevel(logging.INFO)
    yield guard
    ours.removeHandler(guard)


@pytest.fixture(autouse=True)
def no_secret_is_logged(log_guard: _LogGuard) -> Iterator[None]:
    """Whatever a test does, the log holds no address, password, token or key of it."""
    yield
    found, log_guard.found = log_guard.found, []
    assert not found


@pytest.fixture(scope="session")
def passwords() -> PasswordHasher:
    """Real hashes, made cheap: the cost is Argon2's own, not ours to test."""
    return PasswordHasher(Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Makes databases of the kind that this run is on; a test that needs one uses this or `database_url`."""
    databases = start_databases(tmp_path_factory.mktemp("databases"))
    yield databases
    databases.stop()


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """The address of a database of this test's own."""
    url = databases.new_database()
    yield url
    databases.give_back(url)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The same database as the backend's, for looking and for provoking its constraints."""
    database = Database(database_url)
    yield database
    database.dispose()


@pytest.fixture
def settings(database_url: str) -> Settings:
    """The demo's settings: sandbox payments."""
    return Settings(database_url=database_url, rendezvous_demo=True, public_url="http://backend.test")


@pytest.fixture(scope="session")
def kept_clock() -> MovableClock:
    """One for all tests, so that an app can be kept; use `clock`."""
    return MovableClock()


@pytest.fixture
def clock(kept_clock: MovableClock) -> MovableClock:
    """The backend's clock, at `START`."""
    kept_clock.set(START)
    return kept_clock


@pytest.fixture(scope="session")
def kept_apps() -> dict[str, FastAPI]:
    """Apps by their settings: FastAPI builds the validators of each app again, a tenth of a second a test."""
    return {}


@pytest.fixture
def keep_app(clock: MovableClock, passwords: PasswordHasher, kept_apps: dict[str, FastAPI]) -> Iterator[KeepApp]:
    """`keep_app(settings, call_rooms=...)` is the backend as it is composed, made by the first test that asks for these
    settings and parts; the parts are those of the whole run.
    """
    used: list[FastAPI] = []

    def keep(settings: Settings, **parts: Any) -> FastAPI:
        key = repr((settings, {name: id(part) for name, part in parts.items()}))
        if key not in kept_apps:
            kept_apps[key] = create_app(settings, now=clock, passwords=passwords, run_worker=False, **parts)
        used.append(kept_apps[key])
        return kept_apps[key]

    yield keep
    for app in used:  # a test without `client` leaves connections, which `give_back` ends
        app.state.database.dispose()


@pytest.fixture
def app(settings: Settings, keep_app: KeepApp) -> FastAPI:
    """The backend with test money; a folder of tests that needs other parts overrides this fixture."""
    return keep_app(settings)


@pytest.fixture
def app_with_rooms(settings: Settings, keep_app: KeepApp, rooms: FakeCallRooms) -> FastAPI:
    """An `app` whose calls take place in `rooms`."""
    return keep_app(settings, call_rooms=rooms)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """HTTP to the backend, in process."""
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def backend(client: TestClient, clock: MovableClock, database: Database) -> Backend:
    """People and hours over HTTP."""
    return Backend(client, clock, database)


@pytest.fixture
def professional(backend: Backend) -> Person:
    """A professional in Berlin."""
    return backend.professional("Nora Berg")


@pytest.fixture
def user(backend: Backend) -> Person:
    """A user in Berlin."""
    return backend.user("Sam Vale")


@pytest.fixture(scope="session")
def kept_rooms() -> FakeCallRooms:
    """One for all tests, so that an app can be kept; use `rooms`."""
    return FakeCallRooms()


@pytest.fixture
def rooms(kept_rooms: FakeCallRooms, clock: MovableClock) -> FakeCallRooms:
    """For an `app` that is made with them: who is in a call is what the test says."""
    kept_rooms.forget()
    kept_rooms.now = clock
    return kept_rooms


@pytest.fixture
def worker(app: FastAPI, settings: Settings, clock: MovableClock, rooms: FakeCallRooms) -> Worker:
    """Works on the app's database, asks its provider, and looks into `rooms`."""
    state = app.state
    return Worker(state.database, state.payment_gateway, rooms, terms_of(settings), limits_of(settings), clock)
