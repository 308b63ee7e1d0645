"""The threads of a call: one with an event loop for the media, and workers for calls that block.

The interface's loop may stall, audio and video may not: so nothing of the call runs on it.
"""

import asyncio
import logging
import queue
import sys
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from app.call.runtime.memory import limit_arenas, trim
from app.call.runtime.thread_priority import raise_priority

log = logging.getLogger(__name__)
Result = TypeVar("Result")

SWITCH_INTERVAL_S = 0.001 if sys.platform == "win32" else 0.0005
"""The audio callbacks need the interpreter quickly, also beside a busy thread; Python's own value is 0.005. Windows
counts whole milliseconds here (SleepConditionVariableSRW): less than one is none, and who waits would spin.
"""
LEFT = " (hangs, left to itself)"


class LoopEnded(Exception):
    """The loop has ended, and with it the work that was asked for."""


class _SwitchInterval:
    """Short while there is a loop thread, and then as it was: other code of the process did not ask for it."""

    def __init__(self) -> None:
        self._lock, self._users, self._before_s = threading.Lock(), 0, 0.0

    def shorten(self) -> None:
        with self._lock:
            if not self._users:
                self._before_s = sys.getswitchinterval()
                sys.setswitchinterval(min(self._before_s, SWITCH_INTERVAL_S))
            self._users += 1

    def put_back(self) -> None:
        with self._lock:
            self._users -= 1
            if not self._users:
                sys.setswitchinterval(self._before_s)


_switch_interval = _SwitchInterval()


class EventLoopThread:
    """An event loop in a daemon thread of its own: one for the media, and one for nothing but the remote audio
    tracks, which video, statistics and decisions then cannot hold up.
    """

    def __init__(self, name: str = "call-media", realtime: bool = False) -> None:
        """`realtime`: before all other threads, as far as the system allows."""
        _switch_interval.shorten()
        limit_arenas()
        self.loop = asyncio.new_event_loop()
        self._ended: Future[None] = Future()
        self._realtime = realtime
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        if self._realtime:
            raise_priority()
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_forever()
            leftover = asyncio.all_tasks(self.loop)
            for task in leftover:
                task.cancel()
            if leftover:
                self.loop.run_until_complete(asyncio.wait(leftover, timeout=2))
        finally:
            self.loop.close()
            _switch_interval.put_back()
            trim()
            self._ended.set_result(None)

    async def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Runs `work` on the media loop and waits for it on the caller's. Cancelling the caller does not cancel the
        work: a connection that is being made must never be cancelled. Raises `LoopEnded`.
        """
        going = asyncio.run_coroutine_threadsafe(work, self.loop)
        try:
            return await asyncio.shield(asyncio.wrap_future(going))
        except asyncio.CancelledError:
            if going.cancelled():  # by the loop's end; nothing else can
                raise LoopEnded from None
            raise

    def post(self, call: Callable[..., object], *arguments: Any) -> None:
        """Runs `call` on the media loop soon; from any thread. Silently dropped once the loop has ended."""
        try:
            self.loop.call_soon_threadsafe(call, *arguments)
        except RuntimeError:  # the loop has closed: nobody is left to run it
            log.debug("the media loop has ended")

    async def close(self, last: Coroutine[Any, Any, None], limit_s: float) -> None:
        """Runs `last` on the media loop, then ends loop and thread. Returns after `limit_s` at the latest; what is not
        over by then (a connection to a black hole) goes on by itself and then ends the thread.
        """
        asyncio.run_coroutine_threadsafe(self._finish(last), self.loop)
        await asyncio.wait({asyncio.ensure_future(asyncio.wrap_future(self._ended))}, timeout=limit_s)
        if self._ended.done():
            self._thread.join(1)

    def stop(self, limit_s: float = 1.0) -> None:
        """Ends loop and thread, with what still runs there; waits for that no longer than `limit_s`."""
        self.post(self.loop.stop)
        self._thread.join(limit_s)

    def close_now(self, last: Coroutine[Any, Any, None], limit_s: float) -> None:
        """As `close`, from a thread without a loop: blocks until it is over, or for `limit_s`."""
        if self.loop.is_closed():
            last.close()
            return
        asyncio.run_coroutine_threadsafe(self._finish(last), self.loop)
        self._thread.join(limit_s)

    async def _finish(self, last: Coroutine[Any, Any, None]) -> None:
        try:
            await last
        finally:
            self.loop.call_soon(self.loop.stop)


class Worker:
    """A daemon thread that makes blocking calls, one after the other. A call that hangs hangs only this thread,
    also at the end of the program.
    """

    def __init__(self, name: str) -> None:
        self._jobs: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        while job := self._jobs.get():
            future, call = job
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(call())
            except BaseException as error:  # handed to whoever waits, whatever it is
                future.set_exception(error)

    async def run(self, call: Callable[[], Result], limit_s: float | None = None) -> Result:
        """The result of `call`, or its error. Raises TimeoutError after `limit_s`; the call itself goes on."""
        future: Future[Result] = Future()
        self._jobs.put((future, call))
        waiting = asyncio.wrap_future(future)
        done, _ = await asyncio.wait({waiting}, timeout=limit_s)
        if not done:
            waiting.add_done_callback(lambda late: late.cancelled() or late.exception())
            raise TimeoutError
        return waiting.result()

    def post(self, call: Callable[[], object]) -> None:
        """Runs `call` after what is waiting; how it ends is not reported."""
        self._jobs.put((Future(), call))

    def leave(self) -> None:
        """Ends when the job that hangs comes back, if ever; the thread's name says so meanwhile."""
        self._thread.name += LEFT
        self._jobs.put(None)

    def close(self, limit_s: float = 1.0) -> None:
        """Ends after the jobs that are waiting; does not wait longer than `limit_s` for one that hangs."""
        self._jobs.put(None)
        self._thread.join(limit_s)
