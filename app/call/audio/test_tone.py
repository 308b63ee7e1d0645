"""The short tone by which a person hears that the chosen speaker is the right one."""

import numpy as np

from app.call.audio.pcm import FRAME, RATE_HZ, Samples

TONES_HZ = (523.25, 659.25, 783.99)  # C, E, G
TONE_S = 0.28
LOUDNESS = 9_000


def tone_frames() -> list[Samples]:
    """Three bell-like tones in frames of 10 ms, mono, at 48 kHz."""
    at = np.arange(int(TONE_S * RATE_HZ)) / RATE_HZ
    fade = np.minimum(at / 0.01, 1) * np.exp(-at * 9)
    tones = [np.sin(2 * np.pi * hz * at) * fade for hz in TONES_HZ]
    whole = (np.concatenate(tones) * LOUDNESS).astype(np.int16)
    return [whole[begin : begin + FRAME] for begin in range(0, len(whole) - FRAME + 1, FRAME)]
