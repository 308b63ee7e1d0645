"""One side of a call in a process of its own: python -m tests.call.peer, driven by JSON lines.

The first line of standard input has the camera and the credentials; each further line is a command ("mute", "unmute",
"leave"). Each change of the snapshot is a line of standard output.
"""

import asyncio
import json
import sys
from dataclasses import asdict

from app.call.livekit_engine import LivekitEngine
from app.call.ports import CallCredentials, CallSnapshot


def told(snapshot: CallSnapshot) -> None:
    other = asdict(snapshot.other) if snapshot.other else None
    said = {"state": snapshot.state, "reason": snapshot.end_reason, "other": other, "speaker": snapshot.speaker.working}
    print(json.dumps(said), flush=True)


async def main() -> None:
    loop = asyncio.get_running_loop()
    start = json.loads(await loop.run_in_executor(None, sys.stdin.readline))
    engine = LivekitEngine(camera=start["camera"])
    engine.subscribe(told)
    if start.get("prepare", True):
        await engine.prepare()
    await engine.join(CallCredentials(**start["credentials"]))
    while command := (await loop.run_in_executor(None, sys.stdin.readline)).strip():
        if command in ("mute", "unmute"):
            await engine.set_microphone(command == "unmute")
        elif command == "leave":
            break
    await engine.close()


asyncio.run(main())
