"""One side of a call in a process of its own: python -m tests.live.peer, driven by JSON lines.

The first line of standard input is `tests.live.peers.Start`; each further line is a command: "mute", "unmute",
"camera on", "camera off", "backend away", "backend back", "write PREFIX NUMBER",
"send NAME BYTES SEED", "leave". Lines of standard output are each change of the snapshot, five times a second how many
frames of the other have come and what held the audio up, each sample of the quality, and each part of the call that
failed. Times are of the machine's monotonic clock.
"""

import asyncio
import hashlib
import json
import random
import sys
import time
from dataclasses import asdict

from app.call.contract.call_state import CallSnapshot
from app.call.contract.devices import AudioBackend
from app.call.contract.engine import CallCredentials, RefreshCredentials
from app.call.contract.files import FileState
from app.call.engine import LivekitEngine
from tests.live.audio_counts import SoundLook
from tests.live.part_failures import told_of_failures
from tests.live.peers import Backend, Start
from tests.stage.tokens import create_room_at, credentials_at

PICTURES_EVERY_S = 0.2
WRITE_EVERY_S = 0.12


def say(**said: object) -> None:
    print(json.dumps(said), flush=True)


def told(snapshot: CallSnapshot) -> None:
    say(
        at_s=time.monotonic(),
        state=snapshot.state,
        reason=snapshot.end_reason,
        trouble=snapshot.reconnect_cause,
        other=asdict(snapshot.peer) if snapshot.peer else None,
        audio_backend=snapshot.audio_backend,
        speaker=snapshot.speaker.working,
        microphone=snapshot.microphone.working,
        video_degraded=snapshot.video_degraded,
        own_quality=snapshot.own_quality,
        chat=[[each.text, each.mine, each.delivered] for each in snapshot.chat],
        files=[[each.name, each.mine, each.state, each.done, each.problem] for each in snapshot.files],
    )


class BackendHere:
    """What `generate-call-link` does, from this side of the network: makes sure of the room and gives a fresh token."""

    def __init__(self, backend: Backend, start: Start) -> None:
        self.away = False
        self._backend = backend
        self._credentials = CallCredentials(**start.credentials)

    async def refresh(self) -> CallCredentials:
        if self.away:
            raise ConnectionError("the backend is away")
        given, backend = self._credentials, self._backend
        await create_room_at(backend.http_url, backend.key, backend.secret, given.room_name)
        say(renewed=True)
        return credentials_at(
            given.livekit_url, backend.key, backend.secret, given.room_name, given.participant_identity
        )


async def count_frames(engine: LivekitEngine) -> None:
    sampled_at_s = 0.0
    sound = SoundLook(engine)
    while True:
        await asyncio.sleep(PICTURES_EVERY_S)
        call = engine._call
        if call is not None:
            say(frames=call.remote_frames.count, sound_counts=asdict(sound.look()))
        for sample in engine.quality_samples():
            if sample.at_s > sampled_at_s:
                sampled_at_s = sample.at_s
                say(sample=asdict(sample))


async def write(engine: LivekitEngine, prefix: str, number: str) -> None:
    """So many messages, one after the other."""
    for each in range(int(number)):
        await engine.send_message(f"{prefix} {each}")
        await asyncio.sleep(WRITE_EVERY_S)


def content_of(size: int, seed: int) -> bytes:
    return random.Random(seed).randbytes(size)


async def tell_received(engine: LivekitEngine) -> None:
    """The digest of each file that has arrived, once."""
    told_of: set[str] = set()
    while True:
        await asyncio.sleep(PICTURES_EVERY_S)
        for each in engine.snapshot().files:
            if not each.mine and each.state is FileState.DELIVERED and each.id not in told_of:
                told_of.add(each.id)
                content = await engine.received_file(each.id) or b""
                say(received=each.name, digest=hashlib.sha256(content).hexdigest())


async def main() -> None:
    loop = asyncio.get_running_loop()
    start = Start(**json.loads(await loop.run_in_executor(None, sys.stdin.readline)))
    engine = LivekitEngine(camera=start.camera, audio_backend=AudioBackend(start.sound))
    engine.subscribe(told)
    backend = BackendHere(Backend(**start.backend), start) if start.backend else None
    refresh: RefreshCredentials | None = backend.refresh if backend else None
    await engine.prepare()
    telling = asyncio.ensure_future(tell_received(engine))
    counting, writing = asyncio.ensure_future(count_frames(engine)), list["asyncio.Future[None]"]()
    await engine.join(CallCredentials(**start.credentials), refresh)
    while command := (await loop.run_in_executor(None, sys.stdin.readline)).strip():
        if command in ("mute", "unmute"):
            await engine.set_microphone(command == "unmute")
        elif command.startswith("camera"):
            await engine.set_camera(command.endswith("on"))
        elif command.startswith("write"):
            writing.append(asyncio.ensure_future(write(engine, *command.split()[1:])))
        elif command.startswith("send"):
            name, size, seed = command.split()[1:]
            await engine.send_file(name, content_of(int(size), int(seed)), "")
        elif command.startswith("backend") and backend is not None:
            backend.away = command.endswith("away")
        elif command == "leave":
            break
    counting.cancel()
    telling.cancel()
    await engine.close()


with told_of_failures(lambda text: say(failed=text)):
    asyncio.run(main())
