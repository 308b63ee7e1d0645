"""What can be tried before a call: the connection, the speaker, and what is plugged in meanwhile."""

import json
from datetime import timedelta

import flet as ft
import pytest

from app.call.contract.devices import TEST_PATTERN, Device, DeviceFault, DeviceKind
from app.call.contract.engine import ConnectionCheck, Reachability
from app.errors import Offline
from app.screens.upcoming_user_sessions import UpcomingUserSessions
from app.state.call import call_check
from app.state.call.words.check_words import check_words
from app.state.core.kept.device_choices import KEY, DeviceChoices, load_device_choices, save_device_choices
from tests.app.stage.booking_stage import book
from tests.app.stage.call_world import CallWorld
from tests.app.stage.harness import Harness, screen
from tests.app.stage.session_stage import services_of, shown
from tests.fakes.api import FakeApi
from tests.fakes.call_engine import DEVICES, FakeCallEngine
from tests.fakes.device_store import FakeDeviceStore

HEADSET = DEVICES[DeviceKind.MICROPHONE][1]


def found(reach: Reachability, round_trip_ms: float | None = None) -> CallWorld:
    def engine() -> FakeCallEngine:
        made = FakeCallEngine()
        made.connection = ConnectionCheck(reach, round_trip_ms)
        return made

    return CallWorld(new_engine=engine)


def options(app: Harness) -> list[str]:
    """What the menus offer."""
    return [option.text or "" for menu in app.walk() if isinstance(menu, ft.Dropdown) for option in menu.options]


@pytest.mark.parametrize("reach", list(Reachability))
@pytest.mark.parametrize("took_ms", [None, 0.2, 24.0, 250.0, 900.0])
def test_every_outcome_has_a_sentence_and_what_is_not_good_a_remedy(reach: Reachability, took_ms: float | None) -> None:
    words = check_words(ConnectionCheck(reach, took_ms))
    assert words.what.endswith(".")
    assert (words.tone == "good") == (not words.remedy)


async def test_the_connection_is_tried_by_itself_and_said() -> None:
    world = found(Reachability.UDP, 24.0)
    async with screen(world.view) as app:
        await app.shows("Your connection is good (24 ms).")
        assert ("check", "token-of-a-check") in world.engine.calls


async def test_a_blocked_network_says_what_helps_and_can_be_tried_again() -> None:
    world = found(Reachability.SIGNAL_ONLY)
    async with screen(world.view) as app:
        await app.shows("Video and audio cannot get through your network.")
        assert any("firewall or VPN" in text for text in app.texts())
        world.engine.connection = ConnectionCheck(Reachability.UDP, 30.0)
        await app.click("Try again")
        await app.shows("Your connection is good (30 ms).")


async def test_without_the_backend_the_connection_is_said_to_be_away() -> None:
    world = CallWorld()
    world.api.fail["call_check"] = Offline()
    async with screen(world.view) as app:
        await app.shows("Rendezvous cannot be reached.")
        assert app.is_enabled("Join")


async def test_a_test_sound_can_be_played() -> None:
    world = CallWorld()
    async with screen(world.view) as app:
        await app.shows("Play a test sound")
        await app.until(lambda: app.is_enabled("Play a test sound"))
        await app.click("Play a test sound")
        await app.until(lambda: ("test sound",) in world.engine.calls)


async def test_the_menus_follow_what_is_plugged_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call_check, "CHECK_EVERY_S", 0.05)
    world = CallWorld()
    async with screen(world.view) as app:
        await app.shows("Your connection is good (24 ms).")
        world.engine.plugged[DeviceKind.CAMERA].append(Device(DeviceKind.CAMERA, "7", "New camera"))
        await app.until(lambda: "New camera" in options(app))


async def test_a_choice_is_remembered_for_the_next_call_on_this_machine() -> None:
    store, choices = FakeDeviceStore(), DeviceChoices()
    choices.note(HEADSET)
    await save_device_choices(store, choices)
    later = CallWorld()
    await load_device_choices(store, later.services.device_choices)
    async with screen(later.view) as app:
        await app.shows("Join")
        await app.until(lambda: ("prepare",) in later.engine.calls)
        assert later.engine.calls.index(("choose", HEADSET.id)) < later.engine.calls.index(("prepare",))
        assert later.engine.snapshot().microphone.chosen == HEADSET


async def test_a_remembered_device_that_is_not_there_today_gives_way_and_is_not_forgotten() -> None:
    gone = Device(DeviceKind.MICROPHONE, "gone", "Studio microphone")
    world = CallWorld()
    world.services.device_choices.note(gone)
    async with screen(world.view) as app:
        await app.shows("Join")
        await app.until(lambda: world.engine.snapshot().microphone.working)
        assert world.engine.snapshot().microphone.chosen == DEVICES[DeviceKind.MICROPHONE][0]
        assert world.services.device_choices.chosen[DeviceKind.MICROPHONE] == gone


async def test_what_is_taken_in_its_place_is_said() -> None:
    gone = Device(DeviceKind.MICROPHONE, "gone", "Studio microphone")
    world = CallWorld()
    world.services.device_choices.note(gone)
    async with screen(world.view) as app:
        await app.shows("Studio microphone is not connected.")
        assert world.engine.snapshot().microphone.instead_of == gone


async def test_a_camera_that_is_not_there_is_not_replaced_by_the_test_pattern() -> None:
    gone = Device(DeviceKind.CAMERA, "gone", "Desk webcam")

    def without_camera() -> FakeCallEngine:
        made = FakeCallEngine()
        made.plugged[DeviceKind.CAMERA] = [TEST_PATTERN]
        return made

    world = CallWorld(new_engine=without_camera)
    world.services.device_choices.note(gone)
    async with screen(world.view) as app:
        await app.shows("Join")
        await app.until(lambda: world.engine.snapshot().microphone.working)
        assert world.engine.snapshot().camera.chosen == gone
        assert world.engine.snapshot().camera.fault is DeviceFault.MISSING


async def test_a_camera_that_an_older_version_kept_by_its_number_is_forgotten() -> None:
    """It is another camera today."""
    store, choices = FakeDeviceStore(), DeviceChoices()
    store.kept[KEY + "camera"] = json.dumps(["2", "Desk webcam"])
    store.kept[KEY + "microphone"] = json.dumps(["2", "Headset"])
    await load_device_choices(store, choices)
    assert list(choices.chosen) == [DeviceKind.MICROPHONE]


async def test_what_the_environment_decides_is_not_remembered_over() -> None:
    choices = DeviceChoices(frozenset({DeviceKind.CAMERA}))
    choices.note(DEVICES[DeviceKind.CAMERA][1])
    assert choices.chosen == {}


@pytest.mark.parametrize("kept", ["", "nonsense", json.dumps(["only one"]), json.dumps([1, 2]), json.dumps({"a": 1})])
async def test_what_cannot_be_read_is_no_choice(kept: str) -> None:
    store, choices = FakeDeviceStore(), DeviceChoices()
    store.kept[KEY + "camera"] = kept
    await load_device_choices(store, choices)
    assert choices.chosen == {}


@pytest.mark.parametrize("with_engine", [True, False])
async def test_the_check_opens_from_the_booking_days_before_where_calls_can_be_joined(with_engine: bool) -> None:
    api = FakeApi()
    api.add_professional()
    book(api, timedelta(hours=24))
    session_id = next(iter(api.bookings))
    services = services_of(api, "user")
    services.new_engine = FakeCallEngine if with_engine else None

    @ft.component
    def Routes() -> ft.Control:
        return ft.Router(
            [
                ft.Route(path="my-sessions/:session_id?", component=UpcomingUserSessions),
                ft.Route(path="session/:session_id", component=lambda: ft.Text("the page before the call")),
            ]
        )

    async with shown(services, Routes, route=f"/my-sessions/{session_id}") as app:
        await app.shows("If it is cancelled")
        assert ("Check camera and sound" in app.texts()) is with_engine
        if with_engine:
            await app.click("Check camera and sound")
            await app.shows("the page before the call")
