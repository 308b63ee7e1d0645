"""Two real backends on one database: what one counted the other refuses, whoever keeps the counts."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from backend.kit.database import Database
from tests.backend.stage import verify_everybody
from tests.stage.backend_process import BackendProcess
from tests.stage.databases import Databases
from tests.stage.redis import RedisServer

pytestmark = pytest.mark.timeout(300)  # each process takes seconds to start, on a busy machine many


@pytest.fixture
def url(databases: Databases) -> Iterator[str]:
    """Their database."""
    url = databases.new_database()
    yield url
    databases.drop_database(url)


@pytest.fixture(params=["database", "redis"])
def addresses(request: pytest.FixtureRequest, url: str, tmp_path: Path) -> Iterator[list[str]]:
    """Where they serve; none of them has anything in its own memory that the other would not have."""
    given = {"DATABASE_URL": url, "RENDEZVOUS_DEMO": "1"}
    if request.param == "redis":
        redis: RedisServer = request.getfixturevalue("redis")
        given["REDIS_URL"] = redis.url
    backends = [BackendProcess(tmp_path / f"{number}.log", **given).start() for number in range(2)]
    yield [backend.url for backend in backends]
    for backend in backends:
        said = backend.log.read_text()
        assert "Redis does not answer" not in said
        assert '" 500' not in said, said
        backend.kill()


def test_wrong_passwords_and_holds_are_counted_together(addresses: list[str], url: str) -> None:
    guess = {"email": "sam@rendezvous.test", "password": "wrong"}
    with httpx.Client(timeout=60) as http:
        statuses = [http.post(f"{addresses[n % 2]}/auth/sign-in", json=guess).status_code for n in range(12)]
        assert statuses == [401] * 10 + [429] * 2
        slots = _free_slots(http, addresses[0])
        tokens = [_signed_up(http, addresses[n % 2], n) for n in range(4)]
        database = Database(url)
        verify_everybody(database)
        database.dispose()
        booked = [
            http.post(
                f"{addresses[n % 2]}/sessions/book",
                json={"slot_id": slots[n]},
                headers={"Authorization": f"Bearer {tokens[n]}"},
            ).status_code
            for n in range(4)
        ]
        assert booked == [201, 201, 429, 429]


def _free_slots(http: httpx.Client, address: str) -> list[str]:
    """Four free times of one of the demo's professionals."""
    for card in http.get(f"{address}/professionals").json()["items"]:
        if card["next_free_at"] is None:
            continue
        found: list[str] = []
        path = f"{address}/professional/{card['id']}/availability"
        for day in http.get(f"{path}/days", params={"month": card["next_free_at"][:7]}).json()["days"]:
            found += [item["id"] for item in http.get(path, params={"date": day["date"]}).json()["items"]]
        if len(found) >= 4:
            return found
    raise AssertionError("nobody has four free times")


def _signed_up(http: httpx.Client, address: str, number: int) -> str:
    body = {
        "email": f"somebody{number}@example.com",
        "password": "correct horse battery",
        "name": f"Somebody {number}",
        "role": "user",
        "time_zone": "UTC",
    }
    return str(http.post(f"{address}/auth/sign-up", json=body).json()["token"])
