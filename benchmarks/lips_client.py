"""One end of a call in which a flash and a beep begin at the same instant, every 1.5 s; a JSON line says which.

The sender has our tracks (`publishing.local_tracks`), a webcam's frames with a mark in them, and beeps over a quiet
noise. The receiver is our engine: a flash counts when its frame can be had by a tile, a beep when the speaker's
callback takes it out of the playout buffer. Times are time.monotonic(), which all processes of a Linux machine share.
"""

import asyncio
import json
import sys
import threading
import time
from typing import Any

import numpy as np
from livekit import rtc
from numpy.typing import NDArray

from app.call.adaptation.video_adapter import VideoAdapter
from app.call.audio.pcm import FRAME, RATE_HZ, Samples
from app.call.audio.playout_buffer import PlayoutBuffer
from app.call.contract.devices import DeviceKind
from app.call.contract.engine import CallCredentials
from app.call.engine import LivekitEngine
from app.call.room.encryption import e2ee_options
from app.call.room.publishing.local_tracks import LocalTracks
from app.call.runtime.task_scope import TaskScope
from app.call.runtime.threads import EventLoopThread
from tests.stage.webcam import RATE_HZ as FRAMES_HZ

WIDTH, HEIGHT = 1280, 720
FRAMES = 48
MARK = 8
"""The mark is a block in the upper left corner, of the width and height divided by this."""
EVERY_FRAMES = 45
FLASH_FRAMES = 4
BEEP_S, BEEP_HZ, LOUD, NOISE = 0.08, 1000.0, 12_000, 60
HEARD = 4000
Pixels = NDArray[np.uint8]


def mark(pixels: Pixels, bright: bool) -> None:
    """`pixels` is I420 (height * 3 / 2, width)."""
    pixels[: HEIGHT // MARK, : WIDTH // MARK] = 235 if bright else 16
    chroma = pixels[HEIGHT:].reshape(2, HEIGHT // 2, WIDTH // 2)
    chroma[:, : HEIGHT // 2 // MARK, : WIDTH // 2 // MARK] = 128


def is_bright(width: int, height: int, i420: Pixels) -> bool:
    luma = i420[: width * height].reshape(height, width)
    return bool(luma[4 : height // MARK - 4, 4 : width // MARK - 4].mean() > 128)


class Sender:
    """Feeds both tracks by one clock; `begun_s` of the first frame."""

    def __init__(self, tracks: LocalTracks, pictures: str) -> None:
        self._tracks = tracks
        self._i420: Pixels = np.memmap(pictures, np.uint8, "r", shape=(FRAMES, HEIGHT * 3 // 2, WIDTH))
        self._begun_s = time.monotonic()
        self.ended = threading.Event()

    def show(self) -> None:
        count = 0
        while not self.ended.is_set():
            pixels = self._i420[count % FRAMES].copy()
            mark(pixels, count % EVERY_FRAMES < FLASH_FRAMES)
            self._wait(count / FRAMES_HZ)
            self._tracks.send_frame(WIDTH, HEIGHT, pixels.reshape(-1))
            count += 1

    def speak(self) -> None:
        period = EVERY_FRAMES * RATE_HZ // FRAMES_HZ
        random = np.random.default_rng(1)
        beep = (LOUD * np.sin(2 * np.pi * BEEP_HZ * np.arange(int(BEEP_S * RATE_HZ)) / RATE_HZ)).astype(np.int16)
        block = 0
        while not self.ended.is_set():
            samples = random.normal(0, NOISE, FRAME).astype(np.int16)
            at = block * FRAME % period
            if at < len(beep):
                samples[: len(beep[at : at + FRAME])] += beep[at : at + FRAME]
            self._wait(block * FRAME / RATE_HZ)
            self._tracks.audio.send(rtc.AudioFrame(samples.tobytes(), RATE_HZ, 1, FRAME))
            block += 1

    def _wait(self, due_s: float) -> None:
        time.sleep(max(0.0, self._begun_s + due_s - time.monotonic()))


async def send(told: dict[str, Any]) -> None:
    """Until it is told to end."""
    loop, audio_loop, scope = asyncio.get_running_loop(), EventLoopThread("call-audio"), TaskScope()
    given = CallCredentials(**told["credentials"])
    room = rtc.Room(loop=loop)
    options = rtc.RoomOptions(encryption=e2ee_options(given.encryption_key))
    await room.connect(given.livekit_url, given.access_token, options)
    tracks = LocalTracks(VideoAdapter(), audio_loop, scope)
    await asyncio.gather(*(tracks.publish(room, kind) for kind in (DeviceKind.CAMERA, DeviceKind.MICROPHONE)))
    sender = Sender(tracks, told["pictures"])
    threads = [threading.Thread(target=feed, daemon=True) for feed in (sender.show, sender.speak)]
    for thread in threads:
        thread.start()
    await loop.run_in_executor(None, sys.stdin.readline)
    sender.ended.set()
    for thread in threads:
        thread.join(2)
    await room.disconnect()


class Receiver:
    """`flashes` and `beeps` are the moments at which each began, for whoever looks and listens."""

    def __init__(self) -> None:
        self.flashes: list[float] = []
        self.beeps: list[float] = []
        self._listen_to_playout()

    def _listen_to_playout(self) -> None:
        get, beeps = PlayoutBuffer.get, self.beeps

        def note(buffer: PlayoutBuffer, count: int) -> Samples | None:
            block = get(buffer, count)
            if block is not None and np.abs(block).max(initial=0) > HEARD:
                now_s = time.monotonic() + int(np.argmax(np.abs(block) > HEARD)) / RATE_HZ
                if not beeps or now_s - beeps[-1] > 2 * BEEP_S + 0.2:
                    beeps.append(now_s)
            return block

        PlayoutBuffer.get = note  # type: ignore[method-assign,assignment]  # measured from outside

    async def watch(self, engine: LivekitEngine) -> None:
        number, before = 0, False
        while True:
            call = engine._call
            frame = await call.remote_frames.next_after(number) if call is not None else None
            if frame is None:
                await asyncio.sleep(0.02)
                continue
            number, now = frame.number, is_bright(frame.width, frame.height, frame.i420)
            if now and not before:
                self.flashes.append(time.monotonic())
            before = now


async def receive(told: dict[str, Any]) -> None:
    """Answers each further line with what was seen and heard since the one before."""
    loop, receiver = asyncio.get_running_loop(), Receiver()
    engine = LivekitEngine(camera="test-picture", microphone_on=False)
    await engine.prepare()
    await engine.set_camera(False)
    await engine.join(CallCredentials(**told["credentials"]))
    watching = asyncio.ensure_future(receiver.watch(engine))
    while await loop.run_in_executor(None, sys.stdin.readline):
        sample = engine.quality_samples()[-1:]
        said = {
            "flashes": receiver.flashes[:],
            "beeps": receiver.beeps[:],
            "height": sample[0].received.height if sample and sample[0].received else 0,
            "jitter_buffer_ms": sample[0].jitter_buffer_ms if sample else None,
        }
        receiver.flashes.clear()
        receiver.beeps.clear()
        print(json.dumps(said), flush=True)
    watching.cancel()
    await engine.close()


async def main() -> None:
    told = json.loads(await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline))
    await (send if told["role"] == "send" else receive)(told)


if __name__ == "__main__":
    asyncio.run(main())
