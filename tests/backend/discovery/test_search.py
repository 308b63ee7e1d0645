"""Finding professionals: words, categories, pages, the next free time and the lowest price."""

from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, event, text, update

from backend.auth.tables import SearchTextRow
from backend.discovery import repository
from backend.payments.ports import ConnectedAccountState
from backend.payments.tables import ConnectedAccountRow
from tests.backend.stage import Backend, Person


def names(client: TestClient, **query: Any) -> list[str]:
    return [card["name"] for card in client.get("/professionals", params=query).json()["items"]]


def offering(backend: Backend, name: str = "", day: str = "2027-03-02") -> Person:
    """A professional with an hour to come."""
    professional = backend.professional(name)
    backend.slot(professional, day)
    return professional


@pytest.fixture
def three(backend: Backend) -> tuple[Person, Person, Person]:
    """Åsa trains, Ben teaches Spanish, clara has written nothing."""
    asa, ben, clara = (offering(backend, name) for name in ("Åsa Lind", "Ben Díaz", "clara Weiß"))
    asa.patch("/professional/profile", json={"headline": "Strength at 100%", "category": "personal-training"})
    ben.patch("/professional/profile", json={"about": "Spanish from zero_to hero", "category": "languages"})
    return asa, ben, clara


def test_without_a_word_everyone_is_listed_by_name(client: TestClient, three: object) -> None:
    assert names(client) == ["Åsa Lind", "Ben Díaz", "clara Weiß"]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("ben", ["Ben Díaz"]),
        ("ÅSA", ["Åsa Lind"]),
        ("åsa", ["Åsa Lind"]),
        ("strength", ["Åsa Lind"]),
        ("SPANISH", ["Ben Díaz"]),
        ("training", ["Åsa Lind"]),
        ("personal lind", ["Åsa Lind"]),
        ("personal ben", []),
        ("100%", ["Åsa Lind"]),
        ("%", ["Åsa Lind"]),
        ("_", ["Ben Díaz"]),
        ("'; DROP TABLE accounts; --", []),
        ("nobody", []),
        ("   ", ["Åsa Lind", "Ben Díaz", "clara Weiß"]),
        ("asa", ["Åsa Lind"]),
        ("A\u030asa", ["Åsa Lind"]),
        ("diaz", ["Ben Díaz"]),
        ("weiss", ["clara Weiß"]),
        ("WEISS", ["clara Weiß"]),
        ("ｂｅｎ", ["Ben Díaz"]),
        ("b", ["Ben Díaz"]),
        ("0%", []),
        ("zero_to", ["Ben Díaz"]),
        ('"ben"', []),
        ("ben OR asa", []),
        ("wei*", []),
        ("be\x00n", ["Ben Díaz"]),
    ],
)
def test_every_word_must_be_found_somewhere(client: TestClient, three: object, q: str, found: list[str]) -> None:
    assert names(client, q=q) == found


def test_a_category_narrows_the_search(client: TestClient, three: object) -> None:
    assert names(client, category="languages") == ["Ben Díaz"]
    assert names(client, category="languages", q="asa") == []


def test_an_unknown_category_is_refused(client: TestClient) -> None:
    answer = client.get("/professionals", params={"category": "wizardry"})
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["category"])


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": 101}, {"limit": "x"}, {"cursor": "nonsense"}, {"q": "x" * 201}]
)
def test_a_bad_query_is_refused_at_its_field(client: TestClient, query: dict[str, Any]) -> None:
    answer = client.get("/professionals", params=query)
    assert (answer.status_code, list(answer.json()["fields"])) == (422, list(query))


def test_pages_go_through_everyone_once_even_with_equal_names(backend: Backend) -> None:
    people = [offering(backend, name) for name in ("Ann", "Ann", "Ann", "Bo", "Cy", "Cy", "Di")]
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = backend.client.get("/professionals", params={"limit": 2, "cursor": cursor}).json()
        seen += [card["id"] for card in page["items"]]
        cursor = page["next_cursor"]
    assert sorted(seen) == sorted(person.id for person in people)


def test_a_full_last_page_has_no_next(backend: Backend) -> None:
    for _number in range(2):
        offering(backend)
    assert backend.client.get("/professionals", params={"limit": 2}).json()["next_cursor"] is None


def test_users_are_not_listed(client: TestClient, user: Person) -> None:
    assert names(client) == []


def test_a_card_shows_the_lowest_price_and_the_next_time_that_are_free(backend: Backend, professional: Person) -> None:
    backend.slot(professional, "2027-03-03", "10:00", "11:00", "60.00")
    backend.slot(professional, "2027-03-02", "10:00", "11:00", "75.50")
    card = backend.client.get("/professionals").json()["items"][0]
    assert (card["from_price"], card["next_free_at"]) == ("60.00", "2027-03-02T09:00:00Z")


def test_a_time_that_has_begun_is_neither_next_nor_a_price(backend: Backend, professional: Person) -> None:
    backend.slot(professional, "2027-03-01", "11:00", "12:00", "10.00")
    backend.slot(professional, "2027-03-03", "10:00", "11:00", "60.00")
    backend.clock.move(hours=1)  # it is 11:00 in Berlin
    shown = backend.client.get(f"/professional/{professional.id}").json()
    assert (shown["from_price"], shown["next_free_at"]) == ("60.00", "2027-03-03T09:00:00Z")


def test_a_page_costs_the_same_few_queries_however_many_are_on_it(backend: Backend) -> None:
    for number in range(12):
        backend.slot(backend.professional(f"P{number}"))
    selects: list[str] = []

    def count(*arguments: Any) -> None:
        selects.extend([arguments[2]] if arguments[2].startswith("SELECT") else [])

    engine = backend.client.app.state.database.read_engine  # type: ignore[attr-defined]  # FastAPI's, typed as ASGI
    event.listen(engine, "before_cursor_execute", count)
    backend.client.get("/professionals", params={"limit": 3})
    few = len(selects)
    backend.client.get("/professionals", params={"limit": 12})
    assert (few, len(selects)) == (2, 4)


def test_a_time_that_someone_holds_is_not_shown_until_it_is_given_back(
    backend: Backend, professional: Person, user: Person
) -> None:
    slot = backend.slot(professional, "2027-03-02", "10:00", "11:00", "20.00")
    backend.slot(professional, "2027-03-03", "10:00", "11:00", "60.00")

    def shown() -> tuple[str, str]:
        card = backend.client.get("/professionals").json()["items"][0]
        return card["from_price"], card["next_free_at"]

    booking = user.post("/sessions/book", json={"slot_id": slot["id"]}).json()
    assert shown() == ("60.00", "2027-03-03T09:00:00Z")
    user.post(f"/sessions/{booking['id']}/release")
    assert shown() == ("20.00", "2027-03-02T09:00:00Z")


def test_a_hold_that_ran_out_is_free_again_at_that_instant(
    backend: Backend, professional: Person, user: Person
) -> None:
    slot = backend.slot(professional)
    user.post("/sessions/book", json={"slot_id": slot["id"]})
    assert backend.client.get(f"/professional/{professional.id}").json()["next_free_at"] is None
    backend.clock.move(minutes=10)
    assert backend.client.get(f"/professional/{professional.id}").json()["next_free_at"] == slot["starts_at"]


def test_who_cannot_be_paid_or_offers_no_hours_is_not_listed_and_who_is_booked_out_is(
    backend: Backend, user: Person
) -> None:
    backend.professional("No Hours")
    over = offering(backend, "All Over", "2027-03-02")
    booked = backend.professional("Booked Out")
    slot = backend.slot(booked, "2027-03-09")
    assert user.post("/sessions/book", json={"slot_id": slot["id"]}).status_code == 201
    backend.clock.set(datetime(2027, 3, 2, 12, tzinfo=UTC))
    assert names(backend.client) == ["Booked Out"]
    assert names(backend.client, q="over") == []
    assert backend.client.get(f"/professional/{over.id}").status_code == 200
    with backend.database.write() as session:
        session.execute(update(ConnectedAccountRow).values(state=ConnectedAccountState.RESTRICTED.value))
    assert names(backend.client) == []


@pytest.fixture
def only_by_the_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """No name is read ahead."""
    monkeypatch.setattr(repository, "AHEAD", 0)


QUERIES = ["ben", "ÅSA", "strength", "training", "personal lind", "personal ben", "100%", "%", "weiss", "b", "nobody"]


@pytest.mark.parametrize("q", QUERIES)
def test_the_index_and_the_names_ahead_find_the_same(
    client: TestClient, three: object, monkeypatch: pytest.MonkeyPatch, q: str
) -> None:
    ahead = names(client, q=q)
    monkeypatch.setattr(repository, "AHEAD", 0)
    assert names(client, q=q) == ahead


def test_the_index_follows_what_people_change(
    backend: Backend, three: tuple[Person, Person, Person], only_by_the_index: None
) -> None:
    asa, client = three[0], backend.client
    asa.patch("/professional/profile", json={"headline": "Yoga 山の朝", "category": None})
    assert (names(client, q="yoga"), names(client, q="strength"), names(client, q="personal")) == (["Åsa Lind"], [], [])
    assert names(client, q="山の朝") == names(client, q="の朝") == names(client, q="朝") == ["Åsa Lind"]
    asa.patch("/auth/me", json={"name": "Åsa Öberg"})
    assert (names(client, q="oberg yoga"), names(client, q="lind")) == (["Åsa Öberg"], [])
    with backend.database.write() as session:
        session.execute(delete(SearchTextRow))
    assert names(client, q="yoga") == []


def test_pages_of_a_search_go_through_everyone_once(backend: Backend, only_by_the_index: None) -> None:
    people = [offering(backend, f"Ann {letter}") for letter in "CABED"]
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = backend.client.get("/professionals", params={"q": "ann", "limit": 2, "cursor": cursor}).json()
        seen += [card["name"] for card in page["items"]]
        cursor = page["next_cursor"]
    assert seen == [f"Ann {letter}" for letter in "ABCDE"]
    assert len(people) == 5


def test_a_word_is_looked_for_in_the_index_of_trigrams(backend: Backend, three: object) -> None:
    database = backend.database
    with database.read() as session:
        query = repository._all_with(session, ["strength", "lind"])
        words = query.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
        postgresql = database.url.startswith("postgresql")
        if postgresql:
            session.execute(text("SET LOCAL enable_seqscan = off"))
        explain = "EXPLAIN" if postgresql else "EXPLAIN QUERY PLAN"
        plan = "\n".join(str(row) for row in session.execute(text(f"{explain} {words}")))
    assert ("ix_search_texts_trigrams" if postgresql else "search_index VIRTUAL TABLE INDEX") in plan, plan
