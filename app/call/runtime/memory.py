"""Memory during a call: what the C library keeps is bounded and given back, and Python's collector leaves out what was
there before.

A frame is a megabyte that one of the call's many short-lived threads allocates and another frees. glibc gives up to
eight arenas a core to such threads, and each keeps what it once needed (mallopt(3), malloc_trim(3);
docs/decisions/0005).

Python's collector holds the interpreter while it visits every object, and audio stalls with it: what is there when a
call begins is left out until the call is over (https://docs.python.org/3/library/gc.html#gc.freeze).
"""

import ctypes
import gc
import sys
import threading
from functools import cache

MAX_ARENAS = 4
_M_ARENA_MAX = -8
"""From glibc's malloc.h."""


@cache
def _glibc() -> ctypes.CDLL | None:
    """None where memory is another library's affair (macOS, Windows, musl)."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None


def limit_arenas() -> None:
    """For the whole process, before the call's threads start; those that have an arena already keep it."""
    if (glibc := _glibc()) is not None:
        glibc.mallopt(_M_ARENA_MAX, MAX_ARENAS)


def trim() -> None:
    """Takes 2 to 4 ms, in the calling thread."""
    if (glibc := _glibc()) is not None:
        glibc.malloc_trim(0)


_lock = threading.Lock()
_calls = 0


def freeze_gc() -> None:
    """A call begins. Takes no time: garbage that is there already stays until `unfreeze_gc`. Of several at once only
    the first does it: what one that ended leaves behind must not be kept by the others.
    """
    global _calls
    with _lock:
        if not _calls:
            gc.freeze()
        _calls += 1


async def unfreeze_gc() -> None:
    """It is over: with the last one the collector has all objects back."""
    global _calls
    with _lock:
        _calls -= 1
        if not _calls:
            gc.unfreeze()
