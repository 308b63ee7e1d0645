"""A hook that keeps the display on: nobody touches the keyboard in a call."""

import contextlib

import flet as ft


def use_wakelock() -> None:
    """The display stays awake while the component is shown. Where the system cannot do that, it goes dark as ever."""
    page = ft.context.page

    async def hold() -> None:
        with contextlib.suppress(RuntimeError, TimeoutError):  # flet's words for a client that refuses, or has gone
            await ft.Wakelock().enable()  # type: ignore[no-untyped-call]  # Flet declares no types here

    async def release() -> None:
        with contextlib.suppress(RuntimeError, TimeoutError):
            await ft.Wakelock().disable()  # type: ignore[no-untyped-call]  # as above

    ft.use_effect(lambda: _run(page, hold), [], lambda: _run(page, release))


def _run(page: ft.Page, work: object) -> None:
    with contextlib.suppress(RuntimeError):  # the session itself has gone, and the window with it
        page.run_task(work)  # type: ignore[arg-type]  # a coroutine function; run_task's ParamSpec does not see it
