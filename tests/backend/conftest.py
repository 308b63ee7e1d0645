"""A backend on a fresh, migrated database for each test."""

import logging
import re
from collections.abc import Iterator

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


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only what needs a database is run, the rest being the same; pytest counts what it left."""
    if not on_postgresql():
        return
    left = [item for item in items if "databases" not in getattr(item, "fixturenames", ())]
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
def app(
    settings: Settings, clock: MovableClock, passwords: PasswordHasher, kept_apps: dict[str, FastAPI]
) -> Iterator[FastAPI]:
    """The backend as it is composed; a folder of tests that needs other parts overrides this fixture."""
    parts = repr(settings)
    if parts not in kept_apps:
        kept_apps[parts] = create_app(settings, now=clock, passwords=passwords, run_worker=False)
    yield kept_apps[parts]
    kept_apps[parts].state.database.dispose()  # a test without `client` leaves connections that `give_back` ends


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


@pytest.fixture
def rooms(clock: MovableClock) -> FakeCallRooms:
    """For an `app` that is made with them: who is in a call is what the test says."""
    rooms = FakeCallRooms()
    rooms.now = clock
    return rooms


@pytest.fixture
def worker(app: FastAPI, settings: Settings, clock: MovableClock, rooms: FakeCallRooms) -> Worker:
    """Works on the app's database, asks its provider, and looks into `rooms`."""
    state = app.state
    return Worker(state.database, state.payment_gateway, rooms, terms_of(settings), limits_of(settings), clock)
