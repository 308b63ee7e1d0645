"""A hook for what runs while a component is on the screen."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, cast

import flet as ft

from app.state.core.hooks import use_ref

NOT_RUNNING: "asyncio.Task[None] | None" = None

log = logging.getLogger(__name__)


def _log_failure(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and task.exception() is not None:
        log.error("a task of a component failed", exc_info=task.exception())


def is_destroyed(page: ft.Page) -> bool:
    """Whether the page's session has gone for good: its tab or window was closed, and nothing can be shown there."""
    try:
        return page.session is None
    except RuntimeError:  # flet's answer then ("An attempt to fetch destroyed session")
        return True


def end_with_session(page: ft.Page, close: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """When the session is over, all that runs for its components is cancelled and `close` awaited: a closed tab or
    window unmounts nothing, and a task that sleeps keeps the whole session in memory until it wakes.
    """
    tasks = _session_tasks(page)

    async def end() -> None:  # awaited by Flet; by then the page has no connection, so nothing can be run on it
        for task in list(tasks):
            task.cancel()
        await close()

    page.on_close = end


def _session_tasks(page: ft.Page) -> "set[asyncio.Task[None]]":
    store = page.session.store
    if not store.contains_key("tasks"):
        store.set("tasks", set())
    return cast("set[asyncio.Task[None]]", store.get("tasks"))


def use_task(work: Callable[[], Coroutine[Any, Any, None]], dependencies: Sequence[object]) -> None:
    """Runs `work` as a task from mount to unmount, and again when a dependency changes.

    Flet forgets a cleanup that an effect returned at the next render, and does not cancel an async effect on unmount
    (flet 1.0.5, `use_effect`): the task is therefore kept in a box and cancelled by an explicit cleanup. A closed tab
    or window unmounts nothing: work that finds its session destroyed ends there, which is no failure.
    """
    page = ft.context.page
    running = use_ref(NOT_RUNNING)
    all_of_session = _session_tasks(page)

    async def until_the_session_ends() -> None:
        try:
            await work()
        except RuntimeError:
            if not is_destroyed(page):
                raise

    def stop() -> None:
        task, running.current = running.current, None
        if task is not None:
            task.cancel()

    def start() -> None:
        stop()
        running.current = asyncio.get_running_loop().create_task(until_the_session_ends())
        running.current.add_done_callback(_log_failure)
        all_of_session.add(running.current)
        running.current.add_done_callback(all_of_session.discard)

    ft.use_effect(start, list(dependencies), stop)
