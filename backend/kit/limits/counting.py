"""Counting requests against the limits, and saying when to come again."""

import hashlib
import hmac
import threading
from collections.abc import Sequence
from math import ceil
from typing import NamedTuple

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.strategies import FixedWindowRateLimiter

from backend.kit.errors import TooManyAttempts
from backend.kit.limits.lines import Line, line_of
from backend.kit.limits.storages import Step, Storages, add_to
from backend.kit.limits.table import Limit, Per

DIGEST_BYTES = 16
SHARES = 20
"""Reads are counted within the process and sent to the storage by the twentieth of a limit, not one by one: with three
backends a limit is overrun by 15 percent at most."""
MOST_KEPT = 50_000
"""Lines that a process remembers; then it forgets them, which gives each a twentieth more at most."""


class Counted(NamedTuple):
    """A limit, and whom it counts: an account's id, a line, a network."""

    limit: Limit
    who: str


class Reads:
    """What this process has not sent to the storage yet, and whom it refuses without asking it again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._untold: dict[str, int] = {}
        self._refused_until_s: dict[str, float] = {}

    def one_more(self, key: str, share: int) -> bool:
        """Whether a whole share has come together, which is then sent."""
        with self._lock:
            if len(self._untold) > MOST_KEPT:
                self._untold.clear()
            so_far = self._untold.get(key, 0) + 1
            self._untold[key] = so_far % share
            return so_far >= share

    def refuse_until(self, key: str, until_s: float) -> None:
        """Remembers a refusal."""
        with self._lock:
            if len(self._refused_until_s) > MOST_KEPT:
                self._refused_until_s.clear()
            self._refused_until_s[key] = until_s

    def refused_until_s(self, key: str) -> float:
        """Until when; long ago if it is not refused."""
        return self._refused_until_s.get(key, 0.0)


class Limits:
    """Every count of a backend. `secret` keys the digests, the same for all backends. `on`: else nothing is counted."""

    def __init__(self, storages: Storages, secret: bytes, *, on: bool = True) -> None:
        self._storages = storages
        self._secret = secret
        self._reads = Reads()
        self.on = on

    def count(self, *counted: Counted, also: Sequence[Counted] = ()) -> None:
        """Counts a request; TooManyAttempts if that was too often. What is in `also` is checked, not counted.

        One statement for all of them. Refused requests count too: they are as much use to whoever guesses or floods.
        """
        if not self.on:
            return
        limits = [*counted, *also]
        amounts = [1] * len(counted) + [0] * len(also)
        steps = [self._step(each, amount) for each, amount in zip(limits, amounts, strict=True)]
        counts = self._storages.run(lambda storage: add_to(storage, steps))
        for each, amount, count in zip(limits, amounts, counts, strict=True):
            if count > each.limit.amount - (1 - amount):
                raise TooManyAttempts(self._wait_s(each))

    def may(self, counted: Counted) -> bool:
        """Counts, and says whether it was within the limit: for what has an answer also when it was not."""
        if not self.on:
            return True
        item, key = _item(counted.limit), self._digest(counted)
        return self._storages.run(lambda storage: FixedWindowRateLimiter(storage).hit(item, key))

    def count_failure(self, *counted: Counted) -> None:
        """Counts what went wrong; who comes next is refused, not this request."""
        if self.on:
            steps = [self._step(each, 1) for each in counted]
            self._storages.run(lambda storage: add_to(storage, steps))

    def forget(self, counted: Counted) -> None:
        """The right person came: what was counted is forgotten."""
        if self.on:
            item, key = _item(counted.limit), self._digest(counted)
            self._storages.run(lambda storage: FixedWindowRateLimiter(storage).clear(item, key))

    def count_read(self, line: Limit, network: Limit | None, address: str) -> None:
        """Counts a read by its line (and network) within this process, and now and then for all; TooManyAttempts."""
        if not self.on:
            return
        of = line_of(address)
        self._count_cheaply([Counted(line, of.line), *([Counted(network, of.network)] if network else [])])

    def count_look(self, limit: Limit, who: str) -> None:
        """The same by account, for what an app asks again and again; TooManyAttempts."""
        if self.on:
            self._count_cheaply([Counted(limit, who)])

    def digest_of(self, per: Per, who: str) -> bytes:
        """What may be stored of a line: nobody without the secret can tell whose it was."""
        text = f"{per}\0{who}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._secret, text, hashlib.sha256)[:DIGEST_BYTES]

    def _count_cheaply(self, counted: Sequence[Counted]) -> None:
        first, share = counted[0], max(1, counted[0].limit.amount // SHARES)
        now_s = self._storages.now_s()
        for each in counted:
            left_s = self._reads.refused_until_s(_plain(each)) - now_s
            if left_s > 0:
                raise TooManyAttempts(ceil(left_s))
        if not self._reads.one_more(_plain(first), share):
            return
        counts = self._storages.run(lambda storage: add_to(storage, [self._step(each, share) for each in counted]))
        for each, count in zip(counted, counts, strict=True):
            if count > each.limit.amount:
                wait_s = self._wait_s(each)
                self._reads.refuse_until(_plain(each), now_s + wait_s)
                raise TooManyAttempts(wait_s)

    def _step(self, counted: Counted, amount: int) -> Step:
        item = _item(counted.limit)
        return Step(item.key_for(self._digest(counted)), item.get_expiry(), amount)

    def _digest(self, counted: Counted) -> str:
        return self.digest_of(counted.limit.per, counted.who).hex()

    def _wait_s(self, counted: Counted) -> int:
        item, key = _item(counted.limit), self._digest(counted)
        ends_s = self._storages.run(lambda storage: FixedWindowRateLimiter(storage).get_window_stats(item, key))[0]
        return max(1, ceil(ends_s - self._storages.now_s()))


def _item(limit: Limit) -> RateLimitItem:
    return RateLimitItemPerSecond(limit.amount, int(limit.within.total_seconds()), namespace=limit.name)


def _plain(counted: Counted) -> str:
    return f"{counted.limit.name}\0{counted.who}"


def by_line(address: str, *limits: Limit) -> list[Counted]:
    """Each limit with what it counts of an address: the line, or the network."""
    of: Line = line_of(address)
    return [Counted(limit, of.network if limit.per is Per.NETWORK else of.line) for limit in limits]
