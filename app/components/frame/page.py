"""The frame around every screen: the page's width and keys (single slots in Flet, owned here), navigation, headline."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import flet as ft

from app.components.design.theme import (
    QUIET_INK,
    READABLE,
    SPACE_4,
    SPACE_8,
    SPACE_12,
    SPACE_16,
    SPACE_24,
    SPACE_32,
    WIDE,
    Type,
)
from app.state.core.hooks import use_box, use_observed

PRODUCT = "Rendezvous"
KeyHandler = Callable[[ft.KeyboardEvent], object]


@ft.observable
@dataclass(eq=False)
class PageEvents:
    """What the page tells everybody: its width, and its keys. One a browser session, kept in the session's store."""

    width: float = 0.0
    _key_handlers: list[KeyHandler] = field(default_factory=list)

    def on_resize(self, event: ft.PageResizeEvent) -> None:
        self.width = event.width

    def on_connect(self, event: ft.Event[ft.Page]) -> None:
        """After a reload the width may be another one, and no resize is told.

        Nor is it told that the page is seen again: a tab says "hide" on its way out, and whoever waits for it to be
        visible (`Page.wait_until_visible`, flet 1.0.5) would wait for ever.
        """
        self.width = event.page.width or self.width
        said: Any = ft.AppLifecycleStateChangeEvent(
            name="app_lifecycle_state_change", control=event.page, state=ft.AppLifecycleState.SHOW
        )
        event.page.before_event(said)

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
        events = PageEvents(width=page.width or 0.0)
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


def use_key(handler: KeyHandler) -> None:
    """Calls `handler` for every key pressed while the component is shown."""
    events = page_events(ft.context.page)
    latest = use_box(handler)
    latest.current = handler
    registered = use_box(lambda event: latest.current(event))
    ft.use_effect(
        lambda: events.add_key_handler(registered.current),
        [],
        lambda: events.remove_key_handler(registered.current),
    )


def use_title(title: str) -> None:
    """The window's or browser tab's title while the component is shown; then the former one, for the screen below."""
    page = ft.context.page
    former = use_box(page.title or PRODUCT)
    own = f"{title} · {PRODUCT}" if title else PRODUCT

    def apply() -> None:
        page.title = own
        page.update()  # the page is no component: nothing else sends it

    def give_back() -> None:
        if page.title == own:  # not when the next screen has put its own there already
            page.title = former.current
            page.update()

    ft.use_effect(apply, [title], give_back)


@ft.component
def Page(
    title: str,
    controls: Sequence[ft.Control],
    actions: Sequence[ft.Control] = (),
    lead: str = "",
    scroll: bool = True,
    max_width: float = READABLE,
    on_back: Callable[..., object] | None = None,
) -> ft.Control:
    """A screen's frame: its one headline, `actions` beside it, a `lead` sentence, and the content in a readable column.

    With `scroll` False the content fills the height, so that a list in it can scroll by itself (`expand=True`).
    `on_back` puts a back arrow before the headline.
    """
    use_title(title)
    wide = use_wide()
    pad = SPACE_32 if wide else SPACE_16
    head: list[ft.Control] = [_headline(title, lead), *actions]
    if on_back:
        back = ft.Icon(ft.Icons.ARROW_BACK, semantics_label="Back")
        head.insert(0, ft.IconButton(icon=back, on_click=on_back))
    column = ft.Column(
        [ft.Row(head, spacing=SPACE_8, vertical_alignment=ft.CrossAxisAlignment.CENTER), *controls],
        spacing=SPACE_16 if wide else SPACE_12,
        expand=not scroll,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
    held = ft.Container(column, width=max_width, padding=ft.Padding.only(bottom=SPACE_24 if scroll else 0))
    framed = ft.Container(
        held,
        padding=ft.Padding.only(left=pad, right=pad, top=SPACE_24 if wide else SPACE_12),
        alignment=ft.Alignment.TOP_CENTER if not wide else ft.Alignment.TOP_LEFT,
        expand=not scroll,
    )
    if not scroll:
        return framed
    return ft.Column([framed], scroll=ft.ScrollMode.AUTO, expand=True, spacing=0)


def _headline(title: str, lead: str) -> ft.Control:
    words: list[ft.Control] = [
        ft.Semantics(header=True, heading_level=1, content=ft.Text(title, theme_style=Type.HEADLINE))
    ]
    if lead:
        words.append(ft.Text(lead, theme_style=Type.BODY, color=QUIET_INK))
    return ft.Column(words, spacing=SPACE_4, tight=True, expand=True)
