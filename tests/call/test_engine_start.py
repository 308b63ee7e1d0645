"""The engine's call is made once, whatever becomes of the command that had it made, and leaves nothing behind."""

import asyncio
import threading
from typing import Any

import cv2
import pytest

from app.call import engine as module
from app.call.audio.portaudio_io import PORTAUDIO, PortAudioIO
from app.call.contract.devices import DeviceKind
from app.call.engine import LivekitEngine
from app.call.local_devices import LocalDevices
from app.call.runtime.threads import EventLoopThread
from tests.waiting import until


def own_threads() -> set[str]:
    return {thread.name for thread in threading.enumerate() if thread.name.startswith("call-")}


class Making:
    """Stands in for making the call, as slow as the test wants; `made` and `closed` calls are counted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made = self.closed = 0
        self.may_go_on = threading.Event()
        self.error: Exception | None = None
        making = self

        class Call:
            def __init__(self, *arguments: object) -> None:
                making.may_go_on.wait(10)
                if making.error is not None:
                    raise making.error
                making.made += 1
                self.devices = self

            async def list_of(self, kind: DeviceKind) -> list[Any]:
                return []

            async def close(self) -> None:
                making.closed += 1

        monkeypatch.setattr(module, "CallController", Call)


@pytest.fixture
def making(monkeypatch: pytest.MonkeyPatch) -> Making:
    return Making(monkeypatch)


async def test_a_first_command_that_is_cancelled_leaves_one_call_for_the_next_one(making: Making) -> None:
    engine = LivekitEngine()
    first = asyncio.ensure_future(engine.prepare())
    await until(lambda: "call-media" in own_threads(), "it is being made")
    first.cancel()
    await asyncio.wait({first})
    second = asyncio.ensure_future(engine.devices(DeviceKind.CAMERA))
    await asyncio.sleep(0)
    making.may_go_on.set()
    assert await second == []
    assert making.made == 1
    await engine.close()
    assert making.closed == 1
    await until(lambda: not own_threads(), "no thread is left")


async def test_an_engine_that_is_closed_while_its_call_is_being_made_leaves_nothing(making: Making) -> None:
    engine = LivekitEngine()
    first = asyncio.ensure_future(engine.prepare())
    await until(lambda: "call-media" in own_threads(), "it is being made")
    closing = asyncio.ensure_future(engine.close())
    await asyncio.sleep(0)
    making.may_go_on.set()
    await asyncio.wait_for(asyncio.gather(first, closing), 10)
    assert (making.made, making.closed) == (1, 1)
    await until(lambda: not own_threads(), "no thread is left")


async def test_a_call_that_cannot_be_made_leaves_no_thread_and_is_tried_again_by_the_next_command(
    making: Making,
) -> None:
    making.may_go_on.set()
    making.error = OSError("the sound system is starting again")
    engine = LivekitEngine()
    for _ in range(3):
        with pytest.raises(OSError, match="starting again"):
            await engine.prepare()
        await until(lambda: not own_threads(), "no thread is left")
    making.error = None
    assert await engine.devices(DeviceKind.CAMERA) == []
    await engine.close()


async def test_devices_that_cannot_be_made_leave_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise OSError("no sound system at all")

    monkeypatch.setattr("app.call.local_devices.create_audio_io", fail)
    engine = LivekitEngine()
    with pytest.raises(OSError, match="no sound system"):
        await engine.prepare()
    await until(lambda: not own_threads(), "no thread is left")
    await engine.close()


async def test_opencv_uses_no_pool_of_threads_in_a_call(making: Making) -> None:
    cv2.setNumThreads(4)
    making.may_go_on.set()
    engine = LivekitEngine()
    await engine.devices(DeviceKind.CAMERA)
    assert cv2.getNumThreads() == 1
    await engine.close()


async def test_a_driver_that_hangs_does_not_hold_the_media_loop_up_at_the_end() -> None:
    hanging = threading.Event()
    loop_thread = EventLoopThread("call-test")

    async def end() -> float:
        devices = LocalDevices(None, PORTAUDIO, lambda: None, lambda frame: None)
        audio = devices.audio
        assert isinstance(audio, PortAudioIO)
        for worker in (devices._camera_worker, audio.microphone._streams.worker, audio.speaker._streams.worker):
            worker.post(lambda: hanging.wait(5))
        began_s = asyncio.get_running_loop().time()
        devices.end_workers()
        return asyncio.get_running_loop().time() - began_s

    took_s = await loop_thread.run(end())
    hanging.set()
    loop_thread.stop()
    assert took_s < 0.5
