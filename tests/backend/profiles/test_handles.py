"""The name in the address of a public page: its rules, whose it is, and that old ones stay with their owner."""

from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete

from backend.auth.tables import AccountRow
from backend.kit.database import Database
from backend.profiles.rules import CATEGORIES
from backend.profiles.rules.handles import MOST_HANDLES, RESERVED, normal_handle, possible_handle, suggestions
from tests.backend.stage import Backend, Person

PATH = "/professional/profile"
ID = UUID(int=0x3FA9 << 112)


def choose(professional: Person, handle: str) -> Any:
    return professional.patch(PATH, json={"handle": handle})


def suggested(professional: Person) -> str:
    return str(professional.get(f"{PATH}/suggested-handle").json()["handle"])


def test_a_chosen_handle_is_in_the_profile_with_the_address_of_the_page(professional: Person) -> None:
    answer = choose(professional, "nora-berg").json()
    assert (answer["handle"], answer["public_url"]) == ("nora-berg", "http://backend.test/p/nora-berg")
    assert professional.get(PATH).json() == answer


@pytest.mark.parametrize(
    ("typed", "kept"), [("Nora-Berg", "nora-berg"), ("  nora ", "nora"), ("ｎｏｒａ７", "nora7"), ("123", "123")]
)
def test_a_handle_is_stored_in_one_form(professional: Person, typed: str, kept: str) -> None:
    assert choose(professional, typed).json()["handle"] == kept


@pytest.mark.parametrize(
    "handle",
    [
        *("no", "n" * 31, "", "-nora", "nora-", "no--ra", "nora berg", "nora_b", "nöra", "нора", "nora/..", "nora.b"),
        *("<b>x</b>", "admin", "Sign-In", "rendezvous-help", "no\x00ra"),
    ],
)
def test_what_is_no_handle_is_refused_at_its_field(professional: Person, handle: str) -> None:
    answer = choose(professional, handle)
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["handle"])
    assert professional.get(PATH).json()["handle"] is None


def test_half_a_surrogate_pair_is_refused(professional: Person) -> None:
    body = b'{"handle": "nora\\ud800"}'
    answer = professional.patch(PATH, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422


def test_a_handle_belongs_to_one_whatever_its_case(backend: Backend, professional: Person) -> None:
    choose(professional, "nora")
    answer = choose(backend.professional(), "NORA")
    assert (answer.status_code, answer.json()["error"]) == (409, "HandleTaken")
    assert answer.json()["fields"]["handle"] == answer.json()["detail"]


def test_a_taken_handle_changes_nothing_else_of_the_profile(backend: Backend, professional: Person) -> None:
    choose(professional, "nora")
    other = backend.professional()
    other.patch(PATH, json={"handle": "nora", "headline": "Strong"})
    assert other.get(PATH).json()["headline"] == ""


def test_a_former_handle_stays_with_its_owner(backend: Backend, professional: Person) -> None:
    choose(professional, "nora")
    choose(professional, "nora-berg")
    assert choose(backend.professional(), "nora").json()["error"] == "HandleTaken"
    assert choose(professional, "nora").json()["handle"] == "nora"
    assert choose(professional, "nora-berg").json()["handle"] == "nora-berg"


def test_choosing_the_same_again_is_no_change(professional: Person) -> None:
    choose(professional, "nora")
    assert choose(professional, "nora").json()["handle"] == "nora"


def test_nobody_collects_handles(professional: Person) -> None:
    for number in range(MOST_HANDLES):
        assert choose(professional, f"nora-{number}").is_success
    answer = choose(professional, "one-more")
    assert (answer.status_code, answer.json()["error"]) == (422, "TooManyHandles")
    assert choose(professional, "nora-0").json()["handle"] == "nora-0"


def test_the_handle_of_an_account_that_is_gone_is_given_to_nobody(
    backend: Backend, database: Database, professional: Person
) -> None:
    bare = backend.professional(onboarded=False)
    choose(bare, "bare")
    with database.write() as session:
        session.execute(delete(AccountRow).where(AccountRow.id == UUID(bare.id)))
    assert choose(professional, "bare").json()["error"] == "HandleTaken"


def test_of_two_who_choose_a_handle_at_once_one_gets_it(backend: Backend) -> None:
    people = [backend.professional(onboarded=False) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda person: choose(person, "wanted"), people))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]


def test_a_user_has_no_handle(user: Person) -> None:
    assert choose(user, "sam").status_code == 403
    assert user.get(f"{PATH}/suggested-handle").status_code == 403


def test_the_suggestion_comes_from_the_name_and_is_free(backend: Backend, professional: Person) -> None:
    assert suggested(professional) == "nora-berg"
    choose(professional, "nora-berg")
    twin = backend.professional("Nóra Berg")
    assert suggested(twin) == "nora-berg-2"
    assert choose(twin, "nora-berg-2").is_success


@pytest.mark.parametrize(
    ("name", "category", "first"),
    [
        ("Åsa Öğüş Weiß", None, "asa-ogus-weiss"),
        ("O'Neill, Jr.", None, "o-neill-jr"),
        ("山田花子", "languages", "languages-3fa9"),
        ("Нора Линдквист", None, "sessions-3fa9"),
        ("Wolfeschlegelsteinhausenbergerdorff Hubert", None, "wolfeschlegelsteinhau"),
        ("Admin", "music", "music-3fa9"),
        ("Al", None, "sessions-3fa9"),
    ],
)
def test_what_is_suggested_to_whom(name: str, category: str | None, first: str) -> None:
    assert next(suggestions(name, category, ID)) == first


@given(st.text(max_size=80), st.sampled_from([None, *CATEGORIES]), st.uuids())
def test_every_suggestion_may_be_chosen(name: str, category: str | None, row_id: UUID) -> None:
    found = list(islice(suggestions(name, category, row_id), 20))
    assert found
    assert all(normal_handle(handle) == handle for handle in found)


@given(st.text(max_size=40))
def test_what_may_be_chosen_is_found_by_its_address(text: str) -> None:
    try:
        handle = normal_handle(text)
    except ValueError:
        return
    assert possible_handle(handle) == possible_handle(handle.upper()) == handle
    assert handle not in RESERVED
