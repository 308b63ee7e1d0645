"""The end of a browser session or window, a connection that is lost for a while, and the end of a sign-in."""

from functools import partial

import flet as ft
import pytest

from app.components.frame import polling
from app.components.frame.polling import use_polling
from app.errors import AppError, NotSignedIn, Offline, Problem
from app.state.core.hooks import use_ref
from tests.app.stage.harness import Harness, screen
from tests.app.stage.whole_app import app_of, open_settings, path, sign_in
from tests.fakes.account_api import FakeAccountApi

TABS = {
    "ada@example.com": ("/upcoming", "/availability", "/profile", "/earnings"),
    "grace@example.com": ("/find", "/my-sessions"),
}


async def settled_texts(app: Harness) -> list[str]:
    """What is on the screen once it no longer changes by itself."""
    texts: list[str] = []
    while texts != (texts := app.texts()) or not texts:
        await app.settle(20)
    return texts


def shows_exactly(app: Harness, texts: list[str]) -> bool:
    return app.texts() == texts


async def sign_out(app: Harness) -> None:
    """From Settings."""
    signing_out = await app.begin("Sign out")
    await app.shows("You can sign in again at any time.")
    await app.fire(app.all(ft.FilledButton, content="Sign out")[-1], "click")
    await signing_out
    await app.shows("Good to see you.")


async def test_a_session_that_is_closed_closes_its_connections(api: FakeAccountApi) -> None:
    async with app_of(api) as app:
        await app.shows("Good to see you.")
        await sign_in(app, "grace@example.com")
        await app.until(lambda: path(app) == "/find")
        assert api.count("close") == 0
    assert api.count("close") == 1  # and no fault: the harness would say so


@pytest.mark.parametrize(
    "error", [Offline(), NotSignedIn(), Problem("Unforeseen", 500, "No."), Problem("X", 429, "No."), AppError("No.")]
)
async def test_signing_out_always_signs_out(app: Harness, api: FakeAccountApi, error: AppError) -> None:
    await open_settings(app)
    api.fail["sign_out"] = error
    await sign_out(app)
    assert path(app) == "/sign-in"


async def test_what_was_typed_into_a_profile_ends_with_the_sign_in(app: Harness, api: FakeAccountApi) -> None:
    api.add_professional("account-1")
    await sign_in(app, "ada@example.com")
    await app.until(lambda: path(app) == "/upcoming")
    await app.go("/profile")
    await app.shows("How people find you")
    await app.type("My secret plan", label="Headline")
    await app.go("/upcoming")
    await app.shows("Save your changes?")
    await app.click("Not now")
    await app.go("/profile")
    assert app.field("Headline").value == "My secret plan"
    await app.go("/settings")
    await app.until(lambda: app.texts().count("Save your changes?"))
    await app.click("Not now")
    await sign_out(app)
    await sign_in(app, "ada@example.com")
    await app.go("/profile")
    await app.shows("How people find you")
    assert app.field("Headline").value != "My secret plan"


@ft.component
def Polled(polls: list[str], fails: set[int]) -> ft.Control:
    """A list that asks every hour; the polls of `fails` raise what nobody foresaw."""
    count = use_ref(0)

    async def poll() -> float:
        count.current += 1
        polls.append(f"poll {count.current}")
        if count.current in fails:
            raise ZeroDivisionError
        return 3600.0

    use_polling(poll, [])
    return ft.Text("A list")


async def test_a_poll_goes_on_after_any_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "FAILED_POLL_S", 0.01)
    polls: list[str] = []
    async with screen(lambda: Polled(polls, {1, 2})) as app:
        await app.until(lambda: len(polls) == 3)
        assert [fault.split(":")[0] for fault in app.faults] == ["a poll failed"] * 2
        app.faults.clear()


async def test_a_connection_that_is_back_is_polled_and_drawn_at_once() -> None:
    """Flet drops what was to be drawn while nobody was connected."""
    polls: list[str] = []
    async with screen(lambda: Polled(polls, set())) as app:
        await app.until(lambda: len(polls) == 1)
        await app.disconnect()
        await app.reconnect()
        await app.until(lambda: len(polls) == 2)


async def test_what_changed_while_the_connection_was_lost_is_drawn_when_it_is_back(
    app: Harness, api: FakeAccountApi
) -> None:
    await sign_in(app, "grace@example.com")
    await app.until(lambda: path(app) == "/find")
    await app.go("/my-sessions")
    await app.shows("Nothing booked yet.")
    await app.disconnect()
    api.add_professional()
    api.add_slot("slot-1", api.now)
    api.account_id = "user-1"
    api.add_booking("booking-1", "slot-1")
    await app.reconnect()
    await app.shows("Ada Lovelace", timeout_s=2)


async def test_an_answer_that_comes_while_nobody_is_connected_is_seen_afterwards(
    app: Harness, api: FakeAccountApi
) -> None:
    await open_settings(app)
    await app.type("Ada King", label="Name")
    gate = api.hold("update_me")
    saving = await app.begin("Save")
    assert app.all(ft.ProgressRing)
    await app.disconnect()
    gate.set()
    await saving
    await app.reconnect()
    await app.until(lambda: not app.all(ft.ProgressRing))


@pytest.mark.parametrize("email", ["ada@example.com", "grace@example.com"])
async def test_every_screen_outlives_a_connection_that_comes_and_goes(
    app: Harness, api: FakeAccountApi, email: str
) -> None:
    api.add_professional("account-1")
    await sign_in(app, email)
    await app.until(lambda: path(app) in ("/upcoming", "/find"))
    for route in (*TABS[email], "/settings"):
        await app.go(route)
        before = await settled_texts(app)
        for _ in range(2):
            await app.disconnect()
            await app.reconnect()
        await app.until(partial(shows_exactly, app, before))
        assert path(app) == route
