"""Lists of which more than a page is needed: no page is taken for the whole."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from app.api.models import Page

LARGEST_PAGE = 100
FEW = 10
MOST_PAGES = 50
"""So many pages are fetched at most: 5,000 rows are more than any day, or anybody's sessions to come, can have."""

ItemT = TypeVar("ItemT")


async def all_pages(fetch: Callable[[str | None, int], Awaitable[Page[ItemT]]]) -> tuple[ItemT, ...]:
    """Everything that `fetch(cursor, limit)` lists, in order.

    AppError as `fetch` raises it: a part of a list is not shown as if it were all.
    """
    items: list[ItemT] = []
    cursor: str | None = None
    for _page in range(MOST_PAGES):
        page = await fetch(cursor, LARGEST_PAGE)
        items.extend(page.items)
        cursor = page.next_cursor
        if cursor is None:
            break
    return tuple(items)


async def first_that(
    fetch: Callable[[str | None, int], Awaitable[Page[ItemT]]], is_wanted: Callable[[ItemT], bool], page_size: int = FEW
) -> ItemT | None:
    """The first listed item that is wanted, on whichever page; None if there is none. AppError as `fetch` raises it."""
    cursor: str | None = None
    for _page in range(MOST_PAGES):
        page = await fetch(cursor, page_size)
        found = next((item for item in page.items if is_wanted(item)), None)
        cursor = page.next_cursor
        if found is not None or cursor is None:
            return found
    return None
