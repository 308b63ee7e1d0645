"""Both directions of adaptation: the video that this side sends, and what it asks the peer to send.

A request is a data message in the room, topic `REQUEST_TOPIC`, one digit: a step of `app.call.adaptation.policy`. A
client that does not know the topic ignores it. A request is sent again while it lasts, and expires when it no longer
comes.
"""

from app.call.adaptation.policy import (
    FULL,
    PAUSED,
    STEPS,
    TILE_360,
    TILE_540,
    DegradationPolicy,
    LossSmoother,
    TileSize,
    downlink_degraded,
    smallest_of,
    uplink_degraded,
)
from app.call.adaptation.video_adapter import VideoAdapter
from app.call.contract.stats import QualitySample

REQUEST_TOPIC = "rendezvous.picture"
REQUEST_REPEAT_S = 4.0
REQUEST_VALID_S = 10.0
FULL_REPEAT_S = 1.5
"""Everything is asked for again while the last request for less may still be valid: a lost message would otherwise
leave the peer's video small, or away, until that expires.
"""
SETTLING_S = 6.0
"""Concealment during the first seconds is the jitter buffer converging, not packet loss: it is ignored."""
RECORDED_BOX = (960, 540)
"""Pixels of one person on a recording: half of its width."""
BANDWIDTH_LIMITED_AFTER_S = 3.0
"""The encoder's own limitation counts once it lasts: every call begins with a moment of it."""


class AdaptationController:
    """Lives on the media loop; times are monotonic seconds."""

    def __init__(self) -> None:
        self.video_adapter = VideoAdapter()
        self.remote_video_shown = True
        """Whether the peer's video is on a screen."""
        self.remote_video_recorded = False
        self.remote_video_box: tuple[int, int] | None = None
        """Width and height in pixels of the tile that shows it, as it last asked; set from any thread."""
        self._tile = TileSize()
        self._outgoing = DegradationPolicy()
        self._incoming = DegradationPolicy()
        self._loss = LossSmoother()
        self._requested, self._requested_at_s = FULL, 0.0
        self._sent, self._sent_at_s = FULL, 0.0
        self._reduced_at_s: float | None = None
        """When less than everything was last asked for; None once everything has been asked for long enough."""
        self._paused_at_s: float | None = None
        self._frames_when_paused = 0
        self._bandwidth_limited_s = 0.0
        self._known_s = 0.0

    @property
    def remote_video_visible(self) -> bool:
        """Whether somebody can see the peer's video, now or on a recording."""
        return self.remote_video_shown or self.remote_video_recorded

    def note(self, sample: QualitySample) -> bool:
        """One sample of the call. Returns `degraded`."""
        self._known_s += sample.span_s
        settled, smooth = self._known_s > SETTLING_S, self._loss.smooth(sample)
        self._outgoing.note(settled and uplink_degraded(smooth), sample.span_s)
        if self.remote_video_visible:
            self._incoming.note(settled and downlink_degraded(smooth), sample.span_s)
        self._bandwidth_limited_s = self._bandwidth_limited_s + sample.span_s if sample.bandwidth_limited else 0.0
        self._set_step(sample.at_s)
        return self.degraded

    def on_request(self, payload: bytes, now_s: float) -> None:
        """The peer's request; anything else on the topic is ignored."""
        if len(payload) == 1 and payload.isdigit() and int(payload) < len(STEPS):
            self._requested, self._requested_at_s = int(payload), now_s
            self._set_step(now_s)

    def expire_request(self, now_s: float) -> None:
        """To be called now and then: a request that no longer comes ends, whether or not there are samples."""
        self._set_step(now_s)

    def _set_step(self, now_s: float) -> None:
        if now_s - self._requested_at_s > REQUEST_VALID_S:
            self._requested = FULL
        self.video_adapter.step = smallest_of(self._outgoing.step, self._requested)

    @property
    def request(self) -> int:
        """The step that the peer is asked to send."""
        return smallest_of(self._incoming.step, self._tile.step) if self.remote_video_visible else PAUSED

    def next_request(self, now_s: float) -> bytes | None:
        """What to send to the peer now: at once when it changes, again and again while it is less than everything, and
        for as long after that as the peer may still go by it.
        """
        self._tile.update(self._needed_box, now_s)
        request = self.request
        if request != FULL:
            again = now_s - self._sent_at_s >= REQUEST_REPEAT_S
        else:
            again = self._may_be_reduced(now_s) and now_s - self._sent_at_s >= FULL_REPEAT_S
        if request == self._sent and not again:
            return None
        self._sent, self._sent_at_s = request, now_s
        if request != FULL:
            self._reduced_at_s = now_s
        return str(request).encode()

    @property
    def _needed_box(self) -> tuple[int, int] | None:
        """A recording needs as much as it shows of the peer, however small the tile is."""
        box = self.remote_video_box
        if box is None or not self.remote_video_recorded:
            return box
        return max(box[0], RECORDED_BOX[0]), max(box[1], RECORDED_BOX[1])

    def _may_be_reduced(self, now_s: float) -> bool:
        return self._reduced_at_s is not None and now_s - self._reduced_at_s <= REQUEST_VALID_S

    def remote_video_expected(self, frames: int, now_s: float) -> bool:
        """Whether the peer's video has to be coming, `frames` having come so far: not while nobody sees it, and after
        that not before it comes again, or the last request for none has expired there.
        """
        if not self.remote_video_visible:
            self._paused_at_s, self._frames_when_paused = now_s, frames
            return False
        if self._paused_at_s is not None:
            came, expired = frames > self._frames_when_paused, now_s - self._paused_at_s > REQUEST_VALID_S
            if not (came or expired):
                return False
            self._paused_at_s = None
        return True

    def on_new_peer(self) -> None:
        """Who has just come knows nothing of what was asked before."""
        self._sent, self._requested = FULL, FULL
        self._reduced_at_s = None
        self._known_s = 0.0

    @property
    def degraded(self) -> bool:
        """This side's video is reduced for the sake of the audio, by our policy or by the encoder's. What nobody sees,
        or sees in a small tile, is not reduced.
        """
        return (
            self.video_adapter.step not in (FULL, PAUSED, TILE_540, TILE_360)
            or self._bandwidth_limited_s >= BANDWIDTH_LIMITED_AFTER_S
        )
