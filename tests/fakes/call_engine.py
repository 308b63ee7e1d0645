"""A call engine that a test drives by hand, and a moving picture for looking at the screens without a camera."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.call.contract.call_state import CallSnapshot, CallState, EndReason, RemotePeerState
from app.call.contract.devices import BlurFault, BlurState, Device, DeviceFault, DeviceKind, DeviceState
from app.call.contract.engine import (
    CallCredentials,
    ConnectionCheck,
    Frame,
    PixelFormat,
    Reachability,
    RefreshCredentials,
)
from app.call.contract.screen import Screen, ScreenFault, ScreenState
from app.call.contract.stats import QualityReport, QualitySample
from tests.fakes.call_topics import FakeTopics

Picture = Callable[[int, int, int], bytes]
"""(number, width, height) -> JPEG bytes."""

SOURCES = ("own", "other", "screen")

DEVICES = {
    DeviceKind.CAMERA: [
        Device(DeviceKind.CAMERA, "0", "Front camera"),
        Device(DeviceKind.CAMERA, "test-picture", "Test picture"),
    ],
    DeviceKind.MICROPHONE: [
        Device(DeviceKind.MICROPHONE, "m0", "Built-in microphone"),
        Device(DeviceKind.MICROPHONE, "m1", "Headset"),
    ],
    DeviceKind.SPEAKER: [
        Device(DeviceKind.SPEAKER, "s0", "Built-in speaker"),
        Device(DeviceKind.SPEAKER, "s1", "Headset"),
    ],
}


class FakeCallEngine(FakeTopics):
    """Implements `CallEngine`. `calls` lists what the screen asked for; the `let_*` and `become` methods drive it."""

    def __init__(self, *, faults: dict[DeviceKind, DeviceFault] | None = None, picture: Picture | None = None) -> None:
        super().__init__()
        self.credentials: CallCredentials | None = None
        self.refresh: RefreshCredentials | None = None
        self.closed = False
        self.level = 0.0
        self.blur_fault: BlurFault | None = None
        """Why every wish for a blurred background fails."""
        self.blur_is_slow = False
        self.watched = True
        self.connection = ConnectionCheck(Reachability.UDP, 24.0)
        self.plugged = {kind: list(devices) for kind, devices in DEVICES.items()}
        self.samples: tuple[QualitySample, ...] = ()
        self.report: QualityReport | None = None
        self.frames_asked = dict.fromkeys(SOURCES, 0)
        self.frames_waiting = dict.fromkeys(SOURCES, 0)
        self.most_waiting = dict.fromkeys(SOURCES, 0)
        self.own_screens: list[Screen] = [Screen("1 0 0", 1920, 1080)]
        self.screen_fault: ScreenFault | None = None
        """Why there is no screen to choose."""
        self.leave_takes: asyncio.Event | None = None
        """Set to an unset event to make `leave` hang, as a dead network would."""
        self._faults = dict(faults or {})
        self._picture = picture or (lambda number, width, height: b"jpeg %d" % number)
        self._numbers = dict.fromkeys(SOURCES, 0)
        self._new_frame = asyncio.Condition()

    # -- driven by the test

    def become(self, state: CallState, **changes: Any) -> None:
        """Goes to a state, with any other field of the snapshot beside it."""
        self._change(state=state, **changes)

    def let_other_in(
        self, name: str = "Mia Keller", *, since: datetime | None = None, camera: bool = True, microphone: bool = True
    ) -> None:
        other = RemotePeerState("user_x", name, microphone_on=microphone, camera_on=camera)
        self._change(state=CallState.IN_CALL, peer=other, in_call_since=since or self._snapshot.in_call_since)

    def let_other(self, **changes: Any) -> None:
        assert self._snapshot.peer is not None
        self._change(peer=replace(self._snapshot.peer, **changes))

    def let_end(self, reason: EndReason) -> None:
        self._change(state=CallState.ENDED, end_reason=reason)

    def let_fail(self, kind: DeviceKind, fault: DeviceFault) -> None:
        """A device breaks while in use; `retry` mends it unless `keep_failing` is called."""
        self._faults[kind] = fault
        self._set(kind, working=False, fault=fault)

    def let_blur_fail(self, fault: BlurFault) -> None:
        """It cannot be had: the camera goes off with it."""
        self._change(background_blur=BlurState(fault=fault, blocked=True))
        self._set(DeviceKind.CAMERA, enabled=False, working=False)

    def mend(self, kind: DeviceKind) -> None:
        """The next `retry` of this device will succeed."""
        self._faults.pop(kind, None)

    async def give_frame(self, source: str) -> None:
        """One new picture of `own`, `other` or `screen`."""
        async with self._new_frame:
            self._numbers[source] += 1
            self._new_frame.notify_all()

    # -- CallEngine

    def snapshot(self) -> CallSnapshot:
        return self._snapshot

    def subscribe(self, on_change: Callable[[CallSnapshot], None]) -> Callable[[], None]:
        self._listeners.append(on_change)

        def unsubscribe() -> None:
            if on_change in self._listeners:
                self._listeners.remove(on_change)

        return unsubscribe

    async def prepare(self) -> None:
        self.calls.append(("prepare",))
        self._change(state=CallState.PREPARING)
        for kind in DeviceKind:
            await self._open(kind)

    async def join(self, credentials: CallCredentials, refresh: RefreshCredentials | None = None) -> None:
        self.calls.append(("join", credentials.room_name))
        self.credentials, self.refresh = credentials, refresh
        if self._snapshot.state is CallState.IDLE:
            for kind in DeviceKind:
                await self._open(kind)
        self._change(state=CallState.CONNECTING)

    async def leave(self) -> None:
        self.calls.append(("leave",))
        if self.leave_takes is not None:
            await self.leave_takes.wait()
        self._change(state=CallState.ENDED, end_reason=EndReason.LEFT)

    async def close(self) -> None:
        self.calls.append(("close",))
        self.closed = True

    def terminate(self) -> None:
        self.closed = True

    async def set_microphone(self, on: bool) -> None:
        self.calls.append(("microphone", on))
        self._set(DeviceKind.MICROPHONE, enabled=on)

    async def set_camera(self, on: bool) -> None:
        self.calls.append(("camera", on))
        if on:
            self._change(background_blur=replace(self._snapshot.background_blur, blocked=False))
        self._set(DeviceKind.CAMERA, enabled=on, working=on and DeviceKind.CAMERA not in self._faults)

    async def set_background_blur(self, on: bool) -> None:
        self.calls.append(("blur", on))
        if on and self.blur_fault is not None:
            self.let_blur_fail(self.blur_fault)
        else:
            self._change(background_blur=BlurState(enabled=on, working=on and not self.blur_is_slow))

    async def set_remote_video_visible(self, on: bool) -> None:
        self.watched = on

    async def answer_unencrypted(self, goes_on_without: bool) -> None:
        self.calls.append(("unencrypted", goes_on_without))
        self._change(unencrypted_answer=goes_on_without)

    async def screens(self) -> list[Screen]:
        if self.screen_fault is not None:
            self._change(screen=ScreenState(fault=self.screen_fault))
            return []
        return list(self.own_screens)

    async def share_screen(self, screen: Screen) -> None:
        self.calls.append(("share", screen.id))
        self._change(screen=ScreenState(screen, sharing=True))

    async def stop_sharing(self) -> None:
        self.calls.append(("stop sharing",))
        self._change(screen=ScreenState())

    async def retry(self, kind: DeviceKind) -> None:
        self.calls.append(("retry", kind))
        await self._open(kind)

    async def devices(self, kind: DeviceKind) -> list[Device]:
        return list(self.plugged[kind])

    async def choose(self, device: Device, instead_of: Device | None = None) -> None:
        self.calls.append(("choose", device.id))
        self._set(device.kind, chosen=device, instead_of=instead_of)
        if self._snapshot.state is not CallState.IDLE:
            await self._open(device.kind)

    async def check_connection(self, livekit_url: str, access_token: str) -> ConnectionCheck:
        self.calls.append(("check", access_token))
        return self.connection

    async def play_test_tone(self) -> bool:
        self.calls.append(("test sound",))
        return self._snapshot.speaker.working

    def microphone_level(self) -> float:
        return self.level

    def quality_samples(self) -> tuple[QualitySample, ...]:
        return self.samples

    def quality_report(self) -> QualityReport | None:
        return self.report

    async def own_frame(self, after: int, max_width: int, max_height: int, pixel_format: PixelFormat) -> Frame | None:
        if not self._snapshot.camera.working:
            return None
        return await self._frame("own", after, max_width, max_height)

    async def remote_frame(
        self, after: int, max_width: int, max_height: int, pixel_format: PixelFormat
    ) -> Frame | None:
        if self._snapshot.peer is None or not self._snapshot.peer.camera_on:
            return None
        return await self._frame("other", after, max_width, max_height)

    async def remote_screen_frame(
        self, after: int, max_width: int, max_height: int, pixel_format: PixelFormat
    ) -> Frame | None:
        if self._snapshot.peer is None or not self._snapshot.peer.screen_on:
            return None
        return await self._frame("screen", after, max_width, max_height)

    async def _frame(self, source: str, after: int, width: int, height: int) -> Frame:
        self.frames_asked[source] += 1
        self.frames_waiting[source] += 1
        self.most_waiting[source] = max(self.most_waiting[source], self.frames_waiting[source])
        try:
            async with self._new_frame:
                await self._new_frame.wait_for(lambda: self._numbers[source] > after)
                number = self._numbers[source]
        finally:
            self.frames_waiting[source] -= 1
        return Frame(width, height, PixelFormat.JPEG, self._picture(number, width, height), number)

    async def _open(self, kind: DeviceKind) -> None:
        fault = self._faults.get(kind)
        wanted = getattr(self._snapshot, kind.value).chosen
        if fault is None and wanted is not None and wanted not in self.plugged[kind]:
            fault = DeviceFault.MISSING
        chosen = wanted or (self.plugged[kind][0] if fault is None else None)
        self._set(kind, working=fault is None, fault=fault, chosen=chosen)

    def _set(self, kind: DeviceKind, **changes: Any) -> None:
        state: DeviceState = getattr(self._snapshot, kind.value)
        self._change(**{kind.value: replace(state, **changes)})
