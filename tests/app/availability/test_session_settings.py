"""The form of SessionSettings: what is typed, told, sent and proposed."""

import asyncio

import flet as ft
import pytest

from app.errors import Offline, Problem
from tests.app.stage.harness import Harness
from tests.app.stage.settings_stage import AT_14, fill, professionals_api, settings
from tests.fakes.api import FakeApi


@pytest.fixture
def api() -> FakeApi:
    return professionals_api()


async def leave(app: Harness, label: str) -> None:
    await app.fire(app.field(label), "blur")


def focused(app: Harness) -> int:
    """How often the form moved the focus."""
    return sum(name == "focus" for name, _ in app.connection.calls)


async def test_an_added_slot_stands_in_the_list_at_once(api: FakeApi) -> None:
    async with settings(api) as app:
        await app.shows("No times on this day yet")
        await fill(app, "14", "1530", "45,50")
        asked = api.count("own_slots")
        await app.click("Add")
        await app.shows("14:00–15:30")
        assert "1 h 30 min · $45.50" in app.texts()
        assert api.count("own_slots") == asked


async def test_the_added_slot_is_sent_as_wall_time_and_cents(api: FakeApi) -> None:
    async with settings(api) as app:
        await fill(app, "22", "24:00", "250")
        await app.click("Add")
        assert api.calls[-1] == "create_slot 2026-11-24 22:00 00:00 25000 0"


async def test_a_field_is_written_out_in_full_when_it_is_left(api: FakeApi) -> None:
    async with settings(api) as app:
        await app.type("1430", "Start")
        await leave(app, "Start")
        await app.type("45,5", "Price")
        await leave(app, "Price")
        assert (app.field("Start").value, app.field("Price").value) == ("14:30", "45.50")


async def test_leaving_the_start_proposes_an_end_an_hour_later(api: FakeApi) -> None:
    async with settings(api) as app:
        await app.type("14", "Start")
        await leave(app, "Start")
        assert app.field("End").value == "15:00"


async def test_the_end_is_there_before_the_start_is_left(api: FakeApi) -> None:
    """A text that comes after the focus is not selected: what is typed would be appended to it."""
    async with settings(api) as app:
        for text, end in (("2", "03:00"), ("20", "21:00"), ("200", "03:00"), ("2000", "21:00")):
            await app.type(text, "Start")
            assert app.field("End").value == end
        drawn = len(app.connection.sent)
        await leave(app, "Start")
        assert "21:00" not in "".join(str(each.body) for each in app.connection.sent[drawn:])


async def test_an_end_that_follows_a_half_typed_start_is_not_judged(api: FakeApi) -> None:
    api.add_slot("a", AT_14, minutes=60)
    async with settings(api) as app:
        await app.shows("14:00–15:00")
        await app.type("13:30", "Start")
        while_typed = app.field("End").error
        await leave(app, "Start")
        assert (while_typed, app.field("End").error) == (None, "Overlaps your 14:00–15:00 slot.")


@pytest.mark.parametrize("by", ["Enter", "Add"])
async def test_what_stands_in_the_field_is_sent_whatever_was_heard_of_the_typing(api: FakeApi, by: str) -> None:
    api.add_slot("a", AT_14, price="45.00")
    async with settings(api) as app:
        await app.until(lambda: app.field("Price").value == "45.00")
        await app.type("16", "Start")
        app.session.apply_patch(app.field("Price")._i, {"value": "60"})  # without its change event
        await (app.submit("Price") if by == "Enter" else app.click("Add"))
        await app.shows("Added 16:00–17:00.")
        assert next(each for each in api.calls if each.startswith("create_slot")).split()[4] == "6000"


def labels_of(app: Harness, row: ft.Row) -> list[str]:
    return [str(each.label) for each in app.walk(row) if isinstance(each, ft.TextField)]


@pytest.mark.parametrize(
    ("width", "beside"), [(380, ["Start", "End"]), (419, ["Start", "End"]), (420, ["Start", "End", "Price"])]
)
async def test_a_price_of_three_digits_is_not_cut_in_a_narrow_window(
    api: FakeApi, width: float, beside: list[str]
) -> None:
    """ "$ 250.00" takes 72 pixels, and a field keeps 32 for its edges: a third of a narrower card has less."""
    async with settings(api, width=width) as app:
        await app.shows("No times on this day yet")
        assert beside in [labels_of(app, row) for row in app.all(ft.Row)]
        assert app.field("Price")


async def test_an_end_that_was_typed_stays_when_the_start_changes(api: FakeApi) -> None:
    async with settings(api) as app:
        await app.type("16", "End")
        await app.type("14", "Start")
        await leave(app, "Start")
        assert app.field("End").value == "16"


async def test_a_wrong_time_is_told_at_its_field_once_it_is_left(api: FakeApi) -> None:
    async with settings(api) as app:
        await app.type("25", "Start")
        before = app.field("Start").error
        await leave(app, "Start")
        assert (before, app.field("Start").error) == (None, "Enter a time such as 9:30 or 14:00.")


@pytest.mark.parametrize("price", ["0.99", "250.01", "0"])
async def test_a_price_out_of_range_is_told_at_its_field_and_nothing_is_sent(api: FakeApi, price: str) -> None:
    async with settings(api) as app:
        await fill(app, "14", "15", price)
        await app.click("Add")
        assert app.field("Price").error == "The price must be between $1.00 and $250.00."
        assert api.count("create_slot") == 0


async def test_a_time_that_has_passed_today_is_refused(api: FakeApi) -> None:
    async with settings(api) as app:
        await fill(app, "9:59", "11")
        await app.click("Add")
        assert app.field("Start").error == "This time has already passed."


async def test_an_overlap_is_told_while_typing(api: FakeApi) -> None:
    api.add_slot("a", AT_14, minutes=60)
    async with settings(api) as app:
        await app.shows("14:00–15:00")
        await app.type("1330", "Start")
        await app.type("1430", "End")
        assert app.field("End").error == "Overlaps your 14:00–15:00 slot."


async def test_typing_on_takes_an_overlap_away_again(api: FakeApi) -> None:
    api.add_slot("a", AT_14, minutes=60)
    async with settings(api) as app:
        await app.shows("14:00–15:00")
        await app.type("1430", "Start")
        assert app.field("Start").error
        await app.type("1530", "Start")
        assert not app.field("Start").error


async def test_the_backends_word_about_a_field_stands_at_that_field(api: FakeApi) -> None:
    fields = {"start_time": "The clocks go forward then: 02:30 does not exist on that day."}
    api.fail["create_slot"] = Problem("InvalidPayload", 422, "Please check what is marked.", fields=fields)
    async with settings(api) as app:
        await fill(app, "14", "15")
        await app.click("Add")
        assert app.field("Start").error == fields["start_time"]


async def test_an_overlap_that_only_the_backend_knows_is_told_and_shown(api: FakeApi) -> None:
    async with settings(api) as app:
        await app.shows("No times on this day yet")
        api.add_slot("other-window", AT_14, minutes=60)
        await fill(app, "14", "15")
        await app.click("Add")
        await app.shows("14:00–15:00")
        assert app.field("Start").error


async def test_offline_keeps_what_was_typed_and_says_so(api: FakeApi) -> None:
    api.fail["create_slot"] = Offline()
    async with settings(api) as app:
        await fill(app, "14", "15")
        await app.click("Add")
        await app.shows("cannot be reached")
        assert app.field("Start").value == "14:00"


async def test_five_slots_in_a_row_take_nothing_but_enter(api: FakeApi) -> None:
    async with settings(api) as app:
        await app.type("14", "Start")
        await app.submit("Start")
        await app.submit("End")
        await app.type("45", "Price")
        await app.submit("Price")
        await app.shows("14:00–15:00")
        for number in range(2, 6):
            for label in ("Start", "End", "Price"):
                await app.submit(label)
            await app.until(lambda: api.count("create_slot") == number)  # noqa: B023 - awaited within the turn
        await app.shows("5 times")
        assert [each.split()[2:5] for each in api.calls if each.startswith("create_slot")] == [
            [f"{14 + at}:00", f"{15 + at}:00", "4500"] for at in range(5)
        ]


async def test_after_an_add_the_focus_is_back_at_the_start_with_the_next_one_proposed(api: FakeApi) -> None:
    async with settings(api) as app:
        await fill(app, "14", "14:45")
        moved = focused(app)
        await app.submit("Price")
        await app.shows("Added 14:00–14:45.")
        await app.until(lambda: focused(app) == moved + 1)
        assert [app.field(label).value for label in ("Start", "End", "Price")] == ["14:45", "15:30", "45.00"]


async def test_enter_in_a_wrong_field_stays_there(api: FakeApi) -> None:
    async with settings(api) as app:
        await app.type("14:3", "Start")
        await app.submit("Start")
        assert app.field("Start").error
        assert focused(app) == 1


async def test_the_price_of_the_days_last_slot_is_proposed(api: FakeApi) -> None:
    api.add_slot("a", AT_14, price="60.00")
    async with settings(api) as app:
        await app.until(lambda: app.field("Price").value == "60.00")


async def test_pressing_add_twice_sends_it_once(api: FakeApi) -> None:
    gate = api.hold("create_slot")
    async with settings(api) as app:
        await fill(app, "14", "15")
        first = asyncio.create_task(app.click("Add"))
        await app.until(lambda: api.count("create_slot") == 1)
        assert not app.is_enabled("Add")
        await app.submit("Price")
        gate.set()
        await first
        await app.shows("Added 14:00–15:00.")
        assert api.count("create_slot") == 1


async def test_what_the_form_wrote_is_selected_once_and_not_while_the_person_types_on(api: FakeApi) -> None:
    async with settings(api) as app:
        await app.type("14", "Start")
        await leave(app, "Start")
        sent = [str(each.body) for each in app.connection.sent if "TextSelection" in str(each.body)]
        assert (app.field("Start").selection, bool(sent)) == (None, True)


async def test_the_click_that_comes_into_a_suggestion_selects_it_and_the_next_one_sets_the_caret(api: FakeApi) -> None:
    async with settings(api) as app:

        async def selected_by_click() -> bool:
            drawn = len(app.connection.sent)
            await app.fire(app.field("End"), "click")
            return any("TextSelection" in str(each.body) for each in app.connection.sent[drawn:])

        await app.type("14", "Start")
        await app.fire(app.field("End"), "focus")
        assert [await selected_by_click(), await selected_by_click()] == [True, False]
        assert app.field("End").selection is None
        await app.type("15:30", "End")
        await app.fire(app.field("End"), "focus")
        assert not await selected_by_click()
