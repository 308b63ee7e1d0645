"""What the call page has in common with the app is the app's own, as of now."""

import re

import pytest

from app.components.call import call_theme
from app.components.design import theme
from tools import callpage_shared, callpage_words
from tools.paths import ROOT

CSS = (ROOT / "callpage" / "styles" / "call.css").read_text()
ROLES = {
    "primary": "primary",
    "on-primary": "on_primary",
    "primary-container": "primary_container",
    "on-primary-container": "on_primary_container",
    "tertiary-container": "tertiary_container",
    "on-tertiary-container": "on_tertiary_container",
    "error": "error",
    "surface": "surface",
    "on-surface": "on_surface",
    "on-surface-variant": "on_surface_variant",
    "card": "surface_container_low",
    "field": "surface_container",
    "track": "surface_container_highest",
    "outline": "outline",
}
ROOM = ("ROOM", "PANEL", "RAISED", "TEXT", "QUIET", "ACCENT", "WARNING", "HANG_UP")


@pytest.mark.parametrize("name", ["words.json", "protocol.json"])
def test_words_and_protocol_are_the_apps_own(name: str) -> None:
    written = (callpage_shared.FOLDER / name).read_text("utf-8")
    assert written == callpage_shared.files()[name], "run: python -m tools.callpage_shared"


def test_no_sentence_of_the_app_is_missing_on_the_page() -> None:
    assert all(callpage_words.words().values())


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9A-F]+);", block))


def test_the_page_has_the_apps_colours_in_the_light_and_in_the_dark() -> None:
    light, dark = re.findall(r":root \{(.*?)\n *\}", CSS, re.DOTALL)
    for block, wanted in ((light, theme.LIGHT), (dark, theme.DARK)):
        found = colours(block)
        assert {role: found[role] for role in ROLES} == {role: wanted[name] for role, name in ROLES.items()}


def test_the_calls_room_has_the_apps_colours() -> None:
    found = colours(CSS)
    names = {name: name.lower().replace("_", "-") for name in ROOM}
    assert {name: found[css] for name, css in names.items()} == {name: getattr(call_theme, name) for name in ROOM}
