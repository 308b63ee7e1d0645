"""What the C library keeps of a call: bounded while it lasts, given back when it is over. Only glibc needs it.

A frame is a megabyte that one of the call's many short-lived threads allocates and another frees. glibc gives up to
eight arenas a core to such threads, and each keeps what it once needed (mallopt(3), malloc_trim(3);
docs/decisions/0005).
"""

import ctypes
import sys
from functools import cache

ARENAS_MOST = 4
_M_ARENA_MAX = -8
"""From glibc's malloc.h."""


@cache
def _glibc() -> ctypes.CDLL | None:
    """None where memory is another library's affair (macOS, Windows, musl)."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None


def bound_arenas() -> None:
    """For the whole process, before the call's threads start; those that have an arena already keep it."""
    if (glibc := _glibc()) is not None:
        glibc.mallopt(_M_ARENA_MAX, ARENAS_MOST)


def give_back_free_memory() -> None:
    """Takes 2 to 4 ms, in the calling thread."""
    if (glibc := _glibc()) is not None:
        glibc.malloc_trim(0)
