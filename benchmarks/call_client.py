"""One native client of a measured call: our engine, told what to do by JSON lines, answering each with one.

The orders are those of tests/stage/callpage/call.js. Times that leave it are milliseconds of the wall clock, which both
kinds of clients share; probes are put around the engine from outside, so that it carries none.
"""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

from app.call.audio.pcm import RATE_HZ
from app.call.audio.portaudio_io import PortAudioIO
from app.call.contract.engine import CallCredentials, Frame, PixelFormat
from app.call.engine import LivekitEngine
from app.call.room import room_session
from app.call.room.encryption import EncryptionAgreement
from app.call.state.store import SnapshotStore
from app.call.video.convert import UInt8Array
from tests.stage.video_file import BITS

TILE, OWN_TILE = (1280, 720), (320, 180)
COUNTERS_LIMIT_S = 5.0
Moments = list[tuple[int, float]]


def number_in_luma(width: int, height: int, i420: UInt8Array) -> int:
    row = i420[(height // 2) * width : (height // 2 + 1) * width]
    return int(sum(1 << bit for bit in range(BITS) if row[(2 * bit + 1) * width // (2 * BITS)] > 128))


def now_ms() -> float:
    return 1000 * time.time()


class Unencrypted(EncryptionAgreement):
    """As if both had agreed to go on without: never so in the product unless they did. Here to see what the encryption
    costs.
    """

    def __init__(self, store: SnapshotStore, reconnect: Callable[[], None]) -> None:
        super().__init__(store, reconnect)
        self.on = False

    def update(self) -> None:
        """Stays as it is."""


class Client:
    """The engine of one call after the other, and the two tiles that draw its frames."""

    def __init__(self) -> None:
        self._engine = LivekitEngine()
        self._form = PixelFormat.RGBA
        self._tiles: list[asyncio.Task[None]] = []
        self._numbers: dict[int, int] = {}
        self._sent: Moments = []
        self._received: Moments = []
        self._drawn: Moments = []
        self._size = (0, 0)
        self._shown = 0
        self._watching = False
        """Looking for the numbers in the frames costs, so it is done only when they are asked for."""

    async def prepare(self, camera: str) -> dict[str, Any]:
        """Camera and microphone are open before Join, as in the app."""
        self._engine = LivekitEngine(camera=camera)
        await self._engine.prepare()
        return {}

    async def join(self, credentials: dict[str, Any], see: bool, encrypted: bool = True) -> dict[str, Any]:
        began = time.perf_counter()
        if not encrypted:
            vars(room_session)["EncryptionAgreement"] = Unencrypted
        joining = asyncio.ensure_future(self._engine.join(CallCredentials(**credentials)))
        if see:
            await self._first_frame()
        waited_ms = 1000 * (time.perf_counter() - began)
        await joining
        self._probe()
        self._tiles = [asyncio.ensure_future(tile) for tile in (self._draw_other(), self._draw_own())]
        return {"first_frame_ms": waited_ms if see else None}

    async def _first_frame(self) -> Frame:
        while True:  # no frame is to be expected until the peer's track is there
            frame = await self._engine.remote_frame(0, *TILE, self._form)
            if frame is not None:
                return frame
            await asyncio.sleep(0.002)

    def _probe(self) -> None:
        call = self._engine._call
        assert call is not None
        pictures = call.remote_frames
        sink, put = call.devices.camera.sink, pictures.put
        send = sink.send_frame

        def note_sent(width: int, height: int, i420: UInt8Array) -> None:
            if self._watching:
                self._sent.append((number_in_luma(width, height, i420), now_ms()))
            send(width, height, i420)

        def note_arrived(width: int, height: int, i420: UInt8Array, rotation_deg: int = 0) -> None:
            if self._watching:
                number = self._numbers[pictures.count + 1] = number_in_luma(width, height, i420)
                self._received.append((number, now_ms()))
                self._size = (width, height)
            put(width, height, i420, rotation_deg)

        sink.send_frame = note_sent  # type: ignore[method-assign]  # measured from outside, see above
        pictures.put = note_arrived  # type: ignore[method-assign]  # as above

    async def _draw_other(self) -> None:
        number = 0
        while True:
            frame = await self._engine.remote_frame(number, *TILE, self._form)
            if frame is None:
                await asyncio.sleep(0.02)
                continue
            number, self._shown = frame.number, self._shown + 1
            if number in self._numbers:  # else nobody watched
                self._drawn.append((self._numbers.pop(number), now_ms()))

    async def _draw_own(self) -> None:
        number = 0
        while True:
            frame = await self._engine.own_frame(number, *OWN_TILE, self._form)
            if frame is None:
                await asyncio.sleep(0.02)
                continue
            number = frame.number

    async def draw(self, form: str) -> dict[str, Any]:
        self._form = PixelFormat[form]
        return {}

    async def counts(self) -> dict[str, Any]:
        """Frames from the call's beginning on: encoded of one's own, decoded and shown of the peer's."""
        call, media = self._engine._call, self._engine._media
        assert call is not None
        assert call._session is not None
        assert media is not None
        counts = await media.run(call._session.connection.counters(COUNTERS_LIMIT_S))
        assert counts is not None
        return {"encoded": counts.sent_video.frames, "decoded": counts.received.frames, "shown": self._shown}

    async def watch(self, seconds: float) -> dict[str, Any]:
        for moments in (self._sent, self._received, self._drawn):
            moments.clear()
        self._watching = True
        await asyncio.sleep(seconds)
        self._watching = False
        call = self._engine._call
        assert call is not None
        assert isinstance(call.devices.audio, PortAudioIO)
        return {
            "sent": list(self._sent),
            "arrived": list(self._received),
            "seen": list(self._drawn),
            "size": self._size,
            "underruns": sum(ring.underruns for ring in call.devices.audio.mixer.buffers()),
            "ring_ms": [1000 * ring.target / RATE_HZ for ring in call.devices.audio.mixer.buffers()],
            "speaker_buffer_ms": 1000 * call.devices.audio.speaker.latency.seconds,
        }

    async def leave(self) -> dict[str, Any]:
        for tile in self._tiles:
            tile.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await tile
        self._tiles = []
        self._numbers.clear()
        await self._engine.close()
        return {}


Does = dict[str, Callable[..., Awaitable[dict[str, Any]]]]


def orders(client: Client) -> Does:
    """What it can be told."""
    return {
        "prepare": client.prepare,
        "join": client.join,
        "draw": client.draw,
        "counts": client.counts,
        "watch": client.watch,
        "leave": client.leave,
    }


async def serve(does: Does) -> None:
    """Follows orders until there are no more."""
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        order = json.loads(line)
        print(json.dumps(await does[order.pop("do")](**order)), flush=True)


async def main() -> None:
    await serve(orders(Client()))


if __name__ == "__main__":
    asyncio.run(main())
