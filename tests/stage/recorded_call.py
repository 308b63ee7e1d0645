"""A call made of numbers and tones that a `ProcessRecorder` records as it goes on: in time, by the real taps.

Also a program of its own, so that it can be killed: python -m tests.stage.recorded_call FILE. A line of its output says
the number of the process that writes, the next ones how far it is.
"""

import asyncio
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.call.audio.pcm import FRAME, RATE_HZ
from app.call.audio.portaudio_io import PortAudioIO
from app.call.recording.messages import Picture
from app.call.recording.outlets import ProcessOutlet
from app.call.recording.process_recorder import ProcessRecorder
from app.call.recording.taps import RecordingTaps
from app.call.runtime.threads import Worker
from app.call.video.camera import Camera
from app.call.video.capturer import FrameSink
from app.call.video.latest_frame import LatestFrame
from tests.stage.written_call import FRAMES_HZ, NUMBERS, OWN_HZ, PEER_HZ, SETTINGS, numbered, speech


class OwnScreen:
    """What the recorder sees of `ScreenSharing`."""

    def __init__(self) -> None:
        self.recording: FrameSink | None = None
        self.on_stop: Callable[[], object] = lambda: None


class RecordedCall:
    """`begin` opens and writes; from then on frames and tones come by themselves until `end`. The devices are not
    opened: what would come of them is given to the taps.
    """

    def __init__(self, **options: Any) -> None:
        self._worker = Worker("call-cameras")
        self.camera = Camera(None, self._worker, lambda: None)
        self.audio = PortAudioIO(lambda: None, lambda frame: None)
        self.own_screen, self.frames, self.screen_frames = OwnScreen(), LatestFrame(), LatestFrame()
        self.taps = RecordingTaps(self.camera, self.audio, self.own_screen, self.frames, self.screen_frames)
        self.recorder = ProcessRecorder(self.taps, **{"settings": SETTINGS} | options)
        self._ended = threading.Event()
        self._talking: threading.Thread | None = None
        self.began_s = 0.0
        self.blocks = self.slowest_s = 0.0
        """How many blocks were handed over, and how long the slowest hand-over took."""

    @property
    def child(self) -> int:
        outlet = self.recorder._outlet
        assert isinstance(outlet, ProcessOutlet)
        return outlet.process.pid

    async def begin(self, file: Path) -> None:
        await self.recorder.open(file)
        self.frames.open()
        self.recorder.write(True)
        self.began_s = time.perf_counter()
        self._talking = threading.Thread(target=self._talk, name="call-of-a-test", daemon=True)
        self._talking.start()

    @property
    def at_s(self) -> float:
        """The second of the call."""
        return time.perf_counter() - self.began_s

    def _talk(self) -> None:
        shown, said = -1, 0
        while not self._ended.wait(max(0.0, (said + 1) * FRAME / RATE_HZ - self.at_s)):
            began_s = time.perf_counter()
            count = int(said * FRAME / RATE_HZ * FRAMES_HZ + 1e-6)  # in step with the tones, also where both are late
            if count > shown:
                shown = count
                self.show(Picture.PEER_CAMERA, NUMBERS[Picture.PEER_CAMERA][count])
                self.show(Picture.OWN_CAMERA, NUMBERS[Picture.OWN_CAMERA][count])
            for hear, hz in ((self.audio.capture.on_sent, OWN_HZ), (self.audio.mixer.on_played, PEER_HZ)):
                if hear is not None:
                    hear(speech(hz, said * FRAME / RATE_HZ, FRAME).tobytes())
            said += 1
            self.blocks += 1
            self.slowest_s = max(self.slowest_s, time.perf_counter() - began_s)

    def show(self, picture: Picture, number: int) -> None:
        frame = numbered(number)
        if picture is Picture.PEER_CAMERA:
            self.frames.put(frame.width, frame.height, frame.i420)
        elif (sink := self.camera.recording).wants_frame():
            sink.send_frame(frame.width, frame.height, frame.i420)

    async def end(self) -> Path | None:
        """The file, when nothing of the call is left."""
        try:
            return await self.recorder.finish()
        finally:
            self._ended.set()
            if self._talking is not None:
                self._talking.join(5)
            self._worker.close()
            self.audio.end_workers()


async def main() -> None:
    call = RecordedCall()
    await call.begin(Path(sys.argv[1]))
    print(call.child, flush=True)
    while True:
        await asyncio.sleep(0.1)
        print(call.at_s, flush=True)


if __name__ == "__main__":
    asyncio.run(main())
