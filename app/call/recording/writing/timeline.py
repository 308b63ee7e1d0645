"""Puts what is seen and heard into the file, at its time. It has no clock of its own: instants are passed in."""

from dataclasses import dataclass

import numpy as np

from app.call.audio.pcm import RATE_HZ
from app.call.recording.frame_slots import FrameSlots, TimedFrame
from app.call.recording.messages import Picture, Voice
from app.call.recording.writing.recording_file import RecordingFile
from app.call.recording.writing.scene import Scene
from app.call.recording.writing.voices import VoiceMixer

LATEST_AUDIO_S = 0.25
"""So long a block may be on its way before there is silence in its place."""
STILL_EVERY_S = 0.5
"""A picture that does not change is written again so often: players find their way in the file, and it goes on after a
kill.
"""
LEAP_S = 30.0
"""No instant for so long: the machine slept, and that is left out."""


@dataclass(frozen=True)
class Part:
    """What is written without a break: it began at `instant_s`, at `at_s` of the file."""

    instant_s: float
    at_s: float

    def place(self, instant_s: float) -> float:
        return self.at_s + instant_s - self.instant_s


class Timeline:
    """Written in parts; what comes between two is left out. Methods raise `OSError` for what the disk does."""

    def __init__(self, slots: FrameSlots, file: RecordingFile, width: int, height: int) -> None:
        self.written_s = 0.0
        self._slots = slots
        self._file = file
        self._scene = Scene(width, height)
        self._voices = VoiceMixer(len(Voice))
        self._part: Part | None = None
        self._stopped_s = self._shown_s = self._now_s = float("-inf")

    def begin(self, instant_s: float) -> None:
        """From here on it is written."""
        if self._part is None:
            part = self._part = Part(instant_s, self._voices.position / RATE_HZ)
            self._now_s = instant_s
            self._voices.restart()
            self._show(part, instant_s, key=True)

    def stop(self, instant_s: float) -> None:
        """Nothing of what came after the instant gets into the file, whatever waits."""
        if (part := self._part) is None:
            return
        self._part, self._stopped_s = None, instant_s
        self._look(part)
        if self._scene.has_changed:
            self._show(part, min(self._scene.draw(), instant_s))
        self._show(part, instant_s)
        self._file.hear(self._voices.take(round(part.place(instant_s) * RATE_HZ)))
        self.written_s = self._voices.position / RATE_HZ

    def close(self, picture: Picture, instant_s: float) -> None:
        """There is nothing of it to be seen any more."""
        self._scene.close(picture, instant_s)

    def hear(self, voice: int, instant_s: float, payload: bytes, resync: bool) -> None:
        """A block whose last sample was at the instant; `resync`: some before it were lost."""
        if self._part is not None:
            samples = np.frombuffer(payload, np.int16)
            at = round(self._part.place(instant_s) * RATE_HZ) - len(samples)
            self._voices.put(voice, at, samples, resync)  # which leaves out what was heard before this part began

    def tick(self, instant_s: float) -> None:
        """Everything from before the instant has been said."""
        part, before_s, self._now_s = self._part, self._now_s, instant_s
        if part is None:
            return
        if instant_s - before_s > LEAP_S:
            self.stop(before_s)
            self.begin(instant_s)
            return
        self._look(part)
        if self._scene.is_due(instant_s):
            self._show(part, self._scene.draw())
        elif instant_s - self._shown_s >= STILL_EVERY_S:
            self._show(part, instant_s)
        until = round(part.place(instant_s - LATEST_AUDIO_S) * RATE_HZ)
        if until > self._voices.position:
            self._file.hear(self._voices.take(until))
        self.written_s = part.place(instant_s)

    def finish(self) -> None:
        """Ends what is being written, and makes the file whole; what the disk does not take is left out."""
        try:
            self.stop(self._now_s)
        finally:
            self._part = None
            self._file.close()

    def _look(self, part: Part) -> None:
        """Takes the newest frames."""
        for picture in Picture:
            timed = self._slots.take(picture)
            if timed is not None and self._belongs(timed, part):
                self._scene.show(picture, timed)

    def _belongs(self, timed: TimedFrame, part: Part) -> bool:
        """Not what came between two parts, nor after the last one."""
        if self._part is None:
            return timed.instant_s <= self._stopped_s
        return part.instant_s <= timed.instant_s or timed.instant_s <= self._stopped_s

    def _show(self, part: Part, instant_s: float, key: bool = False) -> None:
        instant_s = max(instant_s, part.instant_s)
        self._file.show(part.place(instant_s), self._scene.i420, key)
        self._shown_s = instant_s
