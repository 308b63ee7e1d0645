"""The form in which audio travels here: 16-bit samples of one channel, 48 000 a second, 10 ms at a time."""

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]

RATE_HZ = 48_000
MS = RATE_HZ // 1000
"""Samples per millisecond."""
FRAME = 10 * MS
