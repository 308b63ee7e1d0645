"""What every screen is made of."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import flet as ft

from app.components.design.avatar import Avatar, ground, initials
from app.components.design.buttons import IconAction, PrimaryButton
from app.components.design.feedback import confirm, toast
from app.components.design.fields import Field
from app.components.design.states import EmptyState, ErrorState
from app.components.frame.clock import use_now
from app.components.frame.page import Page
from app.components.frame.page_events import use_key, use_width
from tests.app.stage.harness import screen
from tests.fakes.api import NOW


async def test_a_button_that_cannot_be_pressed_says_why() -> None:
    async with screen(lambda: PrimaryButton("Start", None, reason="Starts in 12 min")) as app:
        assert not app.is_enabled("Start")
        assert "Starts in 12 min" in app.texts()


async def test_a_button_waits_for_its_action_and_takes_no_second_press() -> None:
    gate, calls = asyncio.Event(), []

    async def act() -> None:
        calls.append("act")
        await gate.wait()

    async with screen(lambda: PrimaryButton("Save", act)) as app:
        first = await app.begin("Save")
        assert not app.is_enabled("Save")
        assert app.all(ft.ProgressRing)
        await app.session.dispatch_event(app.button("Save")._i, "click", None)
        gate.set()
        await first
        await app.settle()
        assert (app.is_enabled("Save"), calls) == (True, ["act"])


async def test_enter_in_a_field_is_taken_once_until_it_is_done_and_then_again() -> None:
    gate, calls = asyncio.Event(), []

    async def act() -> None:
        calls.append("act")
        await gate.wait()

    async with screen(lambda: Field("Address", "x", lambda text: None, on_submit=act)) as app:
        field = app.field("Address")
        presses = [asyncio.ensure_future(app.session.dispatch_event(field._i, "submit", "x")) for _ in range(2)]
        await app.settle()
        gate.set()
        await asyncio.gather(*presses)
        assert calls == ["act"]
        await app.submit("Address")
        assert calls == ["act"] * 2


async def test_a_button_can_be_pressed_again_after_its_action_failed() -> None:
    async def act() -> None:
        raise ValueError("broken")

    async with screen(lambda: PrimaryButton("Save", act)) as app:
        pressed = await app.begin("Save")
        await asyncio.wait([pressed])
        await app.settle()
        assert app.is_enabled("Save")
        assert app.faults.pop().endswith("ValueError('broken')")


async def test_an_icon_button_has_a_name_for_screen_readers() -> None:
    async with screen(lambda: IconAction(ft.Icons.SETTINGS, "Settings", lambda: None)) as app:
        assert "Settings" in app.labels()


@ft.component
def Asking(answers: list[bool], danger: bool = False) -> ft.Control:
    async def ask() -> None:
        answers.append(await confirm("Delete it?", "It will be gone.", yes="Delete", danger=danger))

    return ft.TextButton("Ask", on_click=ask)


async def test_a_question_waits_for_its_answer() -> None:
    answers: list[bool] = []
    async with screen(lambda: Asking(answers), width=1000) as app:
        asked = await app.begin("Ask")
        assert "It will be gone." in app.texts()
        await app.click("Delete")
        await asked
        assert answers == [True]


async def test_a_question_put_aside_means_no() -> None:
    answers: list[bool] = []
    async with screen(lambda: Asking(answers), width=1000) as app:
        asked = await app.begin("Ask")
        await app.fire(app.find(ft.AlertDialog), "dismiss")
        await asked
        assert answers == [False]


async def test_a_question_on_a_narrow_page_comes_as_a_sheet() -> None:
    async with screen(lambda: Asking([]), width=390) as app:
        asked = await app.begin("Ask")
        assert app.all(ft.BottomSheet)
        await app.click("Cancel")
        await asked


async def test_enter_does_not_destroy_anything() -> None:
    async with screen(lambda: Asking([], danger=True), width=1000) as app:
        asked = await app.begin("Ask")
        assert not getattr(app.button("Delete"), "autofocus", False)
        assert getattr(app.button("Cancel"), "autofocus", False)
        await app.click("Cancel")
        await asked


async def test_a_message_with_undo_goes_by_itself() -> None:
    undone: list[str] = []
    async with screen(
        lambda: ft.TextButton("Delete", on_click=lambda: toast("Deleted.", undo=lambda: undone.append("x")))
    ) as app:
        await app.click("Delete")
        bar = app.find(ft.SnackBar)
        assert bar.persist is False
        assert isinstance(bar.action, ft.SnackBarAction)
        await app.fire(bar.action, "click")
        assert undone == ["x"]


def test_initials_are_of_the_first_and_last_name() -> None:
    assert [initials(name) for name in ("Ada Lovelace King", "ada", "", "Ö. Äberg", "(x) y")] == [
        "AK",
        "A",
        "?",
        "ÖÄ",
        "Y",
    ]


def test_a_name_has_the_same_colour_on_every_machine() -> None:
    assert ground("Ada Lovelace") == ground("Ada Lovelace")
    assert len({ground(name) for name in ("Ada", "Bob", "Cy", "Di", "Ed", "Flo")}) > 1


async def test_initials_stand_below_a_photo_that_may_fail() -> None:
    async with screen(lambda: Avatar("Ada Lovelace", "http://backend.test/photo")) as app:
        assert app.texts() == ["AL"]
        assert app.find(ft.Image).src == "http://backend.test/photo"


async def test_an_empty_list_offers_the_action_that_fills_it() -> None:
    pressed: list[str] = []
    async with screen(
        lambda: EmptyState(ft.Icons.EVENT, "Nothing booked.", "Find someone", lambda: pressed.append("x"))
    ) as app:
        await app.click("Find someone")
        assert pressed == ["x"]


async def test_an_error_can_be_tried_again() -> None:
    pressed: list[str] = []
    async with screen(lambda: ErrorState("It did not load.", lambda: pressed.append("x"))) as app:
        await app.click("Try again")
        assert pressed == ["x"]


async def test_the_title_below_comes_back_when_a_page_above_it_goes() -> None:
    @ft.component
    def Above() -> ft.Control:
        above, set_above = ft.use_state(False)
        pages = [Page("Find", []), *([Page("Ada Lovelace", [])] if above else [])]
        return ft.Column([*pages, ft.TextButton("Toggle", on_click=lambda: set_above(lambda now: not now))])

    async with screen(Above) as app:
        await app.click("Toggle")
        assert app.page.title == "Ada Lovelace · Rendezvous"
        await app.click("Toggle")
        assert app.page.title == "Find · Rendezvous"


@ft.component
def WidthAndKeys(keys: list[str], name: str) -> ft.Control:
    use_key(lambda event: keys.append(f"{name} {event.key}"))
    return ft.Text(f"{name} {use_width():.0f}")


async def test_every_component_hears_of_width_and_keys_while_it_is_shown() -> None:
    keys: list[str] = []

    @ft.component
    def Both() -> ft.Control:
        both, set_both = ft.use_state(True)
        shown = [WidthAndKeys(keys, "one"), *([WidthAndKeys(keys, "two")] if both else [])]
        return ft.Column([*shown, ft.TextButton("Hide", on_click=lambda: set_both(False))])

    async with screen(Both, width=500) as app:
        await app.resize(900)
        assert app.texts()[:2] == ["one 900", "two 900"]
        await app.key("F5")
        await app.click("Hide")
        await app.key("F5")
        assert sorted(keys) == ["one F5", "one F5", "two F5"]


async def test_a_page_has_one_headline_and_names_the_window() -> None:
    async with screen(lambda: Page("My sessions", [ft.Text("content")])) as app:
        assert len(app.all(ft.Semantics, heading_level=1)) == 1
        assert app.page.title == "My sessions · Rendezvous"


async def test_a_countdown_ticks_and_stops_with_its_component() -> None:
    ticks: list[int] = []

    @ft.component
    def Ticking() -> ft.Control:
        use_now(_counting(ticks), every_s=0.02)
        return ft.Text("ticking")

    @ft.component
    def Around() -> ft.Control:
        shown, set_shown = ft.use_state(True)
        return ft.Column([ft.TextButton("Hide", on_click=lambda: set_shown(False)), *([Ticking()] if shown else [])])

    async with screen(Around) as app:
        await app.until(lambda: len(ticks) > 4)
        await app.click("Hide")
        stopped_at = len(ticks)
        await app.settle(10)
        assert len(ticks) <= stopped_at + 1


def _counting(ticks: list[int]) -> Callable[[], datetime]:
    def now() -> datetime:
        ticks.append(1)
        return NOW.replace(microsecond=len(ticks))

    return now
