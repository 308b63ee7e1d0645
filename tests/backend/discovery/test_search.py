"""Finding professionals: words, categories, pages, the next free time and the lowest price."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event

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
