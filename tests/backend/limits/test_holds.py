"""What holds may be had by many accounts on one line, and by one account again and again."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, text

from backend.auth.repository import account_of
from backend.auth.service import issue_token
from backend.auth.tables import AccountRow
from backend.bookings.tables import BookingRow, HoldRow
from backend.integrations.sandbox.payments import SandboxGateway
from backend.kit.database import Database
from backend.kit.limits.table import UNPAID, UNPAID_OF_ONE
from backend.payments.ports import PaymentGatewayUnavailable
from tests.backend.bookings.acting import book, confirmed, held, pay
from tests.backend.limits.conftest import From
from tests.backend.stage import START, Backend, MovableClock, Person

ACCOUNTS, HOURS = 100, 75
ATTACK, ELSEWHERE = "2001:db8:bad::", "198.51.100.9"


@pytest.fixture
def crowd(database: Database) -> list[str]:
    """The tokens of accounts that were made one by one, long enough ago for every limit on signing up."""
    with database.write() as session:
        rows = [
            AccountRow(
                role="user",
                email=f"{uuid4()}@example.com",
                name="Someone",
                sort_name="someone",
                time_zone="UTC",
                password_hash="-",
                created_at=START,
                email_verified_at=START,
            )
            for _ in range(ACCOUNTS)
        ]
        session.add_all(rows)
        session.flush()
        return [issue_token(session, account_of(row), START)[0] for row in rows]


@pytest.fixture
def hours(backend: Backend, professional: Person) -> list[str]:
    """Seventy-five free hours of one professional."""
    made: list[str] = []
    for day in range(2, 28):
        for hour in (10, 12, 14):
            if len(made) < HOURS:
                made.append(backend.slot(professional, f"2027-03-{day:02}", f"{hour}:00", f"{hour}:45")["id"])
    return made


def live_holds(database: Database, now: datetime) -> int:
    with database.read() as session:
        lasting = select(func.count()).select_from(BookingRow).where(BookingRow.hold_expires_at > now)
        return session.scalar(lasting.where(text("status = 'held'"))) or 0


def attempt(client: TestClient, token: str, slot_id: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"}
    answer = client.post("/sessions/book", json={"slot_id": slot_id}, headers=headers)
    assert answer.status_code in (201, 409, 429), answer.text
    return {**answer.json(), "code": answer.status_code}


def test_a_hundred_accounts_on_one_line_keep_no_more_than_two_times_of_a_professional(
    backend: Backend, database: Database, crowd: list[str], hours: list[str], professional: Person, from_: From
) -> None:
    """Two hours, over addresses that change within the line: at first every account, then some every five minutes."""
    most, made = 0, 0
    clients = [from_(f"{ATTACK}{number:x}") for number in range(1, 9)]
    for turn in range(24):
        for number, token in enumerate(crowd if turn == 0 else crowd[turn * 4 : turn * 4 + 4]):
            answer = attempt(clients[number % 8], token, hours[(number + turn) % HOURS])
            made += answer["code"] == 201
            if answer["code"] == 429:
                assert "from your network" in answer["detail"]
                assert answer["retry_after_s"] > 0
        most = max(most, live_holds(database, backend.clock.now))
        card = backend.client.get("/professionals").json()["items"][0]
        assert (card["id"], card["next_free_at"] is not None) == (professional.id, True)
        backend.clock.move(minutes=5)
    assert most == 2, "an attack that holds nothing shows nothing"
    assert made <= len(UNPAID_OF_ONE.minutes) + 2  # ever slower: two at once would be 24 in two hours


def test_somebody_on_another_line_books_at_once_meanwhile(
    backend: Backend, crowd: list[str], hours: list[str], from_: From, user: Person
) -> None:
    attacker = from_(f"{ATTACK}1")
    got = [attempt(attacker, token, slot)["code"] for token, slot in zip(crowd[:10], hours[:10], strict=True)]
    assert got == [201, 201] + [429] * 8
    honest = Person(from_(ELSEWHERE), user.account, user.token, user.password)
    assert [book(honest, {"id": slot}).status_code for slot in hours[20:22]] == [201, 201]


def test_many_lines_of_one_network_keep_four_of_a_professional(
    database: Database, backend: Backend, crowd: list[str], hours: list[str], from_: From
) -> None:
    got = [
        attempt(from_(f"2001:db8:bad:{number:x}::1"), token, slot)["code"]
        for number, (token, slot) in enumerate(zip(crowd[:30], hours[:30], strict=True))
    ]
    assert got == [201] * 4 + [429] * 26
    assert live_holds(database, backend.clock.now) == 4


def test_of_many_at_once_no_more_get_through(
    database: Database, backend: Backend, crowd: list[str], hours: list[str], from_: From
) -> None:
    with ThreadPoolExecutor(12) as people:
        answers = list(
            people.map(lambda number: attempt(from_("203.0.113.7"), crowd[number], hours[number])["code"], range(12))
        )
    assert sorted(answers) == [201, 201] + [429] * 10
    assert live_holds(database, backend.clock.now) == 2


def test_a_place_on_the_line_is_free_again_once_one_is_paid_or_given_back(
    crowd: list[str], hours: list[str], from_: From
) -> None:
    office = from_("203.0.113.7")
    first = attempt(office, crowd[0], hours[0])
    second = attempt(office, crowd[1], hours[1])
    third = attempt(office, crowd[2], hours[2])
    assert (third["code"], third["retry_after_s"]) == (429, 600)
    assert third["detail"] == (
        "Other times of this professional are being paid for from your network at the moment. Try again in 10 minutes."
    )
    pay(Person(office, {}, crowd[0], ""), first)
    assert attempt(office, crowd[2], hours[2])["code"] == 201
    assert attempt(office, crowd[3], hours[3])["code"] == 429
    office.post(f"/sessions/{second['id']}/release", headers={"Authorization": f"Bearer {crowd[1]}"})
    assert attempt(office, crowd[3], hours[3])["code"] == 201


def test_another_professionals_times_can_be_held_from_the_same_line(
    backend: Backend, crowd: list[str], hours: list[str], from_: From
) -> None:
    office = from_("203.0.113.7")
    other = backend.slot(backend.professional("Ivo Kern"))["id"]
    assert [attempt(office, crowd[n], hours[n])["code"] for n in range(3)] == [201, 201, 429]
    assert attempt(office, crowd[3], other)["code"] == 201


Ending = Callable[[Person, dict[str, Any], MovableClock], None]


def given_back(user: Person, booking: dict[str, Any], _clock: MovableClock) -> None:
    assert user.post(f"/sessions/{booking['id']}/release").status_code == 200


def run_out(_user: Person, _booking: dict[str, Any], clock: MovableClock) -> None:
    clock.move(minutes=10)


@pytest.mark.parametrize("end", [given_back, run_out])
def test_after_each_hold_that_is_not_paid_the_next_waits_longer(
    backend: Backend, user: Person, professional: Person, end: Ending
) -> None:
    slots = [backend.slot(professional, f"2027-03-{day:02}") for day in range(3, 12)]
    waited: list[int] = []
    for slot in slots[: len(UNPAID.minutes) + 1]:
        answer = book(user, slot)
        waited.append(0)
        if answer.status_code == 429:
            assert answer.json()["detail"].startswith("You have let several times go without paying. You can hold ")
            waited[-1] = answer.json()["retry_after_s"] // 60
            backend.clock.move(seconds=answer.json()["retry_after_s"] - 1)
            assert book(user, slot).status_code == 429
            backend.clock.move(seconds=1)
            answer = book(user, slot)
        assert answer.status_code == 201, answer.text
        end(user, answer.json(), backend.clock)
    assert waited == [*UNPAID.minutes, UNPAID.minutes[-1]]


def test_paying_forgives_what_was_let_go(backend: Backend, user: Person, professional: Person) -> None:
    slots = iter([backend.slot(professional, f"2027-03-{day:02}") for day in range(3, 12)])
    for _ in range(2):
        given_back(user, held(user, next(slots)), backend.clock)
    assert book(user, next(slots)).status_code == 429
    backend.clock.move(minutes=1)
    confirmed(user, next(slots))
    for _ in range(2):
        given_back(user, held(user, next(slots)), backend.clock)


def test_after_a_day_it_is_forgotten(backend: Backend, user: Person, professional: Person) -> None:
    slots = [backend.slot(professional, f"2027-03-{day:02}") for day in range(3, 8)]
    for slot in slots[:2]:
        given_back(user, held(user, slot), backend.clock)
    assert book(user, slots[2]).status_code == 429
    backend.clock.move(hours=24)
    assert [book(user, slot).status_code for slot in slots[3:]] == [201, 201]


def test_who_may_not_hold_a_time_anyway_hears_that_and_nothing_is_counted(
    backend: Backend, database: Database, user: Person, professional: Person
) -> None:
    slot = backend.slot(professional)
    held(backend.user(), slot)
    for _ in range(5):
        assert book(user, slot).json()["error"] == "SlotAlreadyTaken"
    with database.read() as session:
        assert session.scalars(select(HoldRow.user_id)).all() != [UUID(user.id)]
        assert session.scalar(select(func.count()).select_from(HoldRow)) == 1


def test_a_request_that_comes_twice_is_answered_twice_and_counted_once(
    backend: Backend, database: Database, user: Person, professional: Person
) -> None:
    slot = backend.slot(professional)
    answers = [book(user, slot, "one-key-for-both") for _ in range(4)]
    assert {answer.json()["id"] for answer in answers} == {answers[0].json()["id"]}
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(HoldRow)) == 1


def test_neither_an_address_nor_anything_that_tells_it_is_stored_with_a_hold(
    backend: Backend, database: Database, user: Person, professional: Person, from_: From
) -> None:
    book(Person(from_("203.0.113.7"), user.account, user.token, user.password), backend.slot(professional))
    with database.read() as session:
        kept = session.scalars(select(HoldRow)).one()
    assert (len(kept.line), len(kept.network)) == (16, 16)
    assert b"203" not in kept.line


def test_a_provider_that_does_not_answer_counts_against_nobody(
    backend: Backend, database: Database, user: Person, professional: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object) -> None:
        raise PaymentGatewayUnavailable("down")

    slot = backend.slot(professional)
    monkeypatch.setattr(SandboxGateway, "create_checkout", down)
    for _ in range(4):
        assert book(user, slot).status_code == 503
    monkeypatch.undo()
    assert book(user, slot).status_code == 201
