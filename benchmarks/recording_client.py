"""`benchmarks.call_client` that can also record its call, and share its screen."""

import asyncio
from pathlib import Path
from typing import Any

from app.call.recording.messages import WriterSettings
from app.call.recording.outlets import ProcessOutlet
from app.call.recording.process_recorder import ProcessRecorder
from app.call.recording.taps import RecordingTaps
from app.call.runtime.threads import EventLoopThread
from benchmarks.call_client import Client, orders, serve


class RecordingClient(Client):
    """Answers with the number of the process that writes, and with what was written."""

    def __init__(self) -> None:
        super().__init__()
        self._recorder: ProcessRecorder | None = None

    @property
    def _media(self) -> EventLoopThread:
        media = self._engine._media
        assert media is not None
        return media

    async def record(self, file: str, width: int, height: int) -> dict[str, Any]:
        await self._media.run(self._begin(Path(file), WriterSettings(width, height)))
        assert self._recorder is not None
        outlet = self._recorder._outlet
        return {"writer": outlet.process.pid if isinstance(outlet, ProcessOutlet) else None}

    async def _begin(self, file: Path, settings: WriterSettings) -> None:
        call = self._engine._call
        assert call is not None
        devices = call.devices
        taps = RecordingTaps(devices.camera, devices.audio, call.screen, call.remote_frames, call.screen_frames)
        self._recorder = ProcessRecorder(taps, settings)
        await self._recorder.open(file)
        self._recorder.write(True)

    async def share(self) -> dict[str, Any]:
        """The first screen there is; answers once frames of it are taken."""
        screens, shared = await self._engine.screens(), asyncio.Event()
        forget = self._engine.subscribe(lambda now: shared.set() if now.screen.sharing else None)
        await self._engine.share_screen(screens[0])
        await shared.wait()
        forget()
        return {"width": screens[0].width, "height": screens[0].height}

    async def stop_sharing(self) -> dict[str, Any]:
        await self._engine.stop_sharing()
        return {}

    async def screen_frames(self) -> dict[str, Any]:
        """Of the other's screen, from the call's beginning on."""
        call = self._engine._call
        assert call is not None
        return {"frames": call.screen_frames.count}

    async def stop(self) -> dict[str, Any]:
        assert self._recorder is not None
        progress = self._recorder.progress()
        file = await self._media.run(self._recorder.finish())
        return {"seconds": progress.written_s, "bytes": progress.size_bytes, "file": str(file)}


async def main() -> None:
    client = RecordingClient()
    own = (client.record, client.stop, client.share, client.stop_sharing, client.screen_frames)
    await serve(orders(client) | {each.__name__: each for each in own})


if __name__ == "__main__":
    asyncio.run(main())
