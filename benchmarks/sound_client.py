"""One client of a measured sound-only call: python -m benchmarks.sound_client, told what to do by one JSON line.

`path` is "ours" (the app's engine), "platform" (`rtc.PlatformAudio`) or "media_devices" (`rtc.MediaDevices`): what a
user of LiveKit's SDK would take instead. The answer is one JSON line. Onsets of bursts are noted at each stage of our
own path from outside, so that the engine carries no probe; times are time.perf_counter(), common to all processes.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from livekit import rtc

from app.call.audio import capture as voices
from app.call.audio import playout
from app.call.audio.apm import AudioProcessing
from app.call.audio.pcm import RATE_HZ
from app.call.audio.playout_buffer import PlayoutBuffer
from app.call.audio.portaudio_io import PortAudioIO
from app.call.contract.engine import CallCredentials
from app.call.engine import LivekitEngine

LOUD = 2000
GAP_S = 1.0


class Probe:
    """When bursts passed one stage, by the convention of the last sample: a block's end is its time."""

    def __init__(self) -> None:
        self.onsets: list[float] = []

    def look(self, samples: Any) -> None:
        now = time.perf_counter()
        heard = np.frombuffer(samples, np.int16) if not isinstance(samples, np.ndarray) else samples
        loud = np.flatnonzero(np.abs(heard.astype(np.int32)) > LOUD)
        if len(loud):
            at = now - (len(heard) - int(loud[0])) / RATE_HZ
            if not self.onsets or at - self.onsets[-1] > GAP_S:
                self.onsets.append(at)


STAGES = ("captured", "processed", "received", "mixed")


def _open(of: type) -> Any:
    return of


def put_probes() -> dict[str, Probe]:
    """Around our path's own functions, before the engine is made."""
    probes = {stage: Probe() for stage in STAGES}
    clean, put = AudioProcessing.process_capture, PlayoutBuffer.put
    mouth, ear = voices.CapturePipeline.__call__, playout.PlayoutMixer.__call__

    def heard(self: Any, samples: Any, frames: int, *rest: Any) -> None:
        probes["captured"].look(bytes(samples))
        mouth(self, samples, frames, *rest)

    def cleaned(self: Any, frame: rtc.AudioFrame, loudness: float) -> None:
        clean(self, frame, loudness)
        probes["processed"].look(bytes(frame.data))

    def received(self: Any, samples: Any) -> None:
        probes["received"].look(samples)
        put(self, samples)

    def mixed(self: Any, out: Any, frames: int, *rest: Any) -> None:
        ear(self, out, frames, *rest)
        probes["mixed"].look(bytes(out))

    mouths, ears, processings, rings = (  # Any: methods are put around from outside
        _open(voices.CapturePipeline),
        _open(playout.PlayoutMixer),
        _open(AudioProcessing),
        _open(PlayoutBuffer),
    )
    mouths.__call__, ears.__call__ = heard, mixed
    processings.process_capture, rings.put = cleaned, received
    return probes


def say(**words: Any) -> None:
    print(json.dumps(words), flush=True)


async def ours(start: dict[str, Any], wait: Callable[[], Any]) -> dict[str, Any]:
    probes = put_probes()
    engine = LivekitEngine(camera=start.get("camera"))
    if not start.get("camera"):
        await engine.set_camera(False)
    await engine.prepare()
    await engine.join(CallCredentials(**start["credentials"]))
    say(ready=True)
    await wait()
    call = engine._call
    assert call is not None
    assert isinstance(call.devices.audio, PortAudioIO)
    before = [ring.underruns for ring in call.devices.audio.mixer.buffers()]
    for probe in probes.values():
        probe.onsets.clear()
    cpu, begun = time.process_time(), time.monotonic()
    await wait()
    used = (time.process_time() - cpu) / (time.monotonic() - begun)
    rings = call.devices.audio.mixer.buffers()
    devices = {}
    for device in (call.devices.audio.microphone, call.devices.audio.speaker):
        devices[str(device.kind)] = {
            "buffer_ms": 1000 * device.latency.seconds,
            "delay_ms": round(1000 * device.delay_s, 1),
            "lost": device._stream.xruns if device._stream else None,
        }
    answer = {
        "cpu": used,
        "underruns": sum(ring.underruns for ring in rings) - sum(before),
        "target_ms": [ring.target * 1000 / RATE_HZ for ring in rings],
        "trimmed_ms": [ring.trimmed * 1000 / RATE_HZ for ring in rings],
        "devices": devices,
        "stages": {name: probe.onsets for name, probe in probes.items()},
    }
    await engine.close()
    return answer


async def of_the_sdk(start: dict[str, Any], wait: Callable[[], Any]) -> dict[str, Any]:
    """As LiveKit's own examples do it."""
    told, room, tasks = start["credentials"], rtc.Room(), []
    source: Any
    if start["path"] == "platform":
        audio = rtc.PlatformAudio()  # plays what is received by itself
        await room.connect(told["livekit_url"], told["access_token"])
        source = audio.create_audio_source()
    else:
        devices = rtc.MediaDevices()
        capture, player = devices.open_input(), devices.open_output()

        def subscribed(track: rtc.Track, publication: object, participant: object) -> None:
            if track.kind == rtc.TrackKind.KIND_AUDIO:
                tasks.append(asyncio.ensure_future(player.add_track(track)))

        room.on("track_subscribed", subscribed)
        await room.connect(told["livekit_url"], told["access_token"])
        source = capture.source
        await player.start()
    track = rtc.LocalAudioTrack.create_audio_track("mic", source)
    await room.local_participant.publish_track(track, rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE))
    say(ready=True)
    await wait()
    cpu, begun = time.process_time(), time.monotonic()
    await wait()
    used = (time.process_time() - cpu) / (time.monotonic() - begun)
    await asyncio.wait_for(room.disconnect(), 8)
    return {"cpu": used}


async def main() -> None:
    loop = asyncio.get_running_loop()

    async def wait() -> Any:
        line = await loop.run_in_executor(None, sys.stdin.readline)
        return json.loads(line) if line.strip() else None

    start = await wait()
    measured = await (ours if start["path"] == "ours" else of_the_sdk)(start, wait)
    say(**measured)


if __name__ == "__main__":
    asyncio.run(main())
