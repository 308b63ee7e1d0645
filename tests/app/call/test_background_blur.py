"""The switch for the blur behind the person: kept for the next call, and honest when it cannot be had."""

import flet as ft

from app.call.contract.call_state import CallState, EndReason
from app.call.contract.devices import BlurFault, BlurState
from app.state.core.kept.device_choices import DeviceChoices, load_device_choices, save_device_choices
from tests.app.stage.call_world import CallWorld
from tests.app.stage.harness import Harness, screen
from tests.fakes.call_engine import FakeCallEngine
from tests.fakes.device_store import FakeDeviceStore

ASKED = "Blur my background"


def failing(fault: BlurFault) -> CallWorld:
    def engine() -> FakeCallEngine:
        made = FakeCallEngine()
        made.blur_fault = fault
        return made

    return CallWorld(new_engine=engine)


async def press(app: Harness, on: bool) -> None:
    switch = app.find(ft.Switch)
    app.session.apply_patch(switch._i, {"value": on})  # as the client does, before the event
    await app.fire(switch, "change", on)


async def test_the_switch_has_a_name_and_switches_the_blur() -> None:
    world = CallWorld()
    async with screen(world.view) as app:
        await app.shows("Join")
        assert any(ASKED in app.texts(each) for each in app.all(ft.MergeSemantics)), "one node, with a name"
        await press(app, True)
        await app.until(lambda: world.engine.snapshot().background_blur.working)
        await press(app, False)
        await app.until(lambda: not world.engine.snapshot().background_blur.enabled)


async def test_the_preview_says_that_it_is_made_ready() -> None:
    world = CallWorld()
    async with screen(world.view) as app:
        await app.shows("Join")
        world.engine.blur_is_slow = True
        await press(app, True)
        await app.shows("Blurring your background…")


async def test_the_choice_is_kept_on_this_machine_and_made_before_the_camera_opens() -> None:
    store, choices = FakeDeviceStore(), DeviceChoices(blur=True)
    await save_device_choices(store, choices)
    later = CallWorld()
    await load_device_choices(store, later.services.device_choices)
    async with screen(later.view) as app:
        await app.shows("Join")
        await app.until(lambda: ("prepare",) in later.engine.calls)
        assert later.engine.calls.index(("blur", True)) < later.engine.calls.index(("prepare",))
        assert app.find(ft.Switch).value is True


async def test_without_a_choice_there_is_no_blur() -> None:
    choices = DeviceChoices(blur=True)
    await load_device_choices(FakeDeviceStore(), choices)
    assert not choices.blur


async def test_a_blur_that_fails_says_why_and_that_the_camera_is_off() -> None:
    world = failing(BlurFault.FAILED)
    async with screen(world.view) as app:
        await app.shows("Join")
        await press(app, True)
        await app.shows("The background blur does not work. Your camera is off: switch it on to be seen without blur.")
        assert app.find(ft.Switch).value is False
        assert not world.engine.snapshot().camera.enabled
        assert not app.find(ft.Switch).disabled, "it may work the next time"


async def test_where_it_is_not_to_be_had_the_switch_is_disabled_and_says_why() -> None:
    world = CallWorld()
    async with screen(world.view) as app:
        await app.shows("Join")
        world.engine.become(CallState.PREPARING, background_blur=BlurState(fault=BlurFault.NOT_INSTALLED))
        await app.shows("The background cannot be blurred on this computer.")
        assert app.find(ft.Switch).disabled


async def test_who_wants_to_be_seen_all_the_same_is_not_asked_again_where_it_is_not_to_be_had() -> None:
    world = failing(BlurFault.NOT_INSTALLED)
    world.services.device_choices.blur = True
    async with screen(world.view) as app:
        await app.shows(
            "The background cannot be blurred on this computer. "
            "Your camera is off: switch it on to be seen without blur."
        )
        await app.key("v")
        await app.until(lambda: world.engine.snapshot().camera.enabled)
        assert not world.services.device_choices.blur


async def lose_a_blurred_call(app: Harness, world: CallWorld) -> None:
    await app.shows("Join")
    await press(app, True)
    await app.until(lambda: world.engine.snapshot().background_blur.working)
    await app.click("Join")
    await app.until(lambda: world.engine.credentials)
    world.engine.let_other_in("Ada Lovelace")
    world.engine.let_end(EndReason.CONNECTION_LOST)
    await app.shows("Rejoin")


async def test_a_rejoin_asks_for_the_blur_before_it_joins() -> None:
    world = CallWorld()
    async with screen(world.view) as app:
        await lose_a_blurred_call(app, world)
        await app.click("Rejoin")
        await app.until(lambda: len(world.engines) == 2 and world.engine.credentials)
        asked = [call[0] for call in world.engine.calls]
        assert ("blur", True) in world.engine.calls
        assert asked.index("camera") < asked.index("blur") < asked.index("join")


async def test_a_blur_that_fails_at_a_rejoin_leaves_the_camera_off() -> None:
    world = CallWorld()
    async with screen(world.view) as app:
        await lose_a_blurred_call(app, world)

        def broken() -> FakeCallEngine:
            made = FakeCallEngine()
            made.blur_fault = BlurFault.FAILED
            return made

        world._new_engine = broken
        await app.click("Rejoin")
        await app.until(lambda: len(world.engines) == 2 and world.engine.credentials)
        assert not world.engine.snapshot().camera.enabled


async def test_a_blur_that_fails_in_the_call_is_said_on_the_stage() -> None:
    world = CallWorld()
    async with screen(world.view) as app:
        await app.shows("Join")
        await app.click("Join")
        await app.until(lambda: world.engine.credentials)
        world.engine.let_other_in("Ada Lovelace")
        world.engine.let_blur_fail(BlurFault.FAILED)
        await app.shows("Blur does not work: camera off")
