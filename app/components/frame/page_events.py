"""The page's size, keys and title, for every component: single slots in Flet, owned here."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import flet as ft
from flet.components.component import Component

from app.components.design.theme import (
    WIDE,
)
from app.settings import PRODUCT_NAME
from app.state.core.hooks import use_observed, use_ref
from app.state.core.picked_files import dialogs_are_gone
from app.state.core.services import use_services

CRAMPED = 300
"""Logical pixels of text in its normal size."""
LOW = 640
"""Logical pixels: below it, what is pinned to the bottom and what scrolls have no room one above the other."""
KeyHandler = Callable[[ft.KeyboardEvent], object]


@ft.observable
@dataclass(eq=False)
class PageEvents:
    """The page's size and keys. One per browser session, kept in the session's store.

    `connects` counts how often the tab or window came back after its connection was lost: whoever polls polls then.
    """

    width: float = 0.0
    height: float = 0.0
    connects: int = 0
    _key_handlers: list[KeyHandler] = field(default_factory=list)

    def on_resize(self, event: ft.PageResizeEvent) -> None:
        self.width, self.height = event.width, event.height

    def on_connect(self, event: ft.Event[ft.Page]) -> None:
        """After a reload the size may be another one, and no resize is reported.

        Nor is it reported that the page is seen again: a tab says "hide" on its way out, and whoever waits for it to be
        visible (`Page.wait_until_visible`, flet 1.0.5) would wait for ever.
        """
        self.width, self.height = event.page.width or self.width, event.page.height or self.height
        said: Any = ft.AppLifecycleStateChangeEvent(
            name="app_lifecycle_state_change", control=event.page, state=ft.AppLifecycleState.SHOW
        )
        event.page.before_event(said)
        self.connects += 1
        dialogs_are_gone(event.page)
        self._draw_again(event.page)

    @staticmethod
    def _draw_again(page: ft.Page) -> None:
        """Every component: what changed while nobody was connected none of them has drawn (flet 1.0.5,
        `Session.schedule_update`), and the page that is sent is the one from before: a spinner would turn for ever.
        """
        for control in list(page.session.index.values()):
            if isinstance(control, Component):
                page.session.schedule_update(control)

    async def on_key(self, event: ft.KeyboardEvent) -> None:
        for handler in list(self._key_handlers):
            result = handler(event)
            if inspect.isawaitable(result):
                await result

    def add_key_handler(self, handler: KeyHandler) -> None:
        self._key_handlers.append(handler)

    def remove_key_handler(self, handler: KeyHandler) -> None:
        if handler in self._key_handlers:
            self._key_handlers.remove(handler)


def page_events(page: ft.Page) -> PageEvents:
    """The session's own; made at the first call, which takes over `page.on_resize` and `page.on_keyboard_event`."""
    store = page.session.store
    if not store.contains_key("page_events"):
        events = PageEvents(width=page.width or 0.0, height=page.height or 0.0)
        store.set("page_events", events)
        page.on_resize = events.on_resize
        page.on_connect = events.on_connect
        page.on_keyboard_event = events.on_key
    return cast(PageEvents, store.get("page_events"))


def use_width() -> float:
    """The page's width in logical pixels; wide from `theme.WIDE` on."""
    return use_observed(page_events(ft.context.page)).width


def use_wide() -> bool:
    """Whether there is room for a rail and for details beside the list."""
    return use_width() >= WIDE


def use_low() -> bool:
    """Whether the window is so low that what is usually pinned has to scroll with the rest, as at 200 % on a laptop."""
    return 0 < use_observed(page_events(ft.context.page)).height < LOW


def use_text_width() -> float:
    """The page's width for text: in logical pixels, at the normal size of text."""
    return use_width() / use_observed(use_services().preferences).text_scale


def use_cramped() -> bool:
    """Whether large text leaves no room for two things beside each other, as 150 % does on a phone."""
    return use_text_width() < CRAMPED


def use_key(handler: KeyHandler) -> None:
    """Calls `handler` for every key pressed while the component is shown."""
    events = page_events(ft.context.page)
    latest = use_ref(handler)
    latest.current = handler
    registered = use_ref(lambda event: latest.current(event))
    ft.use_effect(
        lambda: events.add_key_handler(registered.current),
        [],
        lambda: events.remove_key_handler(registered.current),
    )


def use_title(title: str) -> None:
    """The window's or browser tab's title while the component is shown; then the former one, for the screen below."""
    page = ft.context.page
    former = use_ref(page.title or PRODUCT_NAME)
    own = f"{title} · {PRODUCT_NAME}" if title else PRODUCT_NAME

    def apply() -> None:
        page.title = own
        page.update()  # the page is no component: nothing else sends it

    def give_back() -> None:
        if page.title == own:  # not when the next screen has put its own there already
            page.title = former.current
            page.update()

    ft.use_effect(apply, [title], give_back)
