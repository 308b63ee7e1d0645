"""By how much frames are held back, so that the lips do not lead the voice. Pure.

WebRTC synchronises the two itself, but slowly (within some 20 s of a connection that has become narrow), and it does
not know of our playout buffer. What is left of the difference is held back in front of the tile.
"""

from app.call.contract.stats import QualitySample

TOLERATED_MS = 40.0
"""So far ahead lips are not noticed (ITU-R BT.1359: 45)."""
WORTH_MS = 20.0
"""Less is not worth the unevenness of a change."""
MAX_HOLD_MS = 400.0


class FrameHold:
    """`hold_ms` follows one sample a second."""

    def __init__(self) -> None:
        self.hold_ms = 0.0

    def update(self, sample: QualitySample, playout_ms: float) -> float:
        """`playout_ms`: what our own buffer adds to the voice now. Without audio or video nothing is held."""
        if sample.jitter_buffer_ms is None or sample.video_buffer_ms is None:
            self.hold_ms = 0.0
            return self.hold_ms
        ahead_ms = sample.jitter_buffer_ms + playout_ms - sample.video_buffer_ms
        wanted_ms = min(max(0.0, ahead_ms - TOLERATED_MS), MAX_HOLD_MS)
        if abs(wanted_ms - self.hold_ms) >= WORTH_MS or wanted_ms == 0:
            self.hold_ms = wanted_ms
        return self.hold_ms
