"""Looking around without an account: search and public pages are everybody's, and Book leads on after signing in."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.error_names import ErrorName
from app.errors import Problem
from app.state.core.history import instant_in_route, place_after, professional_route, sign_in_for
from tests.app.stage.harness import Harness
from tests.app.stage.whole_app import PASSWORD, app_of, path, sign_in, two_accounts
from tests.fakes.account_api import FakeAccountApi
from tests.fakes.api import NOW
from tests.fakes.instants import wire_time

HOUR = timedelta(hours=1)
CHOSEN = NOW + 29 * HOUR
LINK = professional_route("pro-1", CHOSEN)


@pytest.fixture
def api() -> FakeAccountApi:
    api = two_accounts()
    api.add_professional(from_price="45.00", next_free_at=wire_time(NOW + 4 * HOUR))
    api.add_slot("first", NOW + 4 * HOUR)
    api.add_slot("tomorrow", CHOSEN)
    return api


async def chosen(app: Harness) -> None:
    """The time is chosen and, on a phone, scrolled to."""
    await app.until(lambda: "scroll_to" in [name for name, _ in app.connection.calls])
    await app.settle(20)
    await app.until(lambda: any(label.endswith(", selected") and "45" in label for label in app.labels()))


async def test_anyone_may_search_and_read_a_public_page(api: FakeAccountApi) -> None:
    async with app_of(api, route="/find") as app:
        await app.shows("Ada Lovelace")
        assert "my_bookings" not in " ".join(api.calls)
        await app.go("/professional/pro-1")
        await app.shows("Ten years of coaching.")
        await app.shows("Choose a time first.")
        await app.click("Back")
        await app.until(lambda: path(app) == "/find")


async def test_what_is_a_persons_own_asks_to_sign_in_first(api: FakeAccountApi) -> None:
    for route in ("/my-sessions", "/settings", "/upcoming", "/session/x", "/"):
        async with app_of(api, route=route) as app:
            await app.shows("Good to see you.")


async def test_the_sign_in_screen_leads_to_the_search(api: FakeAccountApi) -> None:
    async with app_of(api) as app:
        await app.shows("Good to see you.")
        await app.click("Browse without an account")
        await app.shows("Ada Lovelace")


async def test_a_link_to_a_time_opens_its_day_with_the_time_chosen(api: FakeAccountApi) -> None:
    async with app_of(api, route=LINK, zone="Europe/Berlin") as app:
        await chosen(app)
        await app.shows("Tomorrow, 25 November")
        assert app.is_enabled("Book 15:00, $45.00")


async def test_booking_goes_on_after_signing_in(api: FakeAccountApi) -> None:
    async with app_of(api, route=LINK, zone="Europe/Berlin") as app:
        await chosen(app)
        await app.click("Book 15:00, $45.00")
        await app.shows("Good to see you.")
        await sign_in(app, "grace@example.com")
        await app.until(lambda: path(app) == LINK)
        await chosen(app)
        await app.click("Book 15:00, $45.00")
        await app.shows("Held for you")


async def test_booking_goes_on_after_signing_up(api: FakeAccountApi) -> None:
    async with app_of(api, route="/professional/pro-1", zone="Europe/Berlin") as app:
        await app.shows("14:00")
        await app.click("14:00 to 14:45, $45.00")
        await app.click("Book 14:00, $45.00")
        await app.shows("Good to see you.")
        await app.click("Create an account")
        await app.until(lambda: path(app).startswith("/sign-up"))
        await app.type("Kim New", label="Name")
        await app.type("kim@example.com", label="E-mail")
        await app.type(PASSWORD, label="Password")
        await app.click("Create account")
        await app.until(lambda: path(app) == professional_route("pro-1", NOW + 4 * HOUR))
        await chosen(app)
        assert app.is_enabled("Book 14:00, $45.00")


async def test_the_way_back_from_creating_an_account_keeps_the_time(api: FakeAccountApi) -> None:
    async with app_of(api, route=sign_in_for(LINK, "/sign-up")) as app:
        await app.shows("How will you use Rendezvous?")
        await app.click("Sign in")
        await app.shows("Good to see you.")
        assert path(app) == sign_in_for(LINK)


async def test_a_time_that_is_taken_or_over_is_said_and_another_can_be_chosen(api: FakeAccountApi) -> None:
    del api.slots["tomorrow"]
    async with app_of(api, route=LINK, zone="Europe/Berlin") as app:
        await app.shows("15:00 is no longer free. Choose another time.")
    over = professional_route("pro-1", NOW - HOUR)
    async with app_of(api, route=over, zone="Europe/Berlin") as app:
        await app.shows("The time in your link is over.")
        await app.click("14:00 to 14:45, $45.00")
        assert not any("over" in text for text in app.texts())


async def test_a_professional_who_was_sent_to_sign_in_sees_the_page_too(api: FakeAccountApi) -> None:
    async with app_of(api, route=sign_in_for(LINK)) as app:
        await app.shows("Good to see you.")
        await sign_in(app, "ada@example.com")
        await app.until(lambda: path(app) == LINK)
        await app.shows("Ten years of coaching.")


@pytest.mark.parametrize("signed_in", [False, True])
async def test_a_link_to_a_public_page_that_opens_the_app_leads_to_it(api: FakeAccountApi, signed_in: bool) -> None:
    api.people["pro-1"]["handle"] = "ada"
    async with app_of(api, route="/find") as app:
        await app.shows("Ada Lovelace")
        if signed_in:
            await app.go("/sign-in")
            await sign_in(app, "grace@example.com")
            await app.until(lambda: path(app) == "/find")
        await app.go("/p/ada")
        await app.until(lambda: path(app) == "/professional/pro-1")
        await app.shows("Ten years of coaching.")
        await app.go("/p/nobody")
        await app.shows("There is no such page.")
        await app.click("Find someone")
        await app.until(lambda: path(app) == "/find")


async def test_a_guests_search_that_fails_says_so(api: FakeAccountApi) -> None:
    name: ErrorName = "ServiceUnavailable"
    api.fail["professionals"] = Problem(name, 503, "The service is not available.")
    async with app_of(api, route="/find") as app:
        await app.shows("The service is not available.")


@pytest.mark.parametrize(
    ("route", "place"),
    [
        ("/sign-in", ""),
        ("/sign-up/", ""),
        ("/", ""),
        ("", ""),
        ("/settings", "/settings"),
        ("/sign-in/for/professional/x/20270302T0900Z", "/professional/x/20270302T0900Z"),
        ("/sign-up/for/sign-in/for/find", "/find"),
        ("/sign-in/for/", ""),
        ("/sign-in/elsewhere", ""),
        ("/sign-in/for" * 10_000 + "/find", "/find"),
    ],
)
def test_where_somebody_goes_on_to(route: str, place: str) -> None:
    assert place_after(route) == place
    assert place_after(sign_in_for(route)) == place


@given(st.integers(0, 60 * 24 * 365 * 100))
def test_a_time_in_a_path_is_read_as_it_was_written(minutes: int) -> None:
    minute = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    assert instant_in_route(professional_route("x", minute).rsplit("/", 1)[-1]) == minute


@given(st.text(max_size=20))
def test_what_is_no_time_is_none(text: str) -> None:
    found = instant_in_route(text)
    assert found is None or found.tzinfo is UTC
