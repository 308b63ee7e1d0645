"""The desktop window's own events, and the question before it closes: single slots in Flet, owned here."""

import contextlib
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import cast

import flet as ft

from app.state.core.hooks import use_ref

Handler = Callable[[ft.WindowEventType], object]
PHONES = (ft.PagePlatform.ANDROID, ft.PagePlatform.ANDROID_TV, ft.PagePlatform.IOS)


def in_window(page: ft.Page) -> bool:
    """Whether this is a window on a desktop, neither a browser's tab nor a phone."""
    return not page.web and page.platform not in PHONES


async def bring_to_front(page: ft.Page) -> None:
    """The window before all others, out of the task bar too; on a phone, before the browser that was opened in the app.
    Nothing in a browser's tab.
    """
    if page.platform in PHONES and not page.web:
        with contextlib.suppress(RuntimeError, TimeoutError):  # Android's browser is closed by its person alone
            await ft.UrlLauncher().close_in_app_web_view()  # type: ignore[no-untyped-call]  # Flet declares no types here
        return
    if not in_window(page):
        return
    page.window.minimized = False
    page.window.update()
    with contextlib.suppress(RuntimeError, TimeoutError):  # a system that refuses, or a window that has gone
        await page.window.to_front()  # type: ignore[no-untyped-call]  # Flet declares no types here


def use_front_when(times: int) -> None:
    """Brings the window, on a phone the app, to the front each time `times` rises: what was done in the browser is
    known.
    """
    page = ft.context.page
    known = use_ref(times)

    async def look() -> None:
        rose, known.current = times > known.current, times
        if rose:
            await bring_to_front(page)

    ft.use_effect(look, [times])


@dataclass(eq=False)
class WindowEvents:
    """One per window, kept in the session's store. `end` ends the app: the call is left, the window closed."""

    end: Callable[[], object]
    _handlers: list[Handler] = field(default_factory=list)

    async def on_event(self, event: "ft.WindowEvent[ft.Window]") -> None:
        for handler in list(self._handlers):
            result = handler(event.type)
            if inspect.isawaitable(result):
                await result

    def add_handler(self, handler: Handler) -> None:
        if handler not in self._handlers:
            self._handlers.append(handler)

    def remove_handler(self, handler: Handler) -> None:
        if handler in self._handlers:
            self._handlers.remove(handler)


def window_events(page: ft.Page, end: Callable[[], object] | None = None) -> WindowEvents:
    """The window's own; made at the first call, which takes over `page.window.on_event`.

    Without `end` (a browser, a test) the window is only closed.
    """
    store = page.session.store
    if not store.contains_key("window_events"):
        events = WindowEvents(end or (lambda: page.run_task(page.window.destroy)))
        store.set("window_events", events)
        page.window.on_event = events.on_event
    return cast(WindowEvents, store.get("window_events"))


class ClosingQuestion:
    """Asked at most once at a time; `ask` says whether the window may go."""

    def __init__(self, events: WindowEvents, ask: Callable[[], Awaitable[bool]]) -> None:
        self.ask = ask
        self._events = events
        self._open = False

    async def on_event(self, kind: ft.WindowEventType) -> None:
        """Closing once more while the question stands is an answer too: nobody is held in a window."""
        if kind is not ft.WindowEventType.CLOSE:
            return
        if self._open:
            self._events.end()
            return
        self._open = True
        try:
            if await self.ask():
                self._events.end()
        finally:
            self._open = False


def use_closing_question(asking: bool, ask: Callable[[], Awaitable[bool]]) -> None:
    """While `asking`, closing the window awaits `ask` first and ends the app when that says yes."""
    page = ft.context.page
    events = window_events(page)
    question = use_ref(ClosingQuestion(events, ask)).current
    question.ask = ask

    def begin() -> None:
        events.add_handler(question.on_event)
        prevent_close(page, True)

    def stop() -> None:
        events.remove_handler(question.on_event)
        prevent_close(page, False)

    ft.use_effect(lambda: begin() if asking else stop(), [asking], stop)


def prevent_close(page: ft.Page, on: bool) -> None:
    """Whether the window asks the app instead of closing."""
    if not page.web and page.window.prevent_close is not on:
        page.window.prevent_close = on
        page.window.update()
