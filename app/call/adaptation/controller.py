"""Both directions of the rule that the picture gives way: what this side sends, and what it asks the other to send.

The wish travels as a data message in the room, topic `WISH_TOPIC`, one digit: a step of `app.call.adaptation.policy`. A
side that does not know the topic goes on as it is. A wish is repeated while it lasts, and forgotten when it no longer
comes.
"""

from app.call.adaptation.policy import (
    FULL,
    NOTHING,
    STEPS,
    PictureRule,
    RecentLoss,
    sound_suffers_in,
    sound_suffers_out,
)
from app.call.adaptation.video_adapter import PictureGate
from app.call.contract.stats import QualitySample

WISH_TOPIC = "rendezvous.picture"
WISH_REPEATED_S = 4.0
WISH_GOOD_FOR_S = 10.0
SETTLING_S = 6.0
"""A sound that has just begun is patched until its buffer has found its length; that is no bad connection."""
HELD_BACK_AFTER_S = 3.0
"""The encoder's own word counts once it lasts: every call begins with a moment of it."""


class PictureCare:
    """Lives on the media loop; times are monotonic seconds."""

    def __init__(self) -> None:
        self.gate = PictureGate()
        self.watched = True
        """Whether somebody can see the other's picture."""
        self._outgoing = PictureRule()
        self._incoming = PictureRule()
        self._loss = RecentLoss()
        self._wished, self._wished_at_s = FULL, 0.0
        self._told, self._told_at_s = FULL, 0.0
        self._held_back_s = 0.0
        self._known_s = 0.0

    def note(self, sample: QualitySample) -> bool:
        """One sample of the call. Returns `reduced`."""
        self._known_s += sample.span_s
        settled, evened = self._known_s > SETTLING_S, self._loss.evened(sample)
        self._outgoing.note(settled and sound_suffers_out(evened), sample.span_s)
        if self.watched:
            self._incoming.note(settled and sound_suffers_in(evened), sample.span_s)
        self._held_back_s = self._held_back_s + sample.span_s if sample.held_back else 0.0
        self._set_step(sample.at_s)
        return self.reduced

    def heard(self, payload: bytes, now_s: float) -> None:
        """The other's wish; what is none is ignored."""
        if len(payload) == 1 and payload.isdigit() and int(payload) < len(STEPS):
            self._wished, self._wished_at_s = int(payload), now_s
            self._set_step(now_s)

    def _set_step(self, now_s: float) -> None:
        if now_s - self._wished_at_s > WISH_GOOD_FOR_S:
            self._wished = FULL
        self.gate.step = max(self._outgoing.step, self._wished)

    @property
    def wish(self) -> int:
        """The step that the other is asked to send."""
        return self._incoming.step if self.watched else NOTHING

    def wish_due(self, now_s: float) -> bytes | None:
        """What to tell the other now: at once when it changes, again and again while it is less than everything."""
        wish = self.wish
        again = wish != FULL and now_s - self._told_at_s >= WISH_REPEATED_S
        if wish == self._told and not again:
            return None
        self._told, self._told_at_s = wish, now_s
        return str(wish).encode()

    def other_is_new(self) -> None:
        """Who has just come knows nothing of what was asked before."""
        self._told, self._wished = FULL, FULL
        self._known_s = 0.0

    @property
    def reduced(self) -> bool:
        """The own picture gives way to the sound, by our rule or by the encoder's; nobody looking is no reduction."""
        return self.gate.step not in (FULL, NOTHING) or self._held_back_s >= HELD_BACK_AFTER_S
