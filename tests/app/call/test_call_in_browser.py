"""A call that runs on the call page, seen from the app: before it, beside it, after it."""

import flet as ft
import pytest

from app.call import browser_engine
from app.call.browser_engine import GONE_AFTER_S, BrowserEngine
from tests.app.stage.call_world import SESSION, CallWorld
from tests.app.stage.harness import Harness, screen

URL = f"https://backend.test/call/{SESSION}"


class PageWorld(CallWorld):
    """The same session where calls are carried by the page. `opened` are the addresses that the app has shown."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.polls = 0
        self.services.call_in_browser = True
        self.services.new_engine = lambda: BrowserEngine(self._open, self._attendance, lambda: self.api.now)

    async def _open(self, url: str) -> None:
        self.opened.append(url)

    async def _attendance(self, session_id: str) -> frozenset[str] | None:
        self.polls += 1
        return frozenset((await self.api.presence(session_id)).present)

    def let_in(self, *roles: str) -> None:
        self.api.present[SESSION] = roles

    async def polled(self, app: Harness) -> None:
        """The room has been asked, and answered, since."""
        before = self.polls
        await app.until(lambda: self.polls >= before + 2)


@pytest.fixture(autouse=True)
def _quick_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser_engine, "POLL_S", 0.01)


async def joined(app: Harness, world: PageWorld) -> None:
    await app.shows("The call opens in a new tab. You see yourself there first.")
    await app.click("Join")
    await app.shows("The call opens in its own tab")


def link(app: Harness, label: str) -> ft.OpenUrl:
    button = app.button(label)
    assert isinstance(button, ft.FilledButton | ft.OutlinedButton)
    assert isinstance(button.action, ft.OpenUrl)
    return button.action


async def test_join_opens_the_page_and_a_browser_that_holds_it_back_leaves_a_button() -> None:
    world = PageWorld()
    async with screen(world.view, web=True) as app:
        await joined(app, world)
        assert len(world.opened) == 1
        assert f"/call/{SESSION}" in world.opened[0]
        await app.shows("If nothing opened, your browser held it back: press Open the call.")
        assert link(app, "Open the call").url == world.opened[0]


async def test_beside_the_call_the_app_says_who_is_in_it_and_opens_it_again() -> None:
    world = PageWorld()
    async with screen(world.view, web=True) as app:
        await joined(app, world)
        world.let_in("user")
        await app.shows("You are in the call")
        await app.shows("Ada Lovelace is not here yet. The call runs in its own tab.")
        world.let_in("user", "professional")
        await app.shows("You and Ada Lovelace are in the call")
        world.pass_time(minutes=12)
        assert link(app, "Open the call again").url == world.opened[0]


async def test_a_page_that_was_closed_leads_to_the_page_after_the_call_with_its_rejoin() -> None:
    world = PageWorld()
    async with screen(world.view, web=True) as app:
        await joined(app, world)
        world.let_in("user", "professional")
        await app.shows("You and Ada Lovelace are in the call")
        world.pass_time(minutes=12)
        world.let_in("professional")
        await world.polled(app)
        world.pass_time(seconds=GONE_AFTER_S)
        await app.shows("Rejoin")
        await app.shows("You were together for 12 min.")
        await app.click("Rejoin")
        await app.shows("The call opens in its own tab")
        assert len(world.opened) == 2


async def test_a_tab_that_sleeps_beside_the_call_does_not_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.screens.call_flow.CHECK_EVERY_S", 0.02)
    monkeypatch.setattr("app.screens.call_flow.AWAY_LIMIT_S", 0.1)
    world = PageWorld()
    async with screen(world.view, web=True) as app:
        await joined(app, world)
        world.let_in("user", "professional")
        await app.shows("You and Ada Lovelace are in the call")
        connection = app.session.connection
        await app.session.disconnect(3600)
        for _ in range(20):  # far longer than the limit
            await world.polled(app)
        world.let_in("user")
        await world.polled(app)
        await app.session.connect(connection)
        await app.shows("You are in the call")


async def test_leaving_it_here_ends_it_here() -> None:
    world = PageWorld()
    async with screen(world.view, web=True) as app:
        await joined(app, world)
        await app.click("Not now")
        await app.shows("Rejoin")
