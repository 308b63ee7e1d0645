"""Nothing that a profile says becomes markup on its public page, and nothing makes it large."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.backend.discovery.public_pages import PATH, read
from tests.backend.stage import Backend, Person

MOST_BYTES = 60 * 1024


@pytest.fixture
def app(page_app: FastAPI) -> FastAPI:
    return page_app


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
