"""One client of a measured call: our engine, told what to do by one JSON line, telling what it measured by another.

Times are time.monotonic(), which all processes of a Linux machine share.
"""

import asyncio
import json
import sys
import time

import numpy as np

from app.call.audio import Audio
from app.call.livekit_engine import LivekitEngine
from app.call.pictures import Bytes
from app.call.ports import CallCredentials, FrameForm
from tests.stage.video_file import BITS, number_in

WARM_UP_S = 5.0


def number_in_luma(width: int, height: int, i420: Bytes) -> int:
    row = i420[(height // 2) * width : (height // 2 + 1) * width]
    return int(sum(1 << bit for bit in range(BITS) if row[(2 * bit + 1) * width // (2 * BITS)] > 128))


async def main() -> None:
    loop = asyncio.get_running_loop()
    start = json.loads(await loop.run_in_executor(None, sys.stdin.readline))
    engine = LivekitEngine(camera=start["camera"])
    await engine.prepare()
    await engine.join(CallCredentials(**start["credentials"]))
    both = asyncio.Event()
    engine.subscribe(lambda now: both.set() if now.other is not None and now.other.camera_on else None)
    now = engine.snapshot()
    if now.other is None or not now.other.camera_on:
        await both.wait()
    call = engine._call
    assert call is not None

    sent: dict[int, float] = {}
    arrived: dict[int, float] = {}
    drawn: dict[int, float] = {}
    send, put = call._camera.sink, call.other_pictures.put

    def note_sent(width: int, height: int, i420: Bytes) -> None:
        sent[number_in_luma(width, height, i420)] = time.monotonic()
        send(width, height, i420)

    def note_arrived(width: int, height: int, i420: Bytes, rotation_deg: int = 0) -> None:
        arrived[number_in_luma(width, height, i420)] = time.monotonic()
        put(width, height, i420, rotation_deg)

    await asyncio.sleep(WARM_UP_S)
    call._camera.sink = note_sent
    call.other_pictures.put = note_arrived  # type: ignore[method-assign]  # measured from outside, so that the engine carries no probe
    print("measuring", flush=True)
    cpu, begun, number = time.process_time(), time.monotonic(), 0
    while time.monotonic() - begun < start["seconds"]:
        frame = await engine.other_frame(number, 1280, 720, FrameForm.JPEG)
        if frame is not None:
            number = frame.number
            ready_at = time.monotonic()
            drawn[number_in(frame)] = ready_at
    used = (time.process_time() - cpu) / (time.monotonic() - begun)
    assert isinstance(call._audio, Audio)
    rings = [{"underruns": ring.underruns, "target_ms": ring.target / 48} for ring in call._audio.ear.rings()]
    latency_ms = 1000 * call._audio.speaker.buffer.seconds
    await engine.close()
    answer = {"sent": sent, "arrived": arrived, "drawn": drawn, "cpu": used, "rings": rings, "out_ms": latency_ms}
    print(json.dumps(answer), flush=True)


np.seterr(all="ignore")
asyncio.run(main())
