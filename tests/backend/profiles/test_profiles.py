"""A professional's profile: edited by its owner, seen by everyone."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.backend.stage import Backend, Person

PATH = "/professional/profile"


def test_a_new_professional_has_an_empty_profile(professional: Person) -> None:
    assert professional.get(PATH).json() == {
        "id": professional.id,
        "name": "Nora Berg",
        "headline": "",
        "about": "",
        "category": None,
        "category_label": None,
        "photo_url": None,
        "time_zone": "Europe/Berlin",
        "from_price": None,
        "currency": "USD",
        "next_free_at": None,
        "cancellation_policy": {"full_until_minutes": 720, "half_until_minutes": 120},
        "handle": None,
        "public_url": None,
    }


def test_what_is_changed_is_what_everyone_sees(client: TestClient, professional: Person) -> None:
    changes = {
        "name": "Nora B.",
        "headline": " Strength,  patiently ",
        "about": "First line\r\n\r\nSecond line  ",
        "category": "personal-training",
        "time_zone": "Europe/Madrid",
    }
    changed = professional.patch(PATH, json=changes).json()
    assert client.get(f"/professional/{professional.id}").json() == changed
    assert {name: changed[name] for name in changes} == {
        **changes,
        "headline": "Strength, patiently",
        "about": "First line\n\nSecond line",
    }
    assert changed["category_label"] == "Personal training"


def test_what_is_left_out_stays(professional: Person) -> None:
    before = professional.patch(PATH, json={"headline": "Strength", "category": "nutrition"}).json()
    assert professional.patch(PATH, json={"about": "More"}).json() == {**before, "about": "More"}


def test_a_null_category_takes_it_away(professional: Person) -> None:
    professional.patch(PATH, json={"category": "nutrition", "headline": "Food"})
    changed = professional.patch(PATH, json={"category": None}).json()
    assert (changed["category"], changed["category_label"], changed["headline"]) == (None, None, "Food")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"headline": "x" * 121}, "headline"),
        ({"about": "x" * 2001}, "about"),
        ({"about": "a\x00b"}, "about"),
        ({"category": "wizardry"}, "category"),
        ({"time_zone": "Europe/Atlantis"}, "time_zone"),
        ({"name": ""}, "name"),
        ({"name": 7}, "name"),
        ({"photo_url": "http://elsewhere.example"}, "photo_url"),
        ({"price": "1.00"}, "price"),
    ],
    ids=str,
)
def test_a_bad_change_is_refused_at_its_field_and_changes_nothing(
    professional: Person, body: dict[str, Any], field: str
) -> None:
    before = professional.get(PATH).json()
    answer = professional.patch(PATH, json={"headline": "New", **body})
    assert (answer.status_code, list(answer.json()["fields"])) == (422, [field])
    assert professional.get(PATH).json() == before


def test_a_user_has_no_profile_to_edit(user: Person) -> None:
    for answer in (user.get(PATH), user.patch(PATH, json={}), user.delete(f"{PATH}/photo")):
        assert (answer.status_code, answer.json()["error"]) == (403, "WrongRole")


def test_a_user_is_not_shown_as_a_professional(client: TestClient, user: Person) -> None:
    assert client.get(f"/professional/{user.id}").status_code == 404


@pytest.mark.parametrize(
    "other", ["00000000-0000-0000-0000-000000000000", "nora", "1", "../auth/me", "%00", "profiles"]
)
def test_an_unknown_professional_is_not_found(client: TestClient, other: str) -> None:
    assert client.get(f"/professional/{other}").status_code in (401, 404)


def test_categories_have_words(client: TestClient) -> None:
    assert {"id": "personal-training", "label": "Personal training"} in client.get("/categories").json()["items"]


def test_changing_the_zone_moves_the_wall_times_of_slots_not_the_slots(backend: Backend, professional: Person) -> None:
    before = backend.slot(professional, start="10:00", end="10:45")
    professional.patch(PATH, json={"time_zone": "America/New_York"})
    answer = backend.offer(professional, start="04:00", end="04:45")
    assert answer.json()["error"] == "SlotOverlaps"
    assert before["starts_at"] == "2027-03-02T09:00:00Z"
