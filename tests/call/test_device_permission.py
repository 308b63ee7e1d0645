"""How each system is asked for camera and microphone, by stand-ins that behave as documented by Apple and Microsoft."""

import asyncio
import contextlib
import threading
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.call.engine import LivekitEngine
from app.call.runtime import device_permission
from app.call.runtime.device_permission import (
    CONSENT,
    Access,
    Capability,
    MacPermission,
    NothingToAsk,
    WindowsPermission,
    decided,
    system_permission,
)

VIDEO, AUDIO = "vide", "soun"


class AVCaptureDevice:
    """Answers when the person does; asks each media type once, as tccd does."""

    def __init__(self) -> None:
        self.status = {VIDEO: 0, AUDIO: 0}
        self.asked: list[tuple[str, Callable[[bool], object]]] = []

    def authorizationStatusForMediaType_(self, media: str) -> int:
        return self.status[media]

    def requestAccessForMediaType_completionHandler_(self, media: str, handler: Callable[[bool], object]) -> None:
        self.asked.append((media, handler))

    def answer(self, granted: bool) -> None:
        for media, handler in self.asked:
            self.status[media] = 3 if granted else 2
            handler(granted)


def mac() -> tuple[AVCaptureDevice, MacPermission]:
    device = AVCaptureDevice()
    framework = SimpleNamespace(AVCaptureDevice=device, AVMediaTypeVideo=VIDEO, AVMediaTypeAudio=AUDIO)
    return device, MacPermission(framework)


@pytest.mark.parametrize(
    ("status", "access"),
    [(0, Access.UNDECIDED), (1, Access.REFUSED), (2, Access.REFUSED), (3, Access.GRANTED), (9, Access.UNKNOWN)],
)
def test_macos_says_what_the_person_has_answered(status: int, access: Access) -> None:
    device, permission = mac()
    device.status = {VIDEO: status, AUDIO: 3}
    assert permission.access(Capability.CAMERA) is access
    assert permission.access(Capability.MICROPHONE) is Access.GRANTED


def test_macos_is_asked_only_where_the_person_has_not_answered_yet() -> None:
    device, permission = mac()
    device.status[AUDIO] = 2
    permission.request(Capability.CAMERA)
    permission.request(Capability.MICROPHONE)
    assert [media for media, _ in device.asked] == [VIDEO]


@pytest.mark.parametrize(("granted", "access"), [(True, Access.GRANTED), (False, Access.REFUSED)])
async def test_what_the_person_answers_is_waited_for(granted: bool, access: Access) -> None:
    device, permission = mac()
    permission.request(Capability.CAMERA)
    waiting = asyncio.ensure_future(decided(permission, Capability.CAMERA, lambda: False))
    await asyncio.sleep(0)
    assert not waiting.done()
    device.answer(granted)
    assert await asyncio.wait_for(waiting, 5) is access


class Registry:
    """The module winreg, with what Windows keeps."""

    HKEY_LOCAL_MACHINE, HKEY_CURRENT_USER = "machine", "account"

    def __init__(self, **values: str) -> None:
        self.values = {
            (self.HKEY_LOCAL_MACHINE, f"{CONSENT}\\webcam"): values.get("machine"),
            (self.HKEY_CURRENT_USER, f"{CONSENT}\\webcam"): values.get("account"),
            (self.HKEY_CURRENT_USER, f"{CONSENT}\\webcam\\NonPackaged"): values.get("desktop"),
        }

    @contextlib.contextmanager
    def OpenKey(self, root: str, path: str) -> Iterator[tuple[str, str]]:
        if self.values.get((root, path)) is None:
            raise FileNotFoundError(path)
        yield root, path

    def QueryValueEx(self, key: tuple[str, str], name: str) -> tuple[str | None, int]:
        assert name == "Value"
        return self.values[key], 1


@pytest.mark.parametrize("where", ["machine", "account", "desktop"])
def test_each_of_windows_switches_forbids_the_camera(where: str) -> None:
    allowed = dict.fromkeys(("machine", "account", "desktop"), "Allow")
    assert WindowsPermission(Registry(**allowed)).access(Capability.CAMERA) is Access.UNKNOWN
    refused = WindowsPermission(Registry(**{**allowed, where: "Deny"}))
    assert refused.access(Capability.CAMERA) is Access.SWITCHED_OFF
    assert refused.access(Capability.MICROPHONE) is Access.UNKNOWN


def test_a_windows_that_keeps_no_such_switches_forbids_nothing() -> None:
    assert WindowsPermission(Registry()).access(Capability.CAMERA) is Access.UNKNOWN


def test_each_system_is_asked_in_its_own_way() -> None:
    loaded: list[str] = []

    def load(name: str) -> object:
        loaded.append(name)
        return SimpleNamespace()

    assert isinstance(system_permission("darwin", load), MacPermission)
    assert isinstance(system_permission("win32", load), WindowsPermission)
    assert isinstance(system_permission("linux", load), NothingToAsk)
    assert loaded == ["AVFoundation", "winreg"]


def test_a_mac_without_the_framework_opens_devices_as_they_come() -> None:
    def missing(name: str) -> object:
        raise ImportError(name)

    assert isinstance(system_permission("darwin", missing), NothingToAsk)


async def test_a_call_has_the_system_ask_on_the_interfaces_thread_before_it_opens_anything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[Capability, bool]] = []

    class Permission(NothingToAsk):
        def request(self, capability: Capability) -> None:
            asked.append((capability, threading.current_thread() is threading.main_thread()))

    monkeypatch.setattr(device_permission, "of_this_system", Permission)
    engine = LivekitEngine()
    try:
        await engine.set_microphone(False)
        await engine.set_microphone(True)
        assert asked == [(Capability.CAMERA, True), (Capability.MICROPHONE, True)]
    finally:
        await engine.close()


def test_a_built_mac_app_says_what_it_needs_camera_and_microphone_for() -> None:
    """Without the sentences macOS ends it at its first use of a device; without the entitlements it gives none."""
    macos = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["tool"]["flet"]["macos"]
    assert {"NSCameraUsageDescription", "NSMicrophoneUsageDescription"} <= set(macos["info"])
    assert macos["entitlement"]["com.apple.security.device.camera"] is True
    assert macos["entitlement"]["com.apple.security.device.audio-input"] is True
