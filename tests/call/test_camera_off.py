"""Off is off: at once, also while the camera opens; and a camera that does not close is never shown as off."""

import asyncio
import threading
from collections.abc import Callable

import numpy as np
import pytest

from app.call.contract.devices import TEST_PATTERN, Device, DeviceFault, DeviceKind, DeviceState
from app.call.runtime.device_permission import Access, Capability
from app.call.runtime.threads import Worker
from app.call.video import camera as camera_module
from app.call.video.camera import Camera
from app.call.video.convert import UInt8Array
from app.call.video.held_cameras import HeldCameras
from tests.waiting import until

DESK, ROOM = Device(DeviceKind.CAMERA, "camera:desk", "Desk"), Device(DeviceKind.CAMERA, "camera:room", "Room")


class Driver:
    """One camera's driver, which hangs where it is told to until it is let go. Counts how often it is open."""

    def __init__(self, hangs_in: str = "") -> None:
        self.hangs_in = hangs_in
        self.entered, self.let_go = threading.Event(), threading.Event()
        self.opened = self.closed = 0

    def _pass(self, step: str) -> None:
        if step == self.hangs_in:
            self.entered.set()
            self.let_go.wait(30)

    def open(self) -> None:
        self.opened += 1
        self._pass("open")

    def read(self, pause: Callable[[float], object]) -> UInt8Array:
        pause(0.005)
        return np.zeros((90, 160, 3), np.uint8)

    def release(self) -> None:
        self._pass("release")
        self.closed += 1


class Sent:
    def __init__(self) -> None:
        self.count = 0

    def wants_frame(self) -> bool:
        return True

    def send_frame(self, width: int, height: int, i420: UInt8Array) -> None:
        self.count += 1


class Permission:
    def __init__(self, access: Access = Access.UNKNOWN) -> None:
        self.answer = access

    def access(self, capability: Capability) -> Access:
        return self.answer

    def request(self, capability: Capability) -> None: ...


class Stage:
    """A camera with a driver for each device; `camera.sink` counts what is sent."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **drivers: Driver) -> None:
        self.drivers = drivers
        self.permission = Permission()
        self.held = HeldCameras()
        self.sent = Sent()
        self.shown: list[DeviceState] = []
        monkeypatch.setattr(camera_module, "source_of", lambda device: drivers[device.label.lower()])
        monkeypatch.setattr(camera_module, "RELEASE_LIMIT_S", 0.1)
        monkeypatch.setattr(camera_module, "TRY_AGAIN_AFTER_S", (0.05,))

    def camera(self) -> Camera:
        camera = Camera(
            None,
            Worker("cameras-of-a-test"),
            lambda: self.shown.append(camera.state),
            permission=self.permission,
            held=self.held,
        )
        camera.sink = self.sent
        return camera

    async def opened(self, device: Device = DESK) -> Camera:
        camera = self.camera()
        await camera.choose(device)
        await camera.open()
        return camera


async def poll_until(camera: Camera, reached: Callable[[], object], what: str) -> None:
    async def polls() -> None:
        while True:
            await camera.check()
            await asyncio.sleep(0.01)

    polling = asyncio.ensure_future(polls())
    try:
        await until(reached, what)
    finally:
        polling.cancel()


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
