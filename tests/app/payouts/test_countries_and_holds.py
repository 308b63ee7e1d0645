"""In which country a professional is paid, what is on hold, and the smallest price."""

import flet as ft
import pytest

from app.screens.earnings import EarningsScreen
from app.state.availability.slot_rules import price_error
from app.state.payouts.countries import country_choices, country_of_zone
from app.state.payouts.payout_setup import PayoutSetup
from app.state.payouts.payout_words import hold_words
from tests.app.stage.session_stage import services_of, shown
from tests.app.stage.settings_stage import fill, professionals_api, settings
from tests.fakes.api import FakeApi

FIRST = "First, set up payouts"


@pytest.fixture
def api() -> FakeApi:
    return professionals_api()


@pytest.mark.parametrize(
    ("zone", "country"),
    [("Europe/Berlin", "DE"), ("Europe/Stockholm", "SE"), ("America/New_York", "US"), ("Asia/Tokyo", ""), ("UTC", "")],
)
def test_the_zone_proposes_its_country_where_payouts_are_possible(zone: str, country: str) -> None:
    assert country_of_zone(zone, ("DE", "SE", "US")) == country


@pytest.mark.parametrize(
    ("reported", "country"),
    [("Asia/Calcutta", "IN"), ("Asia/Katmandu", "NP"), ("Europe/Kiev", "UA"), ("Europe/Stockholm", "SE")],
)
def test_a_zone_by_the_name_that_browsers_still_report_is_in_the_same_country(reported: str, country: str) -> None:
    assert country_of_zone(reported, ("DE", "IN", "NP", "SE", "UA")) == country


def test_countries_are_named_and_in_the_order_of_their_names() -> None:
    assert country_choices(("US", "DE", "SE", "XX")) == [
        ("DE", "Germany"),
        ("SE", "Sweden"),
        ("US", "United States"),
        ("XX", "XX"),
    ]


@pytest.mark.parametrize("width", [390, 1280])
async def test_the_country_is_asked_for_before_payouts_are_set_up(api: FakeApi, width: float) -> None:
    api.payouts_state = "none"
    async with shown(services_of(api, "professional"), EarningsScreen, width=width) as app:
        await app.shows(FIRST)
        where = app.find(ft.Dropdown)
        assert (where.label, where.value) == ("Country of your home and bank account", "DE")
        assert [option.text for option in where.options or []] == [
            "Britain (UK)",
            "France",
            "Germany",
            "Sweden",
            "Switzerland",
            "United States",
        ]
        await app.click("Set up payouts")
        await app.until(lambda: "set_up_payouts DE" in api.calls)
        await app.until(lambda: not app.all(ft.Dropdown))


async def test_another_country_than_that_of_the_clock_can_be_chosen(api: FakeApi) -> None:
    api.payouts_state = "none"
    payouts = PayoutSetup.of(services_of(api, "professional"))
    await payouts.refresh()
    payouts.choose("FR")
    await payouts.set_up()
    assert "set_up_payouts FR" in api.calls


async def test_a_country_that_is_not_chosen_is_asked_for_in_words(api: FakeApi) -> None:
    api.payouts_state = "none"
    payouts = PayoutSetup.of(services_of(api, "professional"))
    await payouts.refresh()
    payouts.choose("BR")
    await payouts.set_up()
    assert payouts.page_error == "Please choose the country in which you live and have your bank account."


async def test_what_is_on_hold_is_said_with_its_reason(api: FakeApi) -> None:
    api.earned = api.earned.model_copy(update={"on_hold_minor": 4050, "on_hold_reason": "account"})
    async with shown(services_of(api, "professional"), EarningsScreen) as app:
        await app.shows("On hold: $40.50.")
        await app.shows("The payment provider needs something from you")


def test_nothing_on_hold_is_not_spoken_of_and_a_reason_of_a_later_release_is(api: FakeApi) -> None:
    assert hold_words(api.earned) == ""
    later = api.earned.model_copy(update={"on_hold_minor": 100, "on_hold_reason": "something new"})
    assert hold_words(later).startswith("On hold: $1.00.")


async def test_upcoming_says_when_it_is_paid_out(api: FakeApi) -> None:
    async with shown(services_of(api, "professional"), EarningsScreen) as app:
        await app.shows("Week by week")
        assert "Upcoming: $40.50, paid out after the session" in app.labels()
        await app.shows("Each session is paid out a day after it ends")


async def test_the_smallest_price_is_the_backends(api: FakeApi) -> None:
    api.minimum_price_minor = 425
    async with settings(api) as app:
        await app.until(lambda: api.count("payouts") == 1)
        await fill(app, "14", "15", "4.24")
        await app.submit("Price")
        await app.until(lambda: app.field("Price").error == "The price must be between $4.25 and $250.00.")
        assert api.count("create_slot") == 0
    assert price_error("4.25", 425) == ""
