"""A recording of one side's call, and when what it holds was seen and heard on that side, by one clock."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from app.call.audio.pcm import RATE_HZ
from app.call.audio.portaudio_io import PortAudioIO
from app.call.call_controller import CallController
from app.call.recording.messages import Picture, WriterSettings
from app.call.recording.process_recorder import ProcessRecorder
from app.call.recording.taps import RecordingTaps
from app.call.recording.writing.layout import layout_of
from app.call.runtime.threads import EventLoopThread
from app.call.video.canvas import Box
from app.call.video.convert import I420Frame, UInt8Array
from tests.live.sides import Side
from tests.stage.recorded import Recorded, number_at

SETTINGS = WriterSettings()
LOUD = 1000
APART_S = 0.5
Seen = list[tuple[float, int]]
"""When (`perf_counter`) which number was seen."""


def box_of(picture: Picture) -> Box:
    return layout_of(SETTINGS.width, SETTINGS.height, None)[picture].centred(16, 9)


def taps_of(call: CallController) -> RecordingTaps:
    devices = call.devices
    return RecordingTaps(devices.camera, devices.audio, call.screen, call.remote_frames, call.screen_frames)


@dataclass
class LiveRecording:
    """`begin` writes from then on; `seen` grows with every frame that is handed to the recorder."""

    side: Side
    began_s: float = 0.0
    seen: dict[Picture, Seen] = field(default_factory=lambda: {Picture.OWN_CAMERA: [], Picture.PEER_CAMERA: []})
    recorder: ProcessRecorder | None = None
    spoken: dict[Picture, Seen] = field(default_factory=lambda: {Picture.OWN_CAMERA: [], Picture.PEER_CAMERA: []})
    """Of each person: when a loud block was handed to the recorder, and how loud; see `tones`."""

    @property
    def _media(self) -> EventLoopThread:
        media = self.side.engine._media
        assert media is not None
        return media

    async def begin(self, file: Path) -> None:
        await self._media.run(self._begin(file))

    async def _begin(self, file: Path) -> None:
        call = self.side.engine._call
        assert call is not None
        recorder = self.recorder = ProcessRecorder(taps_of(call), SETTINGS)
        await recorder.open(file)
        sink: Any = call.devices.camera.recording
        sink.see = self._noted(Picture.OWN_CAMERA, sink.see)
        assert call.remote_frames.on_frame is not None
        call.remote_frames.on_frame = self._noted(Picture.PEER_CAMERA, call.remote_frames.on_frame)
        audio = call.devices.audio
        assert isinstance(audio, PortAudioIO)
        audio.capture.on_sent = self._listened(Picture.OWN_CAMERA, audio.capture.on_sent)
        audio.mixer.on_played = self._listened(Picture.PEER_CAMERA, audio.mixer.on_played)
        self.began_s = time.perf_counter()
        recorder.write(True)

    def _listened(self, picture: Picture, pass_on: Callable[[bytes], object] | None) -> Callable[[bytes], None]:
        def hear(block: bytes) -> None:
            now_s, samples = time.perf_counter(), np.abs(np.frombuffer(block, np.int16).astype(np.int32))
            if (loud := np.flatnonzero(samples > LOUD)).size:
                self.spoken[picture].append((now_s - (len(samples) - int(loud[0])) / RATE_HZ, int(samples.max())))
            if pass_on is not None:
                pass_on(block)

        return hear

    def tones(self, picture: Picture) -> list[float]:
        """When each of this person's tones was handed to the recorder."""
        found: list[float] = []
        last_s = float("-inf")
        for at_s, _ in self.spoken[picture]:
            if at_s - last_s > APART_S:
                found.append(at_s)
            last_s = at_s
        return found

    def _noted(self, picture: Picture, pass_on: Callable[[I420Frame], object]) -> Callable[[I420Frame], None]:
        def see(frame: I420Frame) -> None:
            self.seen[picture].append((time.perf_counter(), _number(frame.width, frame.height, frame.i420)))
            pass_on(frame)

        return see

    async def finish(self) -> Path | None:
        assert self.recorder is not None
        return await self._media.run(self.recorder.finish())

    def frames_late_ms(self, recorded: Recorded, picture: Picture) -> list[tuple[float, float]]:
        """The second in the file of each number that was seen, and how much later it stands there than it was seen."""
        seen = self.seen[picture]
        late = []
        for at_s, number in recorded.numbers(box_of(picture), range(1 << 16)):
            moments = [moment - self.began_s for moment, each in seen if each == number]
            if moments:
                nearest = min(moments, key=lambda moment: abs(moment - at_s))
                late.append((at_s, 1000 * (at_s - nearest)))
        return late

    def tones_late_ms(self, recorded: Recorded, hz: float, heard: list[float]) -> list[tuple[float, float]]:
        """The same of tones, given when (`perf_counter`) they were heard."""
        late = []
        for at_s in recorded.onsets(hz, threshold=None, apart_s=APART_S):
            nearest = min((moment - self.began_s for moment in heard), key=lambda moment: abs(moment - at_s))
            late.append((at_s, 1000 * (at_s - nearest)))
        return late


def _number(width: int, height: int, i420: UInt8Array) -> int:
    return number_at(i420[: width * height].reshape(height, width), Box(0, 0, width, height))


def in_parts(late: list[tuple[float, float]], seconds: float, parts: int = 3) -> list[float]:
    """The medians of so many parts of the recording, in ms."""
    return [statistics.median(part) for part in split(late, seconds, parts)]


def split(late: list[tuple[float, float]], seconds: float, parts: int = 3) -> list[list[float]]:
    found: list[list[float]] = [[] for _ in range(parts)]
    for at_s, late_ms in late:
        found[min(parts - 1, int(at_s / seconds * parts))].append(late_ms)
    return found
