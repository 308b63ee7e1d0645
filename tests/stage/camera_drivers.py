"""A camera over drivers that hang where they are told to."""

import asyncio
import threading
from collections.abc import Callable

import numpy as np
import pytest

from app.call.contract.devices import Device, DeviceKind, DeviceState
from app.call.runtime.threads import Worker
from app.call.video import camera as camera_module
from app.call.video.camera import Camera
from app.call.video.convert import UInt8Array
from app.call.video.held_cameras import HeldCameras
from tests.stage.sound_machine import Permission
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
