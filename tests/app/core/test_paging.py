"""Lists of which more than a page is needed."""

import pytest

from app.api.models import Page
from app.errors import Offline
from app.state.core.paging import all_pages, first_that


class Numbers:
    """The numbers from 0 on, in pages as they are asked for."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.asked = 0

    async def __call__(self, cursor: str | None, limit: int) -> Page[int]:
        self.asked += 1
        begin = int(cursor or 0)
        following = str(begin + limit) if begin + limit < self.count else None
        return Page[int](items=tuple(range(begin, min(begin + limit, self.count))), next_cursor=following)


@pytest.mark.parametrize("count", [0, 1, 100, 101, 288])
async def test_every_item_of_every_page_comes_in_order(count: int) -> None:
    assert await all_pages(Numbers(count)) == tuple(range(count))


async def test_a_page_that_fails_is_not_taken_for_the_end() -> None:
    async def fails(cursor: str | None, limit: int) -> Page[int]:
        if cursor:
            raise Offline
        return Page[int](items=(1,), next_cursor="2")

    with pytest.raises(Offline):
        await all_pages(fails)


async def test_a_list_without_end_is_left_some_time() -> None:
    endless = Numbers(10**9)
    assert len(await all_pages(endless)) == endless.asked * 100


async def test_the_first_that_is_wanted_is_found_on_a_later_page_and_no_further_one_is_asked_for() -> None:
    numbers = Numbers(100)
    assert await first_that(numbers, lambda number: number == 25) == 25
    assert numbers.asked == 3
    assert await first_that(Numbers(15), lambda number: number > 20) is None
