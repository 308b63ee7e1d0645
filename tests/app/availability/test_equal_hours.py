"""Two equal hours of the night on which the clocks go back, wherever they are shown to who books."""

import datetime as dt
from zoneinfo import ZoneInfo

from app.api.models import FreeSlot
from app.components.bookings.microsite.slot_picker import slot_label
from app.screens.public_microsite_pt_view import ProfessionalPage
from tests.app.stage.session_stage import services_of, shown
from tests.fakes.api import FakeApi
from tests.fakes.instants import wire_time

NEW_YORK = ZoneInfo("America/New_York")
FIRST = dt.datetime(2027, 11, 7, 5, tzinfo=dt.UTC)


def slot(starts_at: dt.datetime, minutes: int = 60) -> FreeSlot:
    times = {"starts_at": starts_at.isoformat(), "ends_at": (starts_at + dt.timedelta(minutes=minutes)).isoformat()}
    return FreeSlot.model_validate({"id": "s", "price": "45.00"} | times)


def test_a_screen_reader_is_told_which_of_the_two_it_is() -> None:
    assert slot_label(slot(FIRST), NEW_YORK, chosen=False) == "01:00 EDT to 01:00 EST, $45.00"
    assert slot_label(slot(FIRST + dt.timedelta(hours=1)), NEW_YORK, chosen=True).startswith("01:00 EST to 02:00,")


def test_a_time_over_midnight_says_so() -> None:
    late = slot(dt.datetime(2027, 11, 3, 3, tzinfo=dt.UTC), 120)
    assert slot_label(late, NEW_YORK, chosen=False) == "23:00 to 01:00 (next day), $45.00"


async def test_the_times_and_the_book_button_name_the_offset() -> None:
    api = FakeApi()
    api.now = dt.datetime(2027, 11, 6, 12, tzinfo=dt.UTC)
    api.add_professional(next_free_at=wire_time(FIRST))
    for number in range(2):
        api.add_slot(f"s{number}", FIRST + dt.timedelta(hours=number), minutes=60)
    services = services_of(api, "user", NEW_YORK)
    async with shown(services, lambda: ProfessionalPage("pro-1")) as app:
        await app.shows("01:00 EDT")
        await app.shows("01:00 EST")
        await app.click("01:00 EST to 02:00, $45.00")
        await app.shows("Book 01:00 EST, $45.00")
