"""Two sides that agree a key, and the wire between them."""

from collections.abc import Callable

from app.call.contract.encryption import KeyOrigin
from app.call.keys.agreement import ON_ITS_WAY_S
from tests.stage.key_sides import SESSION_KEY, KeySide, Shown


class Wire:
    """Two sides and what is between them: offers travel in order, and how late is up to the test."""

    def __init__(self, anna: KeySide, ben: KeySide, change: Callable[[str], str] = str) -> None:
        """`change` is what becomes of anna's offers on their way."""
        self.sides = {"anna": anna, "ben": ben}
        self.now_s = 0.0
        self._change = change
        self._sent: dict[str, str] = {}
        self._under_way: dict[str, list[str]] = {"anna": [], "ben": []}
        self._can_read: dict[str, set[str]] = {"anna": set(), "ben": set()}
        self._new: set[str] = set()
        """Whom the other side does not know yet to be another device."""

    def shown(self, who: str) -> Shown:
        return self.sides[who].shown(self.now_s)

    def post(self, who: str) -> None:
        """What it publishes now, if that is another than before."""
        offer = self.shown(who).offer
        if self._sent.get(who) != offer:
            self._sent[who] = offer
            self._under_way[who].append(self._change(offer) if who == "anna" else offer)

    def deliver(self, who: str) -> bool:
        """The oldest offer of `who` arrives; False: there is none."""
        if not self._under_way[who]:
            return False
        other = "ben" if who == "anna" else "anna"
        self._new.discard(who)
        self.sides[other].take(self._under_way[who].pop(0), self.now_s)
        return True

    def read(self, who: str) -> None:
        """Its SDK has taken the key."""
        if (key := self.shown(who).use.agreed) is not None:
            self._can_read[who].add(key)
            self.sides[who].on_readable(key, self.now_s)

    def check(self) -> None:
        """Nobody sends under a key that the other cannot read, as far as they can know."""
        for who, other in (("anna", "ben"), ("ben", "anna")):
            use = self.shown(who).use
            fits = not use.sends_agreed or other in self._new or use.agreed in self._can_read[other]
            assert fits, f"{who} sends what {other} cannot read"

    def settle(self, seconds: float = ON_ITS_WAY_S + 1) -> None:
        """Everything arrives, and time passes."""
        until_s = self.now_s + seconds
        while self.now_s < until_s:
            for _ in range(4):
                for who in self.sides:
                    self.read(who)
                    self.post(who)
                    self.check()
                    while self.deliver(who):
                        pass
            self.now_s += 0.5
            for who in self.sides:
                if who in self._sent:
                    self.sides["ben" if who == "anna" else "anna"].take(self._last(who), self.now_s)

    def _last(self, who: str) -> str:
        return self._change(self._sent[who]) if who == "anna" else self._sent[who]

    def replace(self, who: str, side: KeySide) -> None:
        """Another device, or a page that was loaded again: what it sent before is gone."""
        self.sides[who] = side
        self._new.add(who)
        self._sent.pop(who, None)
        self._under_way[who].clear()
        self._can_read[who].clear()

    def agreed(self) -> tuple[str, ...]:
        """Both have the same key and the same words; these."""
        anna, ben = self.shown("anna"), self.shown("ben")
        assert (anna.origin, ben.origin) == (KeyOrigin.AGREED, KeyOrigin.AGREED)
        assert anna.words == ben.words
        assert len(anna.words) == 4
        assert anna.use == ben.use
        assert anna.use.given == anna.use.agreed != SESSION_KEY
        assert anna.use.sends_agreed
        return anna.words
