"""What an ear notices of a call: pauses, interruptions, and how much of an echo is left."""

import time

import numpy as np

from tests.stage.sound_cards import RATE_HZ, TURN_FROM_S, Listener

NEAR_S = 0.015


def heard_gaps(ear: Listener, since_s: float, until_s: float = float("inf")) -> int:
    """How often running speech was interrupted."""
    return len(heard_gaps_ms(ear, since_s, until_s))


def heard_gaps_ms(
    ear: Listener, since_s: float, until_s: float = float("inf"), least_ms: float = 2.5, loud: float = 800.0
) -> list[float]:
    """How long each interruption of running speech was: digital silence with loud sound right before and after it."""
    heard = [samples for ended, samples in ear.since(since_s) if ended <= until_s]
    if not heard:
        return []
    samples = np.concatenate(heard)
    edges = np.diff(np.concatenate(([0], (samples == 0).astype(np.int8), [0])))
    begins, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    near = int(NEAR_S * RATE_HZ)
    gaps: list[float] = []
    for begin, end in zip(begins, ends, strict=True):
        if end - begin < least_ms * RATE_HZ / 1000 or begin < near or end + near > len(samples):
            continue
        around = (samples[begin - near : begin], samples[end : end + near])
        if all(np.sqrt(np.mean(part.astype(np.float64) ** 2)) > loud for part in around):
            gaps.append(1000 * float(end - begin) / RATE_HZ)
    return gaps


def louder_db(one: Listener, other: Listener, last_s: float) -> float:
    """How much louder the one was than the other over the last seconds, in decibels."""
    return float(20 * np.log10(max(one.loudness(last_s), 0.1) / max(other.loudness(last_s), 0.1)))


def wait_for_pause(mouth: Listener, period_s: float) -> None:
    """Returns when bursts that the other says from now on fall into the middle of the pauses of who speaks in turns
    into this microphone, as the other hears them. Measured where it is spoken: a player's first sound on a card was
    seen to come a second late. Raises RuntimeError when nobody speaks.
    """
    turns = len(mouth.onsets(apart_s=period_s / 2))
    until = time.monotonic() + 3 * period_s
    while len(mouth.onsets(apart_s=period_s / 2)) == turns:
        if time.monotonic() > until:
            raise RuntimeError("Nobody speaks: the player has ended, or its card is gone")
        time.sleep(0.01)
    time.sleep(period_s - TURN_FROM_S)
