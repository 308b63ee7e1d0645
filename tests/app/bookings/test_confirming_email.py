"""Book asks for the code from the mail where it was pressed, and then goes on."""

from datetime import timedelta

import pytest

from app.errors import Offline
from app.screens.public_microsite_pt_view import ProfessionalPage
from app.state.core.services import Services
from tests.app.stage.harness import Harness
from tests.app.stage.session_stage import services_of, shown
from tests.fakes.api import NOW, FakeApi
from tests.fakes.instants import wire_time
from tests.fakes.mails import CODE

TIME = "14:00 to 14:45, $45.00"


@pytest.fixture
def api() -> FakeApi:
    api = FakeApi()
    api.unverified = True
    api.add_professional(from_price="45.00", next_free_at=wire_time(NOW + timedelta(hours=4)))
    api.add_slot("first", NOW + timedelta(hours=4))
    return api


@pytest.fixture
def services(api: FakeApi) -> Services:
    return services_of(api, "user")


async def press_book(app: Harness) -> None:
    await app.shows("14:00")
    await app.click(TIME)
    await app.click("Book 14:00, $45.00")
    await app.shows("Confirm your e-mail")


@pytest.mark.parametrize("width", [390, 1280])
async def test_the_right_code_books_the_time_that_was_chosen(api: FakeApi, services: Services, width: float) -> None:
    async with shown(services, lambda: ProfessionalPage("pro-1"), width=width) as app:
        await press_book(app)
        await app.shows("We sent a code to a@example.com.")
        await app.type(f"{CODE[:3]} {CODE[3:]}", "Code")
        await app.click("Confirm and book")
        await app.shows("Held for you")
    assert services.account.account is not None
    assert services.account.account.email_verified
    assert [call for call in api.calls if call.startswith("book")] == ["book first", "book first"]


async def test_a_wrong_code_is_said_at_its_field_and_enter_tries_another(api: FakeApi, services: Services) -> None:
    async with shown(services, lambda: ProfessionalPage("pro-1")) as app:
        await press_book(app)
        await app.shows("We sent a code to")
        await app.click("Confirm and book")
        assert app.field("Code").error == "Type the 6 digits from the mail."
        await app.type("111111", "Code")
        await app.submit("Code")
        assert "This code is not right" in str(app.field("Code").error)
        await app.type(CODE, "Code")
        await app.submit("Code")
        await app.shows("Held for you")


async def test_not_now_leaves_the_time_chosen(services: Services) -> None:
    async with shown(services, lambda: ProfessionalPage("pro-1")) as app:
        await press_book(app)
        await app.click("Not now")
        await app.shows("Book 14:00, $45.00")


async def test_another_time_is_booked_by_its_own_button_and_the_code_stays_good(
    api: FakeApi, services: Services
) -> None:
    api.add_slot("second", NOW + timedelta(hours=5))
    async with shown(services, lambda: ProfessionalPage("pro-1")) as app:
        await press_book(app)
        await app.shows("We sent a code to a@example.com.")
        await app.click("15:00 to 15:45, $45.00")
        await app.click("Book 15:00, $45.00")
        await app.shows("We sent a code to a@example.com.")
        await app.type(CODE, "Code")
        await app.click("Confirm and book")
        await app.shows("Held for you")
    assert api.count("send_email_code") == 1
    assert [call for call in api.calls if call.startswith("book")] == ["book first", "book second", "book second"]


async def test_a_code_that_could_not_be_sent_can_be_asked_for_again(api: FakeApi, services: Services) -> None:
    api.fail["send_email_code"] = Offline()
    async with shown(services, lambda: ProfessionalPage("pro-1")) as app:
        await press_book(app)
        await app.until(lambda: app.field("Code").error)
        del api.fail["send_email_code"]
        await app.click("Send a new code")
        await app.shows("We sent a code to a@example.com.")
        await app.click("Send a new code")
        await app.shows("A new code is on its way to a@example.com.")
