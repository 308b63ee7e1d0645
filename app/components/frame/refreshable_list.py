"""A list that refreshes by pull (touch or mouse), button and F5, loads on near its end, and shows all its states."""

from collections.abc import Awaitable, Callable, Hashable, Sequence
from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

import flet as ft

from app.components.design.buttons import QuietButton
from app.components.design.states import ErrorState, LoadingRows
from app.components.design.theme import QUIET_INK, SPACE_8, SPACE_12, SPACE_16, Type
from app.components.frame.page_events import use_key
from app.components.frame.pull_to_refresh import use_pull
from app.state.core.fetching import Phase
from app.state.core.hooks import Ref, use_ref
from app.state.core.services import SERVICES
from app.state.core.wall_time import time_words

ROWS_A_PAGE = 50
LOAD_AHEAD_PX = 600


@ft.component
def PageOfRows(rows: tuple[Hashable, ...], row: Callable[..., ft.Control]) -> ft.Control:
    """Up to ROWS_A_PAGE rows, drawn again only when one of them changed (2,000 rows: 5 ms a change instead of 250)."""
    return ft.Column([row(value) for value in rows], spacing=SPACE_12)


@ft.component
def RefreshableList(
    rows: Sequence[ft.Control] | Sequence[Hashable],
    phase: Phase,
    on_refresh: Callable[[], Awaitable[object]],
    more: bool = False,
    on_more: Callable[[], Awaitable[object]] | None = None,
    loading_more: bool = False,
    last_refreshed: datetime | None = None,
    empty: ft.Control | None = None,
    error: str = "",
    row: Callable[..., ft.Control] | None = None,
    header: Sequence[ft.Control] = (),
    end_text: str = "That's all.",
    place: Ref[float] | None = None,
) -> ft.Control:
    """`phase`: loading | ready | error | offline. `rows` are controls, or, with `row` (a function that stays the same
    object), immutable values that `row` draws in memoised pages. `header` scrolls above the rows in every phase. While
    rows are there, an `error` stands above them and they stay; without rows it fills the place. Takes the height it
    gets: put it where it can expand. `place` keeps how far it is scrolled, and it opens there.
    """
    pull = use_pull(on_refresh)
    view = use_ref(ft.Ref[ft.ListView]()).current
    asking = use_ref(False)  # many scroll events come before `loading_more` is drawn

    async def on_key(event: ft.KeyboardEvent) -> None:
        if event.key == "F5":
            await pull.refresh()

    async def on_scroll(event: ft.OnScrollEvent) -> None:
        await pull.on_scroll(event)
        if place and event.event_type in (ft.ScrollType.UPDATE, ft.ScrollType.END):
            place.current = max(event.pixels, 0.0)
        near_end = event.extent_after is not None and event.extent_after < LOAD_AHEAD_PX
        if on_more and more and near_end and not (loading_more or error or asking.current):
            asking.current = True
            try:
                await on_more()
            finally:
                asking.current = False

    async def return_to_place() -> None:
        if place and place.current and view.current:
            await view.current.scroll_to(offset=place.current)

    use_key(on_key)
    ft.use_effect(return_to_place, [])
    body = _body(rows, phase, empty, error, row, pull.refresh)
    if rows and phase is not Phase.LOADING:
        body.append(_foot(more, on_more, loading_more, end_text, bool(error)))
    scrolled = ft.ListView(
        [*header, *body],
        ref=view,
        expand=True,
        spacing=SPACE_12,
        on_scroll=on_scroll,
        scroll_interval=0,
        padding=ft.Padding.only(bottom=SPACE_16),
    )
    return ft.Column(
        [_refresh_line(last_refreshed, pull.busy, pull.refresh), pull.indicator, pull.around(scrolled)],
        expand=True,
        spacing=0,
    )


def _body(
    rows: Sequence[ft.Control] | Sequence[Hashable],
    phase: Phase,
    empty: ft.Control | None,
    error: str,
    row: Callable[..., ft.Control] | None,
    retry: Callable[[], Awaitable[None]],
) -> list[ft.Control]:
    if not rows:
        if phase is Phase.LOADING:
            return [LoadingRows()]
        if phase in (Phase.ERROR, Phase.OFFLINE):
            return [ErrorState(error or "This could not be loaded.", retry, offline=phase is Phase.OFFLINE)]
        return [empty] if empty else []
    notice: list[ft.Control] = [ErrorState(error, retry, offline=phase is Phase.OFFLINE)] if error else []
    if row is None:
        return [*notice, *cast(Sequence[ft.Control], rows)]
    pages: Callable[..., ft.Control] = ft.memo(PageOfRows)  # type: ignore[no-untyped-call]  # Flet declares no types
    return [
        *notice,
        *(pages(tuple(rows[first : first + ROWS_A_PAGE]), row) for first in range(0, len(rows), ROWS_A_PAGE)),
    ]


def _foot(
    more: bool, on_more: Callable[[], Awaitable[object]] | None, loading_more: bool, end_text: str, failed: bool
) -> ft.Control:
    foot: ft.Control
    if loading_more:
        foot = ft.ProgressRing(width=24, height=24, semantics_label="Loading more")
    elif more and on_more:  # also the way on when the rows do not fill the page: then nothing scrolls
        foot = QuietButton("Try again to load more" if failed else "Load more", on_more)
    else:
        foot = ft.Text(end_text, theme_style=Type.SMALL, color=QUIET_INK)
    return ft.Container(foot, padding=SPACE_12, alignment=ft.Alignment.CENTER)


def _refresh_line(last_refreshed: datetime | None, busy: bool, refresh: Callable[[], Awaitable[None]]) -> ft.Control:
    services = ft.use_context(SERVICES)
    zone = services.zone if services else ZoneInfo("UTC")
    words = f"Updated {time_words(last_refreshed, zone)}" if last_refreshed else ""
    return ft.Row(
        [
            ft.Semantics(live_region=True, content=ft.Text(words, theme_style=Type.SMALL, color=QUIET_INK)),
            ft.IconButton(
                icon=ft.Icon(ft.Icons.REFRESH, semantics_label="Refresh", size=20),
                on_click=refresh,
                disabled=busy,
            ),
        ],
        alignment=ft.MainAxisAlignment.END,
        spacing=SPACE_8,
    )
