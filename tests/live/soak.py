"""How often and how long: little in `make test-all`, everything in `make soak`."""

import os

SOAK = os.environ.get("RENDEZVOUS_SOAK") == "1"


def times(usual: int, soak: int) -> int:
    """Repetitions of one test."""
    return soak if SOAK else usual
