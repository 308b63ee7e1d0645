"""The shared timer's protocol. Pure.

The professional's side alone says how it stands: at every change, when the other comes or a connection is back, and
again every few seconds, so that nothing has to be acknowledged. What is sent is how much is left, not when it ends: the
clocks of two machines differ. The call page has the same (`callpage/src/call/shared_timer.ts`).
"""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.call.contract.timer import KEPT_AFTER_ITS_END, LONGEST_TIMER, SHORTEST_TIMER, SharedTimer

TOPIC = "rendezvous.timer"
KIND = "timer"
REPEAT_AFTER_S = 5.0
LARGEST_PACKET = 512
"""Bytes, sealed; a larger one is not even opened."""
PACKETS_AT_ONCE, PACKETS_A_SECOND = 20.0, 5.0
"""How many are looked at; the rest of a flood is dropped, and how it stands is said again."""
SAME_WITHIN = timedelta(milliseconds=700)
"""A repetition that moves the end by no more is the network's own unevenness."""
LATEST_MS = 253_402_300_799_000
"""The end of the year 9999, with which Python's datetime ends."""
_MS = timedelta(milliseconds=1)


@dataclass(frozen=True)
class TimerPacket:
    """How it stands. `sent_at_ms` only tells newer from older ones; `remaining_ms` is None where there is no timer."""

    sent_at_ms: int
    length_ms: int
    remaining_ms: int | None


def timer_packet(packet: TimerPacket) -> bytes:
    said = {"kind": KIND, "at_ms": packet.sent_at_ms, "length_ms": packet.length_ms, "left_ms": packet.remaining_ms}
    return json.dumps(said, separators=(",", ":")).encode()


def read_timer_packet(data: bytes) -> TimerPacket | None:
    """None for what is not of this protocol, or no timer that anybody can set: it is left alone."""
    try:
        said = json.loads(data)
        if said["kind"] != KIND:
            return None
        sent_at_ms, length_ms, left_ms = said["at_ms"], said["length_ms"], said["left_ms"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if not _is_within(sent_at_ms, 0, LATEST_MS):
        return None
    if left_ms is None:
        return TimerPacket(sent_at_ms, 0, None)
    if not _is_within(length_ms, SHORTEST_TIMER // _MS, LONGEST_TIMER // _MS) or not _is_within(left_ms, 0, length_ms):
        return None
    return TimerPacket(sent_at_ms, length_ms, left_ms)


def _is_within(number: object, least: int, most: int) -> bool:
    return type(number) is int and least <= number <= most


@dataclass
class TimerKeeper:
    """One side's timer. `leads`: this person sets it, and no packet does. `now` is the server's clock."""

    leads: bool
    timer: SharedTimer | None = None
    _newest_ms: int = -1
    _said: bool = False  # the timer was set or stopped here: from then on it is said again and again
    _due_s: float | None = field(default=None)

    def start(self, length: timedelta, now: datetime) -> None:
        """In place of one that runs."""
        if self.leads:
            length = max(SHORTEST_TIMER, min(length, LONGEST_TIMER)) // _MS * _MS
            self.timer, self._said, self._due_s = SharedTimer(length, now + length), True, 0.0

    def stop(self) -> None:
        if self.leads:
            self.timer, self._said, self._due_s = None, True, 0.0

    def take_kept(self, kept: SharedTimer, now: datetime) -> None:
        """What this side knew before it was closed; what has been said in this call counts more."""
        fits = kept.is_possible and now - KEPT_AFTER_ITS_END < kept.ends_at <= now + kept.length
        if fits and self.timer is None and not self._said and self._newest_ms < 0:
            self.timer, self._said, self._due_s = kept, self.leads, 0.0

    def receive(self, packet: TimerPacket, now: datetime) -> None:
        """Of the professional. An older one than the newest, or the same again, is of no interest."""
        if self.leads or packet.sent_at_ms <= self._newest_ms:
            return
        self._newest_ms = packet.sent_at_ms
        if packet.remaining_ms is None:
            self.timer = None
            return
        found = SharedTimer(packet.length_ms * _MS, now + packet.remaining_ms * _MS)
        known = self.timer
        if known is None or known.length != found.length or abs(known.ends_at - found.ends_at) > SAME_WITHIN:
            self.timer = found

    def peer_is_back(self) -> None:
        """They have a new connection, or this side has."""
        self._due_s = 0.0

    def due(self, now_s: float, now: datetime) -> bytes | None:
        """The packet to be sent now. `now_s` is of a monotonic clock."""
        if not self.leads or self._due_s is None or now_s < self._due_s:
            return None
        self._due_s = now_s + REPEAT_AFTER_S if self._said else None
        self._newest_ms = max(round(now.timestamp() * 1000), self._newest_ms + 1)
        if self.timer is None:
            return timer_packet(TimerPacket(self._newest_ms, 0, None))
        left = max(timedelta(), min(self.timer.ends_at - now, self.timer.length))
        return timer_packet(TimerPacket(self._newest_ms, self.timer.length // _MS, left // _MS))
