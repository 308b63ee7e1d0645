"""The desktop window as a process beside this one: how it is started, and how both end together."""

import asyncio
import contextlib
import logging
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import flet as ft

from app.settings import ASSETS

LEAVE_LIMIT_S = 1.0
"""For the call: the devices are free and the other person is told. Both take 100 ms where nothing hangs."""
DESTROY_LIMIT_S = 0.4
TERMINATE_LIMIT_S = 0.2  # each of three steps: all limits together are the 2 s that an end may take
GUARD = 'read word; [ -n "$word" ] || kill "$1" $(cat "$0")'
"""Ends the window when this process is gone without a word: the pipe that it reads from is then closed. Of the two
numbers one is of the program that was started, the other of the window: macOS opens it by `open`.
"""

log = logging.getLogger(__name__)


class Ending:
    """The one way in which a desktop app ends before its person closes the window: on a signal, or when asked to.

    Leaves the call first, so that the other person reads "has left" and the camera is free, then closes the window.
    `leave_calls` returns when that is done.
    """

    def __init__(self, leave_calls: Callable[[], Awaitable[object]]) -> None:
        self._leave_calls = leave_calls
        self._page: ft.Page | None = None
        self._client: asyncio.subprocess.Process | None = None
        self._pid_file = ""
        self._app: asyncio.Task[None] | None = None
        self._begun: asyncio.Task[None] | None = None
        self._guard: subprocess.Popen[bytes] | None = None

    def follow(self, page: ft.Page) -> None:
        """The page that the window shows now."""
        self._page = page

    def begin(self) -> None:
        """Can be called twice; on the interface's loop."""
        if self._begun is None:
            self._begun = asyncio.get_running_loop().create_task(self._end())

    async def _end(self) -> None:
        await _within(LEAVE_LIMIT_S, self._leave_calls())
        if self._page is not None:
            await _within(DESTROY_LIMIT_S, _destroy(self._page))
        if self._client is not None:
            await self._end_client(self._client)
        elif self._app is not None:  # the window has not been opened yet
            self._app.cancel()

    async def _end_client(self, client: asyncio.subprocess.Process) -> None:
        import flet_desktop  # type: ignore[import-untyped]  # ships no types

        for end in (lambda: flet_desktop.close_flet_view(self._pid_file), client.terminate, client.kill):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(client.wait(), TERMINATE_LIMIT_S)
                return
            with contextlib.suppress(ProcessLookupError):
                end()

    async def run(self, start: Callable[[ft.Page], None]) -> None:
        """The app, until its window is closed. `start` is called with the page once the window is there."""
        import flet_desktop

        opened: Callable[..., Awaitable[tuple[asyncio.subprocess.Process, str]]] = flet_desktop.open_flet_view_async

        async def open_window(*words: Any) -> tuple[asyncio.subprocess.Process, str]:
            self._client, self._pid_file = await opened(*words)
            self._guard = guard(self._client.pid, self._pid_file)
            return self._client, self._pid_file

        def show(page: ft.Page) -> None:
            self.follow(page)
            start(page)

        flet_desktop.open_flet_view_async = open_window  # the only place where flet tells which process it started
        try:
            self._app = asyncio.create_task(ft.run_async(show, assets_dir=str(ASSETS), view=ft.AppView.FLET_APP))
            await asyncio.sleep(0)  # flet has set its handlers, which never end a desktop app (flet 1.0.5, app.py)
            listen(self.begin)
            with contextlib.suppress(asyncio.CancelledError):
                await self._app
        finally:
            flet_desktop.open_flet_view_async = opened
            if self._guard is not None:
                self._guard.communicate(b"done\n")


def listen(begin: Callable[[], None]) -> None:
    """Calls `begin` on this loop at Ctrl-C, at the end of the session, and when asked by the system to end."""
    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is not None:  # Windows has no SIGHUP, the others no SIGBREAK
            signal.signal(number, lambda _number, _frame: loop.call_soon_threadsafe(begin))


def guard(pid: int, pid_file: str) -> "subprocess.Popen[bytes] | None":
    """No window may outlive this process, even one that is killed: it would say "Working..." for ever.

    A shell waits on a pipe that only this process holds. None on Windows, where that would need a job object.
    """
    if sys.platform == "win32":
        return None
    return subprocess.Popen(  # noqa: S603  one fixed line, a number and a path
        ["/bin/sh", "-c", GUARD, pid_file, str(pid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # what ends this process's group must not end the guard before the window
    )


async def _destroy(page: ft.Page) -> None:
    with contextlib.suppress(RuntimeError):  # flet's answer when the window is gone before it could say so
        await page.window.destroy()  # type: ignore[no-untyped-call]  # Flet declares no types here


async def _within(limit_s: float, work: Awaitable[object]) -> None:
    """Waits for it so long; what goes wrong is logged, for the end goes on."""
    try:
        await asyncio.wait_for(work, limit_s)
    except TimeoutError:
        log.warning("the end of the app goes on without waiting for %s", getattr(work, "__qualname__", work))
    except Exception:
        log.exception("the end of the app goes on in spite of an error")
