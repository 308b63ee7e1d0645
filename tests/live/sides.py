"""Two people of one call, for tests: engines with what they show and the conditions that tests wait for."""

import asyncio
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from livekit import rtc

from app.call.contract.call_state import CallSnapshot, CallState
from app.call.contract.devices import Device, DeviceKind
from app.call.contract.engine import CallLimits, Frame, PixelFormat, RefreshCredentials
from app.call.engine import LivekitEngine
from app.call.recording.recorder import Recorder
from app.call.runtime.threads import LEFT
from tests.stage.livekit_server import LivekitServer
from tests.stage.tokens import KEY, credentials
from tests.stage.video_file import number_in
from tests.waiting import until

ANNA_NUMBERS, BEN_NUMBERS = range(1000, 1240), range(5000, 5240)


def own_threads() -> set[str]:
    """Threads that calls start; the SDK's own and the test's are not theirs. Nor is one that PortAudio never gives
    back: on a busy machine it happens that a card is unplugged while a stream on it is being started.
    """
    return {each.name for each in threading.enumerate() if each.name.startswith("call-") and LEFT not in each.name}


def where_own_threads_are() -> str:
    """The stack of each, for the test that finds one left behind."""
    frames = sys._current_frames()
    found = [each for each in threading.enumerate() if each.name.startswith("call-") and each.ident in frames]
    return "\n".join(f"{each.name}:\n{''.join(traceback.format_stack(frames[each.ident or 0]))}" for each in found)


class Side:
    """One engine under a name, and every state that its snapshot has been in."""

    def __init__(
        self,
        server: LivekitServer,
        room: str,
        identity: str,
        camera: Path | str,
        limits: CallLimits | None = None,
        new_recorder: Callable[[], Recorder] | None = None,
    ) -> None:
        self.server = server
        self.room_name = room
        self.identity = identity
        self.encryption_key = KEY
        self.engine = LivekitEngine(camera=str(camera), limits=limits, new_recorder=new_recorder)
        self.states: list[CallState] = []
        self._told = self.now.state
        self.engine.subscribe(self._changed)

    def _changed(self, snapshot: CallSnapshot) -> None:
        self._told = snapshot.state
        if not self.states or self.states[-1] is not snapshot.state:
            self.states.append(snapshot.state)

    @property
    def now(self) -> CallSnapshot:
        return self.engine.snapshot()

    async def use_card(self, card: str) -> None:
        """Microphone and speaker of one virtual sound card."""
        for kind in (DeviceKind.MICROPHONE, DeviceKind.SPEAKER):
            await self.engine.choose(Device(kind, f"ALSA: card_{card}", f"card_{card}"))

    async def join(self, refresh: RefreshCredentials | None = None) -> None:
        given = credentials(self.server, self.room_name, self.identity, encryption_key=self.encryption_key)
        await self.engine.join(given, refresh)

    async def state(self, wanted: CallState, limit_s: float = 30.0) -> None:
        """The call is in this state, and the interface has been told so: nothing older is on its way to `states`."""
        await until(
            lambda: self.now.state is wanted is self._told,
            lambda: f"{self.identity} is {wanted}, not {self.now.state}",
            limit_s,
        )

    async def passed(self, wanted: CallState, limit_s: float = 30.0) -> None:
        """The state has been shown at some moment since `states` was last cleared."""
        await until(lambda: wanted in self.states, f"{self.identity} was {wanted}: {self.states}", limit_s)

    async def seen(self, numbers: range, after: int = 0, limit_s: float = 30.0) -> Frame:
        """A frame of the other that carries one of these numbers; waits for one."""
        end = time.monotonic() + limit_s
        last: object = None
        while time.monotonic() < end:
            asked = asyncio.ensure_future(self.engine.remote_frame(after, 640, 360, PixelFormat.JPEG))
            done, _ = await asyncio.wait({asked}, timeout=max(end - time.monotonic(), 0))
            if not done:
                asked.cancel()
                break
            frame = asked.result()
            if frame is not None and number_in(frame) in numbers:
                return frame
            last, after = frame and number_in(frame), frame.number if frame else after
            await asyncio.sleep(0.02)
        raise AssertionError(f"{self.identity} saw none of {numbers} within {limit_s:.0f} s; last {last}")

    async def provoke(self, scenario: Any) -> None:
        """A scenario of the SDK, on this side's own connection; there is no public way to it, and none is needed."""
        call, media = self.engine._call, self.engine._media
        assert call is not None
        assert call._session is not None
        assert media is not None
        room: rtc.Room = call._session.room
        await media.run(room.simulate_scenario(scenario))


async def both_in_call(anna: Side, ben: Side) -> None:
    """Both join at once, and each sees the other."""
    await asyncio.gather(anna.join(), ben.join())
    await asyncio.gather(anna.state(CallState.IN_CALL), ben.state(CallState.IN_CALL))
    await asyncio.gather(anna.seen(BEN_NUMBERS), ben.seen(ANNA_NUMBERS))
