"""Back leads to where a person came from."""

from functools import partial

import pytest

from app.state.core.history import History
from tests.app.stage.harness import Harness
from tests.app.stage.whole_app import app_of, path, sign_in, two_accounts


def history_of(*routes: str) -> History:
    history = History()
    for route in routes:
        history.note(route)
    return history


@pytest.mark.parametrize(
    ("seen", "leads_to"),
    [
        ((), "/find"),
        (("/professional/a",), "/find"),
        (("/find", "/professional/a"), "/find"),
        (("/my-sessions/x", "/professional/a"), "/my-sessions/x"),
        (("/find", "/professional/b", "/my-sessions", "/professional/a"), "/my-sessions"),
        (("/find", "/find", "/professional/a", "/professional/a"), "/find"),
        (("/my-sessions", "/find", "/my-sessions", "/professional/a"), "/my-sessions"),  # went back by the browser
        (("/my-sessions", "/professional/a", "/find", "/professional/a"), "/find"),
        (("/find", "/my-sessions"), "/find"),  # the page is being left already
    ],
)
def test_back_from_a_professional_leads_to_the_page_before(seen: tuple[str, ...], leads_to: str) -> None:
    assert history_of(*seen).before("/professional/a", "/find") == leads_to


def is_at(app: Harness, route: str) -> bool:
    return path(app) == route


def has_back(app: Harness) -> bool:
    return "Back" in app.labels()


async def test_the_arrow_of_a_public_page_leads_back_to_the_session_that_it_was_opened_from() -> None:
    api = two_accounts()
    api.add_professional()
    async with app_of(api, width=1280) as app:
        await app.shows("Good to see you.")
        await sign_in(app, "grace@example.com")
        await app.until(lambda: path(app) == "/find")
        for came_from in ("/my-sessions", "/find"):
            await app.go(came_from)
            await app.go("/professional/pro-1")
            await app.shows("Ada Lovelace")
            await app.until(partial(has_back, app))
            await app.click("Back")
            await app.until(partial(is_at, app, came_from))
            await app.settle(20)
