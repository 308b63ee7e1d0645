"""Python's garbage collector, during a call. It holds the interpreter while it looks at every object, and the sound
with it: what is there when a call begins is left out of its looks until the call is over.

https://docs.python.org/3/library/gc.html#gc.freeze
"""

import gc
import threading

_lock = threading.Lock()
_calls = 0


def spare() -> None:
    """A call begins. Takes no time: garbage that is there already stays until `look_again`. Of several at once only the
    first does it: what one that ended leaves behind must not be kept by the others.
    """
    global _calls
    with _lock:
        if not _calls:
            gc.freeze()
        _calls += 1


async def look_again() -> None:
    """It is over: with the last one the collector has all objects back."""
    global _calls
    with _lock:
        _calls -= 1
        if not _calls:
            gc.unfreeze()
