"""Where limits are counted: each storage in turn, with a backend for each test that nobody else has counted in."""

from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.auth.service import PasswordHasher
from backend.kit.clock import utc_now
from backend.kit.database import Database
from backend.kit.limits.counting import Limits
from backend.kit.limits.storages import Storages
from backend.main import create_app
from backend.settings import Settings
from tests.backend.stage import MovableClock
from tests.fakes.call_rooms import FakeCallRooms
from tests.stage.redis import RedisServer

From = Callable[[str], TestClient]


@pytest.fixture(scope="session")
def redis() -> Iterator[RedisServer]:
    """A server of the tests' own; left out where there is none."""
    server = RedisServer().start()
    yield server
    server.stop()


@pytest.fixture(params=["database", "redis"])
def storages(request: pytest.FixtureRequest, database: Database) -> Iterator[Storages]:
    """Both, by this machine's clock: Redis has no other."""
    url = request.getfixturevalue("redis").url if request.param == "redis" else ""
    storages = Storages(database, utc_now, url)
    assert (storages.redis is not None) == (request.param == "redis")
    yield storages
    storages.run(lambda storage: storage.reset())


@pytest.fixture
def limits(storages: Storages) -> Limits:
    return Limits(storages, b"a secret of this test")


@pytest.fixture
def app(settings: Settings, clock: MovableClock, passwords: PasswordHasher) -> FastAPI:
    """Not kept for other tests: it remembers whom it refused."""
    return create_app(settings, now=clock, passwords=passwords, call_rooms=FakeCallRooms(), run_worker=False)


@pytest.fixture
def from_(app: FastAPI) -> From:
    """HTTP from an address."""
    return lambda address: TestClient(app, client=(address, 4711), raise_server_exceptions=False)
