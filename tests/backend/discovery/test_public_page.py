"""`/p/{handle}`: what everyone reads of a professional, and what machines and phones do."""

import re
from contextlib import suppress
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import delete

from backend.auth.service import PasswordHasher
from backend.auth.tables import AccountRow
from backend.discovery.service import rendering
from backend.kit.database import Database
from backend.kit.errors import TooManyAttempts
from backend.kit.limits.table import PUBLIC, PUBLIC_NETWORK
from backend.main import create_app
from backend.settings import Settings
from tests.backend.bookings.acting import held
from tests.backend.discovery.public_pages import PATH, WEB_APP, Page, links, read
from tests.backend.profiles.test_pictures import plain
from tests.backend.stage import Backend, MovableClock, Person


@pytest.fixture
def app(page_app: FastAPI) -> FastAPI:
    return page_app


def test_it_says_who_it_is_what_it_costs_and_when_there_is_time(
    backend: Backend, client: TestClient, nora: Person
) -> None:
    backend.slot(nora, price="60.00")
    backend.slot(nora, start="14:30", end="15:15")
    page = read(client)
    for words in ("Nora Berg", "Strength, patiently", "Personal training", "from $45.00", "Second line\nof it."):
        assert words in page.text
    for words in ("Tuesday 2 March", "14:30", "45 min · $45.00", "45 min · $60.00", "(Berlin)", "12 h before"):
        assert words in page.text
    assert [each["datetime"] for each in page.all("time")] == ["2027-03-02T09:00:00Z", "2027-03-02T13:30:00Z"]


def test_a_time_leads_into_the_app_with_that_time_chosen(backend: Backend, client: TestClient, nora: Person) -> None:
    backend.slot(nora, start="14:30", end="15:15")
    page = f"{WEB_APP}/professional/{nora.id}"
    assert links(read(client)) == [f"{page}/20270302T1330Z", page]


def test_times_that_are_held_or_over_are_not_offered(
    backend: Backend, client: TestClient, nora: Person, user: Person, clock: MovableClock
) -> None:
    slot = backend.slot(nora)
    backend.slot(nora, start="11:00", end="11:45")
    held(user, slot)
    assert len(read(client).all("time")) == 1
    clock.move(days=2)
    assert "No time is free at the moment." in read(client).text


def test_twelve_times_are_shown_however_many_there_are(backend: Backend, client: TestClient, nora: Person) -> None:
    for hour in range(8, 20):
        backend.slot(nora, start=f"{hour:02}:00", end=f"{hour:02}:45", repeat_weeks=1)
    assert len(read(client).all("time")) == 12


def test_machines_are_told_the_same(backend: Backend, client: TestClient, nora: Person) -> None:
    backend.slot(nora)
    nora.put(f"{PATH}/photo", files={"photo": ("me.jpg", plain((64, 64), "JPEG"))})
    page = read(client)
    url = "https://example.com/rendezvous/p/nora"
    photo = page.meta("og:image")
    assert photo is not None
    assert photo.startswith(f"https://example.com/rendezvous/professional/{nora.id}/photo?v=")
    (picture,) = page.all("img")
    assert f"https://example.com{picture['src']}" == photo
    assert picture["alt"] == "Nora Berg"
    assert (page.meta("og:title"), page.meta("og:url")) == ("Nora Berg", url)
    assert page.meta("og:description") == page.meta("description") == "Strength, patiently"
    assert {"rel": "canonical", "href": url} in page.all("link")
    person = page.facts["mainEntity"]
    assert page.facts["@type"] == "ProfilePage"
    assert (person["name"], person["image"], person["jobTitle"]) == ("Nora Berg", photo, "Strength, patiently")
    (offer,) = person["makesOffer"]
    assert (offer["price"], offer["priceCurrency"]) == ("45.00", "USD")


def test_a_former_handle_and_capitals_lead_to_the_page_of_today(client: TestClient, nora: Person) -> None:
    nora.patch(PATH, json={"handle": "nora-berg"})
    for former in ("nora", "NORA", "Nora-Berg"):
        answer = client.get(f"/p/{former}", follow_redirects=False)
        assert (answer.status_code, answer.headers["Location"]) == (308, "/rendezvous/p/nora-berg"), former
    nora.patch(PATH, json={"handle": "nora"})
    assert client.get("/p/nora-berg", follow_redirects=False).headers["Location"] == "/rendezvous/p/nora"


def test_an_app_that_a_link_opened_learns_whose_page_it_is(client: TestClient, nora: Person) -> None:
    nora.patch(PATH, json={"handle": "nora-berg"})
    for handle in ("nora", "nora-berg", "NORA"):
        assert client.get(f"/handles/{handle}").json() == {"professional_id": nora.id}
    assert client.get("/handles/nobody").json()["error"] == "NotFound"


@pytest.mark.parametrize("handle", ["nobody", "x", "a" * 300, "%ED%A0%80", "%00", "<script>", "nora%2F..", "нора", "-"])
def test_an_unknown_handle_has_a_friendly_page(client: TestClient, handle: str) -> None:
    answer = client.get(f"/p/{handle}")
    assert answer.status_code == 404
    if answer.headers["Content-Type"].startswith("text/html"):
        assert "There is no such page" in answer.text
        assert links(Page(answer.text)) == [f"{WEB_APP}/find"]
        assert Page(answer.text).meta("robots") == "noindex"
    else:
        assert "%00" in handle or "%2F" in handle  # no path of this page


def test_somebody_who_left_is_said_to_be_gone(backend: Backend, client: TestClient, database: Database) -> None:
    person = backend.professional(onboarded=False)
    person.patch(PATH, json={"handle": "short-stay"})
    with database.write() as session:
        session.execute(delete(AccountRow).where(AccountRow.id == UUID(person.id)))
    answer = client.get("/p/short-stay")
    assert answer.status_code == 410
    assert "no longer on Rendezvous" in answer.text


def test_someone_who_cannot_be_paid_has_no_free_times(backend: Backend, client: TestClient) -> None:
    person = backend.professional(onboarded=False)
    person.patch(PATH, json={"handle": "not-yet"})
    page = read(client, "not-yet")
    assert "No time is free at the moment." in page.text
    assert not page.all("time")
    assert page.scripts[1:] == []


def test_nothing_on_the_page_may_run_or_load_from_elsewhere(backend: Backend, client: TestClient, nora: Person) -> None:
    backend.slot(nora)
    answer = client.get("/p/nora")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert (answer.headers["Referrer-Policy"], answer.headers["X-Content-Type-Options"]) == ("no-referrer", "nosniff")
    page = Page(answer.text)
    script, facts = page.all("script")[1], page.all("script")[0]
    assert facts == {"type": "application/ld+json"}
    assert script["src"] == f"/rendezvous/p-files/public.js?v={rendering.file_version('public.js')}"
    assert not any(name.startswith("on") or name == "style" for _, given in page.elements for name in given)
    loaded = [each.get("src") or "" for tag in ("img", "script") for each in page.all(tag)]
    assert not [address for address in loaded if "//" in address]


def test_the_script_is_kept_by_its_version(client: TestClient) -> None:
    version = rendering.file_version("public.js")
    answer = client.get(f"/p-files/public.js?v={version}")
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert "immutable" in answer.headers["Cache-Control"]
    assert "immutable" not in client.get("/p-files/public.js?v=old").headers["Cache-Control"]
    assert client.get("/p-files/public.html").status_code == 404


def test_a_page_that_has_not_changed_is_not_sent_again(backend: Backend, client: TestClient, nora: Person) -> None:
    first = client.get("/p/nora")
    assert first.headers["Cache-Control"] == "public, max-age=60"
    again = client.get("/p/nora", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    backend.slot(nora)
    assert client.get("/p/nora", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_those_who_ask_for_the_head_alone_are_answered(client: TestClient, nora: Person) -> None:
    answer = client.head("/p/nora")
    assert (answer.status_code, answer.content) == (200, b"")


def test_too_many_requests_are_refused_in_words(client: TestClient, nora: Person, app: FastAPI) -> None:
    with suppress(TooManyAttempts):
        for _ in range(2 * PUBLIC.amount):  # reads are counted in shares, so a few more than the limit pass
            app.state.limits.count_read(PUBLIC, PUBLIC_NETWORK, "testclient")
    refused: Response = client.get("/p/nora")
    assert refused.status_code == 429
    assert refused.headers["Content-Type"].startswith("text/html")
    assert int(refused.headers["Retry-After"]) > 0
    assert "Try again in" in refused.text


def test_where_no_browser_has_the_app_it_says_how_to_book(
    settings: Settings, clock: MovableClock, passwords: PasswordHasher, database: Database
) -> None:
    with TestClient(create_app(settings, now=clock, passwords=passwords, run_worker=False)) as client:
        backend = Backend(client, clock, database)
        person = backend.professional("Nora Berg")
        person.patch(PATH, json={"handle": "nora"})
        backend.slot(person)
        page = read(client)
        assert "You book in the Rendezvous app" in page.text
        assert links(page) == [f"rendezvous://open/professional/{person.id}"]
        assert "Find someone" not in client.get("/p/nobody").text


def test_the_page_reads_in_order_without_its_script(backend: Backend, client: TestClient, nora: Person) -> None:
    backend.slot(nora)
    page = read(client)
    headings = [tag for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert headings == ["h1", "h2", "h3", "h2"]
    assert [tag for tag, _ in page.elements].count("main") == 1
    assert page.all("html") == [{"lang": "en"}]
