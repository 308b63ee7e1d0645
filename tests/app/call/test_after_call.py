"""After a call, and what frees the devices however it is left."""

from datetime import timedelta

import flet as ft
import pytest

from app.call.contract.call_state import CallState, EndReason
from tests.app.stage.call_world import SESSION, CallWorld
from tests.app.stage.fake_connection import FakeConnection
from tests.app.stage.harness import Harness, screen
from tests.fakes.api import NOW


async def call_of(app: Harness, world: CallWorld, minutes: float = 12) -> None:
    """Joins and talks for so long."""
    await app.shows("Join")
    await app.click("Join")
    await app.until(lambda: world.engine.credentials)
    world.engine.become(CallState.WAITING)
    world.engine.let_other_in("Ada Lovelace", since=world.api.now)
    await app.settle()
    world.pass_time(minutes=minutes)


async def test_the_length_of_the_call_is_told() -> None:
    world = CallWorld()
    async with screen(world.view) as app:
        await call_of(app, world, 12)
        await app.click("End call")
        await app.shows("You were together for 12 min.")


async def test_a_call_in_which_nobody_came_says_so() -> None:
    world = CallWorld()
    async with screen(world.view) as app:
        await app.shows("Join")
        await app.click("Join")
        await app.shows("Connecting…")
        await app.click("End call")
        await app.shows("You and Ada Lovelace were not in the room together.")


async def test_rejoin_takes_a_fresh_engine_and_keeps_the_muting() -> None:
    world = CallWorld()
    async with screen(world.view) as app:
        await call_of(app, world)
        await app.click("Mute microphone")
        await app.until(lambda: "You are muted" in app.labels())
        await app.click("End call")
        await app.shows("Rejoin")
        await app.click("Rejoin")
        await app.until(lambda: len(world.engines) == 2 and world.engine.credentials)
        assert world.engines[0].closed
        assert ("microphone", False) in world.engine.calls
        await app.shows("Connecting…")


async def test_the_length_is_that_of_all_parts_after_a_rejoin() -> None:
    world = CallWorld()
    async with screen(world.view) as app:
        await call_of(app, world, 12)
        await app.click("End call")
        await app.shows("Rejoin")
        await app.click("Rejoin")
        await app.until(lambda: len(world.engines) == 2 and world.engine.credentials)
        world.engine.let_other_in("Ada Lovelace", since=world.api.now)
        await app.settle()
        world.pass_time(minutes=5)
        await app.click("End call")
        await app.shows("You were together for 17 min.")


async def test_rejoin_is_not_offered_once_the_room_has_closed() -> None:
    world = CallWorld()
    async with screen(world.view) as app:
        await call_of(app, world, 56)
        world.engine.let_end(EndReason.ROOM_CLOSED)
        await app.shows("Session over")
        assert "Rejoin" not in app.texts()


async def test_a_call_taken_over_elsewhere_does_not_rejoin_by_itself() -> None:
    world = CallWorld()
    async with screen(world.view) as app:
        await call_of(app, world)
        world.engine.let_end(EndReason.JOINED_ELSEWHERE)
        await app.shows("Join here instead")
        await app.settle(30)
        assert len(world.engines) == 1


async def test_a_cancelled_session_says_so_and_offers_no_rejoin() -> None:
    world = CallWorld()
    async with screen(world.view) as app:
        await call_of(app, world)
        world.api.bookings[SESSION] |= {"status": "cancelled"}
        world.engine.let_end(EndReason.ROOM_CLOSED)
        await app.shows("This session was cancelled")
        assert "Rejoin" not in app.texts()


async def test_a_user_can_book_the_same_professional_again() -> None:
    world = CallWorld()
    async with screen(world.view) as app:
        await call_of(app, world)
        await app.click("End call")
        await app.shows("Book again with Ada Lovelace")
        await app.click("Book again with Ada Lovelace")
        assert app.page.route == "/professional/pro-1"


async def test_a_professional_sees_the_next_client() -> None:
    world = CallWorld("professional")
    world.api.add_slot("slot-2", NOW + timedelta(hours=1))
    world.api.add_booking("session-2", "slot-2", user={"id": "user-2", "name": "Mary Shelley"})
    async with screen(world.view) as app:
        await call_of(app, world)
        await app.click("End call")
        await app.shows("Next: Mary Shelley, Today 11:00–11:45")
        await app.click("Back to Upcoming")
        assert app.page.route == "/upcoming"


async def test_closing_the_window_closes_the_engine() -> None:
    world = CallWorld()
    async with screen(world.view) as app:
        await call_of(app, world)
        await app.fire(app.page, "close")
        assert world.engine.closed


async def test_leaving_the_screen_closes_the_engine() -> None:
    world = CallWorld()

    @ft.component
    def Somewhere() -> ft.Control:
        here, set_here = ft.use_state(True)
        return ft.Column([ft.Button("Away", on_click=lambda e: set_here(False)), *([world.view()] if here else [])])

    async with screen(Somewhere) as app:
        await call_of(app, world)
        await app.click("Away")
        await app.until(lambda: world.engine.closed)


async def test_a_tab_that_stays_away_hangs_up_and_says_so_on_return(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.screens.call_flow.CHECK_EVERY_S", 0.02)
    monkeypatch.setattr("app.screens.call_flow.AWAY_LIMIT_S", 0.1)
    world = CallWorld()
    async with screen(world.view) as app:
        await call_of(app, world)
        connection = app.session.connection
        await app.session.disconnect(3600)
        await app.until(lambda: world.engine.closed)
        await app.session.connect(connection)
        await app.shows("The call was ended")
        assert "Rejoin" in app.texts()


async def test_a_reloaded_tab_gets_its_pictures_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.screens.call_flow.CHECK_EVERY_S", 0.02)
    world = CallWorld()
    async with screen(world.view) as app:
        await call_of(app, world)
        connection = app.session.connection
        await app.fire(app.page, "app_lifecycle_state_change", {"state": "hide"})  # said by a tab on its way out
        await app.session.disconnect(3600)
        await app.settle()
        await app.session.connect(connection)
        await app.until(lambda: app.page.app_visible)


async def test_a_tab_that_is_reloaded_stays_in_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.screens.call_flow.CHECK_EVERY_S", 0.02)
    world = CallWorld()
    async with screen(world.view) as app:
        await call_of(app, world)
        await app.session.disconnect(3600)
        await app.settle()
        world.engine.become(CallState.RECONNECTING)
        again = FakeConnection({})  # each web socket is a connection of its own
        again.attach(app.session)
        await app.session.connect(again)
        await app.shows("Reconnecting…")
        assert not world.engine.closed
