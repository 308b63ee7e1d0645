"""The three devices together: what fails in one is no other's end, and nothing is swallowed."""

import asyncio
import logging
from collections.abc import Callable

import pytest

from app.call import local_devices
from app.call.audio.portaudio_io import AudioSelection
from app.call.contract.call_state import CallPart
from app.call.contract.devices import AudioBackend
from app.call.local_devices import LocalDevices
from app.call.runtime import task_scope
from app.call.runtime.task_scope import TaskScope
from tests.waiting import until


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_devices, "POLL_INTERVAL_S", 0.01)
    monkeypatch.setattr(task_scope, "RESTART_AFTER_S", 0.01)


def make() -> LocalDevices:
    return LocalDevices("no/such/clip.avi", AudioSelection(AudioBackend.PORTAUDIO), lambda: None, lambda frame: None)


async def nothing() -> None: ...


async def test_a_check_that_raises_is_started_again_told_and_no_others_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """4: one unforeseen exception ended hot-plug recovery for the rest of the call, without a word."""
    devices, scope, failing, checks = make(), TaskScope(), set[CallPart](), 0

    async def fails() -> None:
        raise RuntimeError("unforeseen")

    async def checked() -> None:
        nonlocal checks
        checks += 1

    def fault_of(part: CallPart) -> Callable[[bool], None]:
        return lambda is_failing: failing.add(part) if is_failing else failing.discard(part)

    for device in (devices.audio.microphone, devices.audio.speaker):
        monkeypatch.setattr(device, "open", nothing)
    monkeypatch.setattr(devices.audio.microphone, "check", fails)
    monkeypatch.setattr(devices.audio.speaker, "check", checked)
    await devices.open(scope, lambda: None, fault_of)
    await until(lambda: failing == {CallPart.AUDIO}, "it is told")
    so_far = checks
    await until(lambda: checks > so_far + 3, "the speaker is checked on")
    await scope.close()
    await devices.free()
    devices.end_workers()


async def test_a_check_that_hangs_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    devices, scope, checks = make(), TaskScope(), 0

    async def hangs() -> None:
        await asyncio.Event().wait()

    async def checked() -> None:
        nonlocal checks
        checks += 1

    for device in (devices.audio.microphone, devices.audio.speaker):
        monkeypatch.setattr(device, "open", nothing)
    monkeypatch.setattr(devices.audio.microphone, "check", hangs)
    monkeypatch.setattr(devices.audio.speaker, "check", checked)
    await devices.open(scope, lambda: None, lambda part: lambda is_failing: None)
    await until(lambda: checks > 3, "the speaker is checked")
    await scope.close()
    await devices.free()
    devices.end_workers()


async def test_what_goes_wrong_while_devices_are_freed_is_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """19: it was swallowed, and nobody knew why a light stayed on."""
    devices, closed = make(), False

    async def fails() -> None:
        raise RuntimeError("the driver has crashed")

    async def closes() -> None:
        nonlocal closed
        closed = True

    monkeypatch.setattr(devices.camera, "close", fails)
    monkeypatch.setattr(devices.audio.speaker, "close", closes)
    monkeypatch.setattr(devices.audio.microphone, "close", fails)
    with caplog.at_level(logging.ERROR):
        await devices.free()
    assert closed, "the speaker all the same"
    assert {"the camera may still be in use", "the audio devices may still be in use"} <= set(caplog.messages)
    devices.end_workers()
