"""How two devices agree on a key that the backend does not have, over what the room carries for everybody to see. Pure.

1. Each side commits itself to its half of the key.
2. Once it knows the other's commitment it binds itself to that, and reveals its half.
3. Once its SDK can read what is encrypted with the agreed key, it says so; the other then sends under that key.
4. Once both do, and what was on its way has arrived, nothing else is read any more, and the words are shown.

A pair is used for one pair of the other side only. Who comes with another device, or loads the page again, has another
commitment, and this side answers with a new pair: a half that is known already would let who stands between choose
theirs by it. The call page has the same (`callpage/src/call/key_agreement.ts`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from app.call.contract.encryption import KeyOrigin
from app.call.keys.offer import Offer, Step, parse_offer
from app.call.keys.pair import AgreedKey, Pair, WrongHalf

SILENT_AFTER_S = 3.0
"""Who is there for so long without an offer has an earlier version, or a browser that cannot."""
ON_ITS_WAY_S = 2.0
"""How long frames under the session's key may still arrive. One that is lost can cost three seconds of video."""


@dataclass(frozen=True)
class KeyUse:
    """What the SDK is to hold: `given` is what it reads at index 0, `agreed` at index 1, and it sends under either."""

    given: str = field(repr=False)
    agreed: str | None = field(default=None, repr=False)
    sends_agreed: bool = False


class KeyAgreement:
    """Of one visit to a call, over every connection of it. Seconds are of any one monotonic clock."""

    def __init__(self, session_key: str, new_pair: Callable[[], Pair] = Pair) -> None:
        self._session_key = session_key
        self._new_pair = new_pair
        self._words_before: tuple[str, ...] = ()
        self.words_changed = False
        """The words are others than those shown earlier in this visit."""
        self._refused = ""
        self._silent_since_s: float | None = None
        self._start_over()

    def _start_over(self) -> None:
        self._pair = self._new_pair()
        self._bound_to = ""
        self._theirs: Offer | None = None
        self._key: AgreedKey | None = None
        self._can_read = False
        self._sends = False
        self._both_since_s: float | None = None
        self._settled = False

    # -- what is known

    def take(self, value: str, now_s: float) -> None:
        """What the peer, who is there, says of their half; empty while they say nothing."""
        offer = parse_offer(value)
        if offer is not None:
            self._silent_since_s = None
            self._take(offer)
        elif self._silent_since_s is None:
            self._silent_since_s = now_s
        self._settle(now_s)

    def peer_is_away(self) -> None:
        """Nobody is there to say anything. With the same device they come back to the same key."""
        self._silent_since_s = None

    def peer_has_left(self) -> None:
        """On purpose. Whoever comes next has another pair, and could not read what is sent under the agreed key: their
        first picture would wait for another key frame, half a second.
        """
        self.peer_is_away()
        if self._bound_to:
            self._start_over()

    def on_readable(self, key: str, now_s: float) -> None:
        """The SDK can read what is encrypted with this key from now on."""
        self._can_read = self._can_read or (self._key is not None and self._key.text == key)
        self._settle(now_s)

    def _take(self, offer: Offer) -> None:
        if self._bound_to and offer.commitment != self._bound_to:
            self._start_over()
        own = self._pair.commitment
        if offer.commitment in (own, self._refused):  # one's own can only have been sent back
            self._refused, self._theirs = offer.commitment, None
            return
        self._refused = ""
        if not self._bound_to and offer.bound_to in ("", own):
            self._bound_to = offer.commitment
        known = bool(self._bound_to) and offer.bound_to == own
        self._theirs = offer if known else None
        if known and self._key is None:
            try:
                self._key = self._pair.agree(offer.half, offer.commitment, self._session_key)
            except WrongHalf:
                self._refused, self._theirs = offer.commitment, None

    def _settle(self, now_s: float) -> None:
        step = self._theirs.step if self._theirs else Step.COMMITTED
        self._sends = self._can_read and step >= Step.CAN_READ and not self._is_silent(now_s)
        if not (self._sends and step is Step.SENDS):
            self._both_since_s = None
        elif self._both_since_s is None:
            self._both_since_s = now_s
        self._settled = self._both_since_s is not None and now_s - self._both_since_s >= ON_ITS_WAY_S
        if self._settled and self.words != self._words_before:
            self.words_changed = bool(self._words_before)
            self._words_before = self.words

    def _is_silent(self, now_s: float) -> bool:
        return self._silent_since_s is not None and now_s - self._silent_since_s >= SILENT_AFTER_S

    # -- what follows

    @property
    def offer(self) -> Offer:
        """To be published."""
        own = self._pair.commitment
        if not self._bound_to:
            return Offer(own)
        step = Step.SENDS if self._sends else Step.CAN_READ if self._can_read else Step.REVEALED
        return Offer(own, self._bound_to, self._pair.half, step)

    @property
    def use(self) -> KeyUse:
        if self._key is None:
            return KeyUse(self._session_key)
        return KeyUse(self._key.text if self._settled else self._session_key, self._key.text, self._sends)

    @property
    def words(self) -> tuple[str, ...]:
        """Only while nothing but what is encrypted with the agreed key is sent or read."""
        return self._key.words if self._key is not None and self._settled else ()

    def origin(self, now_s: float) -> KeyOrigin:
        if self._settled:
            return KeyOrigin.AGREED
        if self._refused:
            return KeyOrigin.REFUSED
        agreeing = self._bound_to and not self._is_silent(now_s)
        return KeyOrigin.AGREEING if agreeing else KeyOrigin.GIVEN
