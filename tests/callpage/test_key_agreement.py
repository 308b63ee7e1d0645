"""The call page's form of the key agreement, in Node: with itself, with the native engine, and by the same vectors."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.call.contract.encryption import KeyOrigin
from app.call.keys.word_list import WORDS
from tests.call.key_scenarios import KeyScenarios, NewSide
from tests.call.test_key_agreement import VECTORS
from tests.stage.key_sides import NativeSide, Page


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    page = Page(tmp_path_factory.mktemp("page"))
    yield page
    page.close()


class TestPages(KeyScenarios):
    """Both sides are call pages."""

    @pytest.fixture
    def anna(self, page: Page) -> NewSide:
        return page.side

    @pytest.fixture
    def ben(self, page: Page) -> NewSide:
        return page.side


class TestPageAndNative(KeyScenarios):
    """A call page and a native engine."""

    @pytest.fixture
    def anna(self, page: Page) -> NewSide:
        return page.side


@pytest.mark.parametrize("agreed", VECTORS["agreed"])
def test_the_key_and_its_words_are_those_of_the_vectors(page: Page, agreed: dict[str, Any]) -> None:
    own, theirs = VECTORS["sides"]
    side = page.side(agreed["session_key"], ((own["private"], own["half"]),))
    assert side.shown(0).offer == f"1 {own['commitment']} - - 0"
    side.take(f"1 {theirs['commitment']} {own['commitment']} {theirs['half']} 3", 0)
    assert side.shown(0).use.agreed == agreed["key"]
    side.on_readable(agreed["key"], 0)
    side.take(f"1 {theirs['commitment']} {own['commitment']} {theirs['half']} 3", 10)
    assert (side.shown(10).origin, side.shown(10).words) == (KeyOrigin.AGREED, tuple(agreed["words"]))


def test_the_words_are_the_apps_own(page: Page) -> None:
    assert tuple(page.ask(do="words", side=0)["words"]) == WORDS


def test_a_browser_that_does_not_know_the_curve_offers_nothing_and_uses_the_session_key(page: Page) -> None:
    side = page.side("a key", ())
    page.ask(do="old", side=side.number)
    for now_s in range(6):
        side.take(NativeSide().shown(0).offer, now_s)
        shown = side.shown(now_s)
        assert (shown.offer, shown.use.given, shown.use.sends_agreed) == ("", "a key", False)
        assert shown.origin is KeyOrigin.GIVEN
