"""Queues of their own for what is slow, so that none can hold up another, or what is quick (Nygard, Release It!, 5).

The threads in which endpoints run are shared by all of them. An endpoint that waits there for a password's hash, a
picture or another company's server takes one from the lists. Each kind of slow work has threads of its own instead, and
a queue that ends: whoever comes when it is full is answered at once, and asked to come again.
"""

import asyncio
import contextvars
import inspect
import os
import sys
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial, wraps
from typing import Annotated, Any, ParamSpec, TypeVar, cast

from fastapi import Depends, Request

from backend.kit.errors import ServiceUnavailable

P = ParamSpec("P")
T = TypeVar("T")

PASSWORDS, PHOTOS, CALLS, PAYMENTS, FILES = "passwords", "photos", "calls", "payments", "files"
_BUSY = "Too much is asked for at the moment. Please try again shortly."
# Work for the processor gives way to the threads that answer everything else.
_NICENESS = 10


class BulkheadFull(ServiceUnavailable):
    """There is no room left in the queue; on the wire a `ServiceUnavailable` like any other."""

    wire_name = "ServiceUnavailable"


class Bulkhead:
    """At most `threads` at work and `waiting` in the queue. `retry_after_s`: when there is likely to be room again."""

    def __init__(self, name: str, *, threads: int, waiting: int, retry_after_s: int, niceness: int = 0) -> None:
        self.name = name
        self._threads = threads
        self._niceness = niceness
        self._retry_after_s = retry_after_s
        self._places = threading.BoundedSemaphore(threads + waiting)
        self._lock = threading.Lock()
        self._executor: ThreadPoolExecutor | None = None
        self._at_hand = 0

    @property
    def waiting(self) -> int:
        """How many wait for a thread."""
        return max(0, self._at_hand - self._threads)

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The function's answer, from a thread of this bulkhead's; BulkheadFull at once if the queue is full."""
        if not self._places.acquire(blocking=False):
            raise BulkheadFull(_BUSY, retry_after_s=self._retry_after_s)
        try:
            work = partial(contextvars.copy_context().run, function, *args, **kwargs)
            future = self._started().submit(work)
        except BaseException:
            self._places.release()
            raise
        # The place is given back when the work ends, also if nobody waits for it any more.
        self._count(+1)
        future.add_done_callback(lambda _done: self._give_back())
        return await asyncio.wrap_future(future)

    def _give_back(self) -> None:
        self._count(-1)
        self._places.release()

    def _count(self, change: int) -> None:
        with self._lock:
            self._at_hand += change

    def close(self) -> None:
        """Ends the threads once what they do is done; what still waits is dropped. May be used again afterwards."""
        with self._lock:
            executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown(wait=True, cancel_futures=True)

    def _started(self) -> ThreadPoolExecutor:
        with self._lock:
            if self._executor is None:
                self._executor = ThreadPoolExecutor(self._threads, self.name, initializer=self._give_way)
            return self._executor

    def _give_way(self) -> None:
        if self._niceness and sys.platform == "linux":  # elsewhere it would be the whole process
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), self._niceness)


class Places:
    """Room for what takes long and holds no thread, such as a body that comes slowly: `total` at once, and `each` of
    one person. For one event loop.
    """

    def __init__(self, *, total: int, each: int, retry_after_s: int = 5) -> None:
        self._total, self._each, self._retry_after_s = total, each, retry_after_s
        self._taken: Counter[str] = Counter()

    @contextmanager
    def one_for(self, who: str) -> Iterator[None]:
        """A place while the block runs; BulkheadFull at once if there is none."""
        if self._taken.total() >= self._total or self._taken[who] >= self._each:
            raise BulkheadFull(_BUSY, retry_after_s=self._retry_after_s)
        self._taken[who] += 1
        try:
            yield
        finally:
            self._taken[who] -= 1
            if not self._taken[who]:
                del self._taken[who]


class Bulkheads:
    """One for each kind of slow work in a backend.

    The lengths are those after which the last in the queue still has an answer before people give up: about two
    seconds of hashes, five of photos, and one time-out of a provider that does not answer.
    """

    def __init__(self) -> None:
        cores = os.cpu_count() or 2
        # A hash takes 64 MiB and four threads of argon2's own.
        hashing = Bulkhead(PASSWORDS, threads=max(1, cores // 2), waiting=32, retry_after_s=2, niceness=_NICENESS)
        photos = Bulkhead(PHOTOS, threads=2, waiting=8, retry_after_s=5, niceness=_NICENESS)
        calls = Bulkhead(CALLS, threads=8, waiting=16, retry_after_s=5)
        payments = Bulkhead(PAYMENTS, threads=8, waiting=16, retry_after_s=15)
        files = Bulkhead(FILES, threads=2, waiting=16, retry_after_s=5)
        self._by_name = {bulkhead.name: bulkhead for bulkhead in (hashing, photos, calls, payments, files)}
        self.uploads = Places(total=32, each=3)

    def __getitem__(self, name: str) -> Bulkhead:
        return self._by_name[name]

    def waiting(self) -> dict[str, float]:
        """How many wait in each, by its name."""
        return {name: float(bulkhead.waiting) for name, bulkhead in self._by_name.items()}

    def close(self) -> None:
        """Ends all threads."""
        for bulkhead in self._by_name.values():
            bulkhead.close()


def bulkhead_of(name: str) -> Callable[[Request], Awaitable[Bulkhead]]:
    """A dependency: the running backend's bulkhead of this name."""

    async def found(request: Request) -> Bulkhead:
        return cast(Bulkheads, request.app.state.bulkheads)[name]

    return found


def behind(name: str) -> Callable[[Callable[P, T]], Callable[P, Awaitable[T]]]:
    """Makes a `def` endpoint run in the bulkhead of this name, from its first line to its last.

    Put under the route's decorator. Who is asking is found out before, in the threads that are shared.
    """

    def wrapped(endpoint: Callable[P, T]) -> Callable[P, Awaitable[T]]:
        @wraps(endpoint)
        async def run(*args: Any, own_bulkhead: Bulkhead, **kwargs: Any) -> T:
            return await own_bulkhead.run(endpoint, *args, **kwargs)

        # FastAPI reads parameters from the signature: the endpoint's own, and one more.
        signature = inspect.signature(endpoint, eval_str=True)
        parameter = inspect.Parameter(
            "own_bulkhead",
            inspect.Parameter.KEYWORD_ONLY,
            annotation=Annotated[Bulkhead, Depends(bulkhead_of(name))],
        )
        run.__signature__ = signature.replace(parameters=[*signature.parameters.values(), parameter])  # type: ignore[attr-defined]  # functions have one once it is set
        return cast(Callable[P, Awaitable[T]], run)

    return wrapped
