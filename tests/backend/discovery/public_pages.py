"""A public page as a browser takes it apart."""

import json
from html.parser import HTMLParser
from typing import Any

from fastapi.testclient import TestClient

PATH = "/professional/profile"
WEB_APP = "https://app.example.com"


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
