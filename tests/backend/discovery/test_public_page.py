"""`/p/{handle}`: what everyone reads of a professional, and that nothing a profile says becomes markup."""

import json
import re
from contextlib import suppress
from html.parser import HTMLParser
from typing import Any
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
from tests.backend.profiles.test_pictures import plain
from tests.backend.stage import Backend, MovableClock, Person

PATH = "/professional/profile"
MOST_BYTES = 60 * 1024
WEB_APP = "https://app.example.com"


@pytest.fixture
def app(settings: Settings, clock: MovableClock, passwords: PasswordHasher) -> FastAPI:
    """Where the app is served to browsers too, and below a path."""
    settings = settings.model_copy(update={"web_app_url": WEB_APP, "public_url": "https://example.com/rendezvous"})
    return create_app(settings, now=clock, passwords=passwords, run_worker=False)


@pytest.fixture
def nora(professional: Person) -> Person:
    professional.patch(
        PATH,
        json={
            "handle": "nora",
            "headline": "Strength, patiently",
            "about": "First.\n\nSecond line\nof it.",
            "category": "personal-training",
        },
    )
    return professional


class Page(HTMLParser):
    """A page as a browser takes it apart: elements with their attributes, and what is text."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.scripts: list[str] = []
        self._in: list[str] = []
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._in.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._in and self._in.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "script" in self._in:
            self.scripts.append(data)
        elif "style" not in self._in:
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def meta(self, name: str) -> str | None:
        found = [each for each in self.all("meta") if name in (each.get("property"), each.get("name"))]
        return found[0]["content"] if found else None

    @property
    def facts(self) -> dict[str, Any]:
        (data,) = self.scripts
        facts: dict[str, Any] = json.loads(data)
        return facts


def read(client: TestClient, handle: str = "nora") -> Page:
    answer = client.get(f"/p/{handle}")
    assert answer.status_code == 200, answer.text
    return Page(answer.text)


def links(page: Page) -> list[str]:
    return [str(each["href"]) for each in page.all("a")]


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


HOSTILE = {
    "script": "</script><script>alert(1)</script>",
    "comment": "<!--<script>",
    "attribute": "\"><img src=x onerror=alert(1)> ' onmouseover='x",
    "template": "{{ 7*7 }} {% raw %} ${7*7}",
    "entities": "&lt;b&gt; &amp; &#x202e;",
    "rtl": "נורה ברג עם מילים אחרי",
    "long": "x" * 110,
    "emoji": "👩‍🏫🏳️‍🌈 e\u0301",
    "separators": "a\u2028b\u2029c",
    "css": "</style><style>*{display:none}</style>",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_nothing_in_a_profile_becomes_markup(backend: Backend, client: TestClient, nora: Person, kind: str) -> None:
    text = HOSTILE[kind]
    backend.slot(nora)
    changed = nora.patch(PATH, json={"headline": text, "about": f"{text}\n\n{text}"})
    assert changed.is_success, changed.text
    named = nora.patch(PATH, json={"name": text[:60]})
    stored = nora.get(PATH).json()
    page = read(client)
    assert [tag for tag, _ in page.elements].count("script") == 2
    assert [tag for tag, _ in page.elements].count("img") == 0
    assert [tag for tag, _ in page.elements].count("style") == 1
    assert " ".join(stored["headline"].split()) in " ".join(page.text.split())
    assert page.facts["mainEntity"]["jobTitle"] == stored["headline"]
    if named.is_success:
        assert page.facts["mainEntity"]["name"] == stored["name"]
        assert page.meta("og:title") == stored["name"]
    assert "49" not in page.text or "49" in text


NAMES = [
    "山田 花子",
    "Нора Линдквист",
    "نورا برغ",
    "นอร่า เบิร์ก",
    "नोरा बर्ग",
    "Νόρα",
    "נורה",
    "노라",
    "ნორა",
    "👩‍🏫 Nora",
]


@pytest.mark.parametrize("name", NAMES)
def test_names_of_every_script_stand_there_as_written(client: TestClient, nora: Person, name: str) -> None:
    assert nora.patch(PATH, json={"name": name}).is_success
    page = read(client)
    assert name in page.text
    assert page.meta("og:title") == name
    (heading,) = page.all("h1")
    assert heading["dir"] == "auto"


def test_it_is_small_even_with_everything_that_a_profile_can_hold(
    backend: Backend, client: TestClient, nora: Person
) -> None:
    about = "".join("\U0001f3f3<" for _ in range(1000))
    nora.patch(PATH, json={"headline": '"' * 120, "about": about, "name": "&" * 40 + "x" * 40})
    for hour in range(8, 20):
        backend.slot(nora, start=f"{hour:02}:00", end=f"{hour:02}:45")
    page = client.get("/p/nora", headers={"Accept-Encoding": "identity"}).content
    script = client.get("/p-files/public.js", headers={"Accept-Encoding": "identity"}).content
    assert len(page) + len(script) < MOST_BYTES


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
