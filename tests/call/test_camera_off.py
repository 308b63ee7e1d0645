"""Off is off: at once, also while the camera opens; and a camera that does not close is never shown as off."""

import asyncio
import threading

import pytest

from app.call.contract.devices import TEST_PATTERN, Device, DeviceFault
from app.call.runtime.device_permission import Access
from app.call.video import camera as camera_module
from tests.stage.camera_drivers import DESK, ROOM, Driver, Stage, poll_until
from tests.waiting import until


async def test_off_while_the_camera_opens_takes_effect_at_once_and_no_frame_passes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """e24: it took effect when the opening was over, and a frame went to the room meanwhile."""
    driver = Driver("open")
    stage = Stage(monkeypatch, desk=driver)
    camera = stage.camera()
    await camera.choose(DESK)
    opening = asyncio.ensure_future(camera.open())
    await until(driver.entered.is_set, "it is being opened")
    switching = asyncio.ensure_future(camera.set_enabled(False))
    await asyncio.sleep(0)
    assert not camera.state.enabled
    assert not camera.state.working
    driver.let_go.set()
    await asyncio.wait_for(asyncio.gather(opening, switching), 5)
    await until(lambda: driver.closed == 1, "what was being opened is closed")
    assert stage.sent.count == 0
    assert await camera.frames.next_after(0) is None
    assert camera.state.fault is None


async def test_off_and_on_again_while_it_opens_opens_it_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = Driver("open")
    stage = Stage(monkeypatch, desk=driver)
    camera = stage.camera()
    await camera.choose(DESK)
    opening = asyncio.ensure_future(camera.open())
    await until(driver.entered.is_set, "it is being opened")
    off = asyncio.ensure_future(camera.set_enabled(False))
    await asyncio.sleep(0)
    on = asyncio.ensure_future(camera.set_enabled(True))
    driver.let_go.set()
    await asyncio.wait_for(asyncio.gather(opening, off, on), 5)
    assert camera.state.working
    await until(lambda: stage.sent.count > 0, "frames are sent")
    assert driver.opened - driver.closed == 1
    assert driver.opened == 2
    assert [state.working for state in stage.shown].count(True) == 1, "what was stopped never counts as working"
    await camera.close()


async def test_a_camera_that_does_not_close_is_said_and_not_opened_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """e14: the screen said off, and each toggle left one more open device and one more thread."""
    driver = Driver("release")
    stage = Stage(monkeypatch, desk=driver)
    camera = await stage.opened()
    threads = threading.active_count()
    await camera.set_enabled(False)
    stage.shown.clear()
    await camera.set_enabled(True)
    for _ in range(4):
        await camera.set_enabled(False)
        assert camera.state.fault is DeviceFault.STUCK
        assert camera.state.detail
        await camera.set_enabled(True)
        assert camera.state.fault is DeviceFault.STUCK
        assert not camera.state.working
    assert driver.opened == 1
    assert threading.active_count() <= threads
    assert {state.fault for state in stage.shown} == {DeviceFault.STUCK}, "not for a moment is it shown as off"
    await camera.set_enabled(False)
    sent = stage.sent.count
    driver.let_go.set()
    await poll_until(camera, lambda: camera.state.fault is None, "it is free, and off")
    assert stage.sent.count == sent
    assert not camera.state.working
    await camera.set_enabled(True)
    assert camera.state.working
    await camera.close()


async def test_a_camera_that_is_wanted_again_opens_when_its_driver_lets_go(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = Driver("release")
    stage = Stage(monkeypatch, desk=driver)
    camera = await stage.opened()
    await camera.set_enabled(False)
    await camera.set_enabled(True)
    driver.hangs_in = ""
    driver.let_go.set()
    await poll_until(camera, lambda: camera.state.working, "it works again")
    assert driver.opened == 2
    await camera.close()


async def test_another_camera_works_beside_one_that_does_not_close_which_stays_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = Driver("release")
    stage = Stage(monkeypatch, desk=desk, room=Driver())
    camera = await stage.opened()
    await camera.choose(ROOM)
    assert camera.state.working
    assert camera.state.fault is DeviceFault.STUCK
    desk.let_go.set()
    await poll_until(camera, lambda: camera.state.fault is None, "it is free")
    assert camera.state.working
    await camera.close()


async def test_another_camera_is_chosen_while_one_opens_and_does_not_wait_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = Driver("open")
    stage = Stage(monkeypatch, desk=desk, room=Driver())
    camera = stage.camera()
    await camera.choose(DESK)
    opening = asyncio.ensure_future(camera.open())
    await until(desk.entered.is_set, "it is being opened")
    await asyncio.wait_for(camera.choose(ROOM), 5)
    assert camera.state.working
    assert camera.state.chosen == ROOM
    desk.let_go.set()
    await asyncio.wait_for(opening, 5)
    await until(lambda: desk.closed == 1, "the first is closed when it comes")
    await camera.close()


async def test_the_next_call_knows_of_a_camera_that_did_not_close_in_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = Driver("release")
    stage = Stage(monkeypatch, desk=driver)
    first = await stage.opened()
    await first.close()
    assert first.state.fault is DeviceFault.STUCK
    second = await stage.opened()
    assert second.state.fault is DeviceFault.STUCK
    assert driver.opened == 1
    driver.let_go.set()
    await second.close()


async def test_a_camera_that_is_chosen_on_purpose_stands_in_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    camera = await Stage(monkeypatch, desk=Driver(), room=Driver()).opened()
    await camera.choose(ROOM, instead_of=DESK)
    assert camera.state.instead_of == DESK
    await camera.choose(ROOM)
    assert camera.state.instead_of is None
    await camera.close()


async def test_a_camera_that_was_not_there_at_the_start_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[Device] = []
    monkeypatch.setattr(camera_module, "list_cameras", lambda in_use: [*found, TEST_PATTERN])
    stage = Stage(monkeypatch, desk=Driver())
    camera = stage.camera()
    await camera.open()
    assert camera.state.fault is DeviceFault.MISSING
    found.append(DESK)
    await poll_until(camera, lambda: camera.state.working, "it is plugged in, and opened")
    assert camera.state.chosen == DESK
    await camera.close()


async def test_a_camera_is_opened_only_once_the_person_has_allowed_it(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = Driver()
    stage = Stage(monkeypatch, desk=driver)
    stage.permission.answer = Access.UNDECIDED
    camera = stage.camera()
    await camera.choose(DESK)
    opening = asyncio.ensure_future(camera.open())
    await asyncio.sleep(0.05)
    assert driver.opened == 0
    assert camera.state.fault is None
    stage.permission.answer = Access.GRANTED
    await asyncio.wait_for(opening, 5)
    assert camera.state.working
    await camera.close()


async def test_a_camera_that_the_person_refuses_is_refused_and_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = Driver()
    stage = Stage(monkeypatch, desk=driver)
    stage.permission.answer = Access.REFUSED
    camera = await stage.opened()
    assert camera.state.fault is DeviceFault.REFUSED
    assert driver.opened == 0
    stage.permission.answer = Access.GRANTED  # in the system's settings
    await poll_until(camera, lambda: camera.state.working, "it is opened by itself")
    await camera.close()


async def test_who_leaves_instead_of_answering_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(monkeypatch, desk=Driver())
    stage.permission.answer = Access.UNDECIDED
    camera = stage.camera()
    await camera.choose(DESK)
    opening = asyncio.ensure_future(camera.open())
    await asyncio.sleep(0)
    await asyncio.wait_for(asyncio.gather(camera.close(), opening), 5)
    assert stage.drivers["desk"].opened == 0
