"""Our hooks over Flet's."""

from dataclasses import dataclass

import flet as ft

from app.state.core.hooks import use_observed
from tests.app.stage.harness import screen


@ft.observable
@dataclass
class Tally:
    count: int = 0


@ft.component
def Shown(tally: Tally) -> ft.Control:
    use_observed(tally)
    return ft.Text(f"{tally.count} counted")


async def test_a_component_follows_the_model_that_it_is_given_next() -> None:
    first, second = Tally(), Tally()

    @ft.component
    def Swapping() -> ft.Control:
        swapped, swap = ft.use_state(False)
        return ft.Column([Shown(second if swapped else first), ft.Button("Swap", on_click=lambda: swap(True))])

    async with screen(Swapping) as app:
        await app.click("Swap")
        second.count = 7
        await app.shows("7 counted")


async def test_the_model_that_was_replaced_is_no_longer_watched() -> None:
    first, second = Tally(), Tally()
    drawn: list[int] = []

    @ft.component
    def Counting(tally: Tally) -> ft.Control:
        use_observed(tally)
        drawn.append(tally.count)
        return ft.Text("counting")

    @ft.component
    def Swapping() -> ft.Control:
        swapped, swap = ft.use_state(False)
        return ft.Column([Counting(second if swapped else first), ft.Button("Swap", on_click=lambda: swap(True))])

    async with screen(Swapping) as app:
        await app.click("Swap")
        before = len(drawn)
        first.count = 3
        await app.settle()
        assert len(drawn) == before
