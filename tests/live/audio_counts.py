"""Where a side's audio was held up, by cause: what came late, what a card lost; and how long its buffers are."""

from dataclasses import dataclass, replace
from typing import Any

from app.call.audio.pcm import MS
from app.call.audio.portaudio_io import PortAudioIO
from app.call.engine import LivekitEngine


@dataclass(frozen=True)
class SoundCounts:
    """`late`: how often the peer's voice underran in its playout buffer, `gaps` so long that it was heard.
    `recorded_lost` and `played_lost`: blocks of this side's microphone and speaker that the card lost. All since the
    side began; `ring_ms` and `buffer_ms` as they are now.
    """

    late: int = 0
    gaps: int = 0
    recorded_lost: int = 0
    played_lost: int = 0
    ring_ms: float = 0.0
    buffer_ms: float = 0.0

    def since(self, before: "SoundCounts") -> "SoundCounts":
        """What was counted after `before`, and the buffers as they are."""
        return replace(
            self,
            late=self.late - before.late,
            gaps=self.gaps - before.gaps,
            recorded_lost=self.recorded_lost - before.recorded_lost,
            played_lost=self.played_lost - before.played_lost,
        )


class SoundLook:
    """Rings and streams come and go with what they count: what each has counted more since the last look is added."""

    def __init__(self, engine: LivekitEngine) -> None:
        self._engine = engine
        self._seen: dict[Any, int] = {}
        self.counts = SoundCounts()

    def _more(self, counted: Any, count: int) -> int:
        before, self._seen[counted] = self._seen.get(counted, 0), count
        return count - before

    def look(self) -> SoundCounts:
        audio = self._engine._call.devices.audio if self._engine._call is not None else None
        if isinstance(audio, PortAudioIO):
            buffers, so_far = audio.mixer.buffers(), self.counts
            lost = [
                self._more(stream, stream.xruns) if (stream := device._stream) is not None else 0
                for device in (audio.microphone, audio.speaker)
            ]
            self.counts = SoundCounts(
                so_far.late + sum(self._more((buffer, "late"), buffer.underruns) for buffer in buffers),
                so_far.gaps + sum(self._more((buffer, "gaps"), buffer.gaps) for buffer in buffers),
                so_far.recorded_lost + lost[0],
                so_far.played_lost + lost[1],
                max((buffer.target / MS for buffer in buffers), default=0.0),
                1000 * audio.speaker.latency.seconds,
            )
        return self.counts
