"""The page before a call: quick to pass, honest about devices, and closed where there is no call."""

import asyncio
import datetime as dt

import flet as ft
import pytest

from app.call.contract.devices import DeviceFault, DeviceKind
from app.call.contract.engine import CallCredentials, RefreshCredentials
from app.errors import AppError, Offline, Problem
from app.state.call.call_session import CallSession
from tests.app.stage.call_world import SESSION, CallWorld
from tests.app.stage.harness import screen
from tests.fakes.api import NOW
from tests.fakes.call_engine import FakeCallEngine


async def test_the_preview_opens_by_itself_and_names_the_other_and_the_time() -> None:
    world = CallWorld()
    async with screen(world.view) as app:
        await app.shows("Session with Ada Lovelace")
        assert "Today 09:55–10:40" in app.texts()
        assert ("prepare",) in world.engine.calls


async def test_join_is_focused_from_the_first_moment() -> None:
    world = CallWorld()
    async with screen(world.view) as app:
        await app.shows("Join")
        assert app.find(ft.FilledButton).autofocus


async def test_join_opens_the_call_with_this_participants_own_credentials() -> None:
    world = CallWorld()
    async with screen(world.view) as app:
        await app.shows("Join")
        await app.click("Join")
        await app.until(lambda: world.engine.credentials)
        assert world.engine.credentials
        assert world.engine.credentials.access_token == "token-of-this-participant"
        assert world.engine.credentials.room_name == f"session_{SESSION}"


async def test_joining_shows_that_it_waits_and_cannot_be_pressed_twice() -> None:
    world = CallWorld()
    gate = world.api.hold("call_link")
    async with screen(world.view) as app:
        await app.shows("Join")
        app.page.run_task(app.session.dispatch_event, app.button("Join")._i, "click", None)
        await app.shows("Joining…")
        assert not app.is_enabled("Joining…")
        gate.set()
        await app.until(lambda: world.engine.credentials)
        assert world.api.count("call_link") == 1


async def test_who_is_already_there_is_said() -> None:
    world = CallWorld()
    world.api.present[SESSION] = ("professional",)
    async with screen(world.view) as app:
        await app.shows("Ada Lovelace is already here")


async def test_the_absence_of_the_other_is_said() -> None:
    world = CallWorld()
    async with screen(world.view) as app:
        await app.shows("Ada Lovelace is not here yet")


async def test_the_professional_sees_the_users_name() -> None:
    world = CallWorld("professional")
    async with screen(world.view) as app:
        await app.shows("Session with Grace Hopper")


async def test_the_room_opens_by_itself_when_its_time_comes() -> None:
    world = CallWorld()
    world.pass_time(minutes=-21)
    async with screen(world.view) as app:
        await app.shows("The room opens in 1 min")
        assert not app.is_enabled("Join")
        world.pass_time(minutes=2)
        await app.until(lambda: app.is_enabled("Join"))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Problem("SessionOver", 409, "Over."), "This session is over"),
        (Problem("SessionCancelled", 409, "Cancelled."), "This session was cancelled"),
        (Problem("NotPaid", 409, "Unpaid."), "This session is not paid yet"),
        (Problem("NotFound", 404, "Nothing."), "Session not found"),
    ],
)
async def test_a_refused_join_says_why_and_frees_the_devices(error: AppError, words: str) -> None:
    world = CallWorld()
    world.api.fail["call_link"] = error
    async with screen(world.view) as app:
        await app.shows("Join")
        await app.click("Join")
        await app.shows(words)
        await app.until(lambda: world.engine.closed)


async def test_a_join_without_connection_stays_on_the_page_and_can_be_pressed_again() -> None:
    world = CallWorld()
    world.api.fail["call_link"] = Offline()
    async with screen(world.view) as app:
        await app.shows("Join")
        await app.click("Join")
        await app.shows("No connection.")
        world.api.fail.clear()
        await app.click("Join")
        await app.until(lambda: world.engine.credentials)


async def test_a_start_that_the_server_calls_too_early_waits_for_its_hour() -> None:
    world = CallWorld()
    opens_at = NOW + dt.timedelta(minutes=3)
    world.api.fail["call_link"] = Problem("TooEarlyToStart", 409, "Too early.", opens_at=opens_at)
    async with screen(world.view) as app:
        await app.shows("Join")
        await app.click("Join")
        await app.shows("The room opens in 3 min")
        assert not app.is_enabled("Join")


async def test_a_session_that_is_over_opens_no_camera() -> None:
    world = CallWorld()
    world.pass_time(hours=2)
    async with screen(world.view) as app:
        await app.shows("This session is over")
        assert world.engines == []


async def test_a_page_without_connection_offers_another_try() -> None:
    world = CallWorld()
    world.api.fail["session"] = Offline()
    async with screen(world.view) as app:
        await app.shows("No connection")
        world.api.fail.clear()
        await app.click("Try again")
        await app.shows("Session with Ada Lovelace")


async def test_another_try_that_is_asked_for_twice_opens_one_engine() -> None:
    """A second one would keep camera and microphone for good."""
    world = CallWorld()
    world.api.fail["session"] = Offline()
    async with screen(world.view) as app:
        await app.shows("No connection")
        world.api.fail.clear()
        gate = world.api.hold("session")
        button = app.button("Try again")
        presses = [asyncio.ensure_future(app.session.dispatch_event(button._i, "click", None)) for _ in range(2)]
        await app.settle()
        gate.set()
        await asyncio.gather(*presses)
        await app.shows("Session with Ada Lovelace")
        assert len(world.engines) == 1
    assert [engine.closed for engine in world.engines] == [True]


async def test_whatever_loads_a_call_again_no_engine_is_left_behind() -> None:
    world = CallWorld()
    call = CallSession(world.services, SESSION, lambda change: change())
    gate = world.api.hold("session")
    loads = [asyncio.ensure_future(call.load()) for _ in range(3)]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*loads)
    await call.load()
    assert len(world.engines) == 1
    await call.close()
    assert world.engines[0].closed


async def test_a_platform_without_engine_says_why_and_what_to_do() -> None:
    world = CallWorld()
    world.services.new_engine = None
    world.services.call_unavailable_reason = "Calls cannot be joined on a phone yet."
    async with screen(world.view) as app:
        await app.shows("Calls cannot be joined on a phone yet.")
        await app.shows("Open Rendezvous on a computer")


async def test_a_faulty_camera_is_explained_and_works_after_another_try() -> None:
    world = CallWorld(new_engine=lambda: FakeCallEngine(faults={DeviceKind.CAMERA: DeviceFault.BUSY}))
    async with screen(world.view) as app:
        await app.shows("Your camera is in use by another program.")
        assert app.is_enabled("Join")
        world.engine.mend(DeviceKind.CAMERA)
        await app.click("Try camera again")
        await app.until(lambda: not any("used by another program" in text for text in app.texts()))


async def test_another_microphone_can_be_chosen() -> None:
    world = CallWorld()
    async with screen(world.view) as app:
        await app.until(lambda: [d for d in app.all(ft.Dropdown, label="Microphone") if d.options])
        dropdown = app.find(ft.Dropdown, label="Microphone")
        app.session.apply_patch(dropdown._i, {"value": "m1"})
        await app.fire(dropdown, "select", "m1")
        await app.until(lambda: ("choose", "m1") in world.engine.calls)


async def test_microphone_and_camera_can_be_switched_off_before_joining() -> None:
    world = CallWorld()
    async with screen(world.view) as app:
        await app.shows("Join")
        await app.click("Mute microphone")
        await app.key("V")
        await app.until(lambda: {("microphone", False), ("camera", False)} <= set(world.engine.calls))
        await app.until(lambda: "Video of yourself, no picture. Your camera is off" in app.labels())


async def test_leaving_the_page_frees_the_camera() -> None:
    world = CallWorld()
    async with screen(world.view) as app:
        await app.shows("Join")
    assert world.engine.closed


class SlowToConnect(FakeCallEngine):
    """Its join goes on until the test lets it; `cancelled` says whether it was cut off half-way."""

    def __init__(self) -> None:
        super().__init__()
        self.connected = asyncio.Event()
        self.cancelled = False

    async def join(self, credentials: CallCredentials, refresh: RefreshCredentials | None = None) -> None:
        await super().join(credentials, refresh)
        try:
            await self.connected.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise


async def test_the_call_is_joined_once_and_leaving_meanwhile_does_not_cut_the_connecting_off() -> None:
    world = CallWorld(new_engine=SlowToConnect)
    async with screen(world.view) as app:
        await app.shows("Join")
        await app.click("Join")
        await app.shows("Connecting…")
        assert [name for name, *_ in world.engine.calls].count("join") == 1
    await app.until(lambda: world.engine.closed)
    assert isinstance(world.engine, SlowToConnect)
    assert not world.engine.cancelled
    world.engine.connected.set()
