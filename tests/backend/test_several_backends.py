"""Several backends on one database: real processes that start at the same moment on a database without any table."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import func, select, text, update

from backend.auth.tables import AccountRow
from backend.bookings.tables import BookingRow
from backend.demo.people import NORA, OTHERS, PASSWORD, SAM
from backend.kit.database import Database
from backend.payments.tables import RefundRow, SandboxRefundRow
from tests.backend.bookings.acting import GOOD_CARD
from tests.backend.stage import verify_everybody
from tests.stage.backend_process import BackendProcess
from tests.stage.databases import Databases, on_postgresql
from tests.waiting import eventually

BACKENDS = 3 if on_postgresql() else 2
SLOTS = 6

pytestmark = pytest.mark.timeout(300)  # each process takes seconds to start, on a busy machine many


@pytest.fixture(scope="module")
def url(databases: Databases) -> Iterator[str]:
    """A database that nobody has prepared."""
    url = databases.empty_database()
    yield url
    databases.drop_database(url)


@pytest.fixture(scope="module")
def backends(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[BackendProcess]]:
    """All started before any of them serves."""
    folder = tmp_path_factory.mktemp("backends")
    processes = [
        BackendProcess(folder / f"{number}.log", DATABASE_URL=url, RENDEZVOUS_DEMO="1", RATE_LIMITS="off").start()
        for number in range(BACKENDS)
    ]
    yield processes
    for process in processes:
        process.kill()


@pytest.fixture(scope="module")
def addresses(backends: list[BackendProcess]) -> list[str]:
    """Where each of them serves."""
    return [backend.url for backend in backends]


@pytest.fixture
def seen(url: str, addresses: list[str]) -> Iterator[Database]:
    """The database, read behind their backs."""
    database = Database(url)
    yield database
    database.dispose()


def test_all_of_them_start_and_the_demo_is_there_once(addresses: list[str], seen: Database) -> None:
    assert len(set(addresses)) == BACKENDS
    with seen.read() as session:
        names = session.scalars(select(AccountRow.name)).all()
        bookings = session.scalars(select(BookingRow.status)).all()
        assert session.scalar(text("SELECT count(*) FROM alembic_version")) == 1
    assert sorted(names) == sorted(person.name for person in (NORA, SAM, *OTHERS))
    assert bookings == ["confirmed"]


def signed_up(address: str, role: str, name: str) -> dict[str, str]:
    """The header of someone new."""
    body = {
        "email": f"{name}@example.com",
        "password": PASSWORD,
        "name": name,
        "role": role,
        "time_zone": "UTC",
    }
    answer = httpx.post(f"{address}/auth/sign-up", json=body, timeout=30)
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Bearer {answer.json()['token']}"}


def offered(address: str, headers: dict[str, str]) -> list[str]:
    """The ids of slots of a professional who can be paid, a week ahead."""
    page = httpx.post(f"{address}/professional/payouts", headers=headers, json={"country": "DE"}, timeout=30).json()[
        "url"
    ]
    httpx.post(f"{address}{urlsplit(page).path}", timeout=30)
    day = str(date.today() + timedelta(days=7))  # noqa: DTZ011 - any day will do
    slots = []
    for hour in range(SLOTS):
        body = {"date": day, "start_time": f"{10 + hour}:00", "end_time": f"{10 + hour}:30", "price": "45.00"}
        path = f"{address}/professional/sessions/availability"
        answer = httpx.post(path, json=body, headers=headers, timeout=30)
        assert answer.status_code == 201, answer.text
        slots.append(answer.json()["id"])
    return slots


def test_booked_through_any_of_them_each_slot_is_sold_once_and_each_refund_made_once(
    addresses: list[str], seen: Database
) -> None:
    professional = signed_up(addresses[0], "professional", "pro")
    users = [signed_up(addresses[-1], "user", f"user{number}") for number in range(SLOTS)]
    verify_everybody(seen)
    slots = offered(addresses[0], professional)

    def book(attempt: tuple[int, int]) -> tuple[int, dict[str, Any], int]:
        """User n wants slot n and its neighbour's, through another backend each time."""
        user, step = attempt
        slot = slots[(user + step) % SLOTS]
        address = addresses[(user + step) % BACKENDS]
        answer = httpx.post(f"{address}/sessions/book", json={"slot_id": slot}, headers=users[user], timeout=60)
        return answer.status_code, answer.json(), user

    with ThreadPoolExecutor(2 * SLOTS) as people:
        answers = list(people.map(book, [(user, step) for user in range(SLOTS) for step in (0, 1)]))
    held = [(body, user) for status, body, user in answers if status == 201]
    assert {status for status, _, _ in answers} == {201, 409}
    assert Counter(body["slot_id"] for body, _ in held) == dict.fromkeys(slots, 1)

    def pay_and_cancel(number: int) -> None:
        """Paid at one backend, cancelled at the next."""
        booking, user = held[number]
        paid_at, cancelled_at = addresses[number % BACKENDS], addresses[(number + 1) % BACKENDS]
        httpx.post(f"{paid_at}{urlsplit(booking['checkout_url']).path}/pay", data=GOOD_CARD, timeout=60)
        wanted = f"{cancelled_at}/sessions/{booking['id']}/cancel"
        answer = httpx.post(wanted, json={"expected_refund": "45.00"}, headers=users[user], timeout=60)
        assert answer.status_code == 200, answer.text

    with ThreadPoolExecutor(SLOTS) as people:
        list(people.map(pay_and_cancel, range(SLOTS)))

    def all_refunded() -> bool:
        with seen.read() as session:
            done = session.scalar(select(func.count()).where(BookingRow.payment_status == "refunded"))
        return done == SLOTS

    eventually(all_refunded, "the workers send every refund", limit_s=120)
    with seen.read() as session:
        assert session.execute(select(RefundRow.attempt, RefundRow.status)).all() == [(1, "done")] * SLOTS
        assert session.scalar(select(func.count()).select_from(SandboxRefundRow)) == SLOTS


def test_a_hold_that_ran_out_is_released_by_whichever_worker_comes_first(addresses: list[str], seen: Database) -> None:
    professional, user = signed_up(addresses[0], "professional", "other"), signed_up(addresses[0], "user", "late")
    verify_everybody(seen)
    slots = offered(addresses[0], professional)
    answer = httpx.post(f"{addresses[0]}/sessions/book", json={"slot_id": slots[0]}, headers=user, timeout=60)
    assert answer.status_code == 201, answer.text
    booking = select(BookingRow.status).where(BookingRow.checkout_url == answer.json()["checkout_url"])
    with seen.write() as session:
        over = update(BookingRow).where(BookingRow.status == "held")
        session.execute(over.values(hold_expires_at=datetime.now(UTC) - timedelta(seconds=1)))

    def status() -> bool:
        with seen.read() as session:
            return session.scalar(booking) == "expired"

    eventually(status, "a worker tidies the hold", limit_s=120)
    again = httpx.post(f"{addresses[-1]}/sessions/book", json={"slot_id": slots[0]}, headers=user, timeout=60)
    assert again.status_code == 201, again.text


def test_nothing_went_wrong_in_any_of_them(backends: list[BackendProcess], addresses: list[str]) -> None:
    for backend in backends:
        said = backend.log.read_text()
        assert "ERROR" not in said, said
        assert "Traceback" not in said, said
        assert '" 500' not in said, said


def test_one_that_is_killed_leaves_the_others_at_work(backends: list[BackendProcess], addresses: list[str]) -> None:
    backends[0].kill()
    answer = httpx.post(f"{addresses[1]}/auth/sign-in", json={"email": SAM.email, "password": PASSWORD}, timeout=30)
    assert answer.status_code == 200, answer.text
    backends[0].start()
    assert httpx.get(f"{backends[0].url}/health", timeout=30).json() == {"status": "ok"}
