"""The view model of both people's session lists."""

import asyncio
from datetime import timedelta

import pytest

from app.errors import Offline, Problem
from app.state.bookings.session_lists import IDLE_POLL_S, PAYING_POLL_S, WAITING_POLL_S, SessionList, by_day
from app.state.core.fetching import Phase
from tests.app.stage.booking_stage import HOUR, book, book_hold
from tests.app.stage.sample_bookings import NOON, booking
from tests.app.stage.session_stage import BERLIN, services_of
from tests.fakes.api import FakeApi


@pytest.fixture
def api() -> FakeApi:
    api = FakeApi()
    api.add_professional()
    return api


def user_list(api: FakeApi, when: str = "upcoming") -> SessionList:
    return SessionList(services_of(api, "user"), "user", when)


async def test_the_next_session_is_the_first_that_can_still_lead_to_a_call(api: FakeApi) -> None:
    book_hold(api, HOUR)
    paid = book(api, 2 * HOUR)
    sessions = user_list(api)
    await sessions.refresh()
    assert sessions.next is not None
    assert sessions.next.id == paid


async def test_a_refresh_keeps_as_many_sessions_as_were_shown(api: FakeApi) -> None:
    for number in range(130):
        book(api, number * HOUR)
    sessions = user_list(api)
    await sessions.refresh()
    while sessions.more:
        await sessions.load_more()
    await sessions.refresh()
    assert len(sessions.items) == 130


async def test_pages_are_appended_until_there_is_no_more(api: FakeApi) -> None:
    for number in range(25):
        book(api, number * HOUR)
    sessions = user_list(api)
    await sessions.refresh()
    first = (len(sessions.items), sessions.more)
    await sessions.load_more()
    assert (first, (len(sessions.items), sessions.more)) == ((20, True), (25, False))


async def test_a_lost_connection_before_anything_was_shown_is_offline(api: FakeApi) -> None:
    api.fail["my_bookings"] = Offline()
    sessions = user_list(api)
    await sessions.refresh()
    assert sessions.phase is Phase.OFFLINE


async def test_a_lost_connection_later_keeps_the_list_and_notes_it(api: FakeApi) -> None:
    book(api, HOUR)
    sessions = user_list(api)
    await sessions.refresh()
    api.fail["my_bookings"] = Offline()
    await sessions.refresh()
    assert (sessions.phase, len(sessions.items), bool(sessions.error)) == (Phase.READY, 1, True)


async def test_the_note_goes_when_the_backend_answers_again(api: FakeApi) -> None:
    book(api, HOUR)
    sessions = user_list(api)
    await sessions.refresh()
    api.fail["my_bookings"] = Offline()
    await sessions.refresh()
    del api.fail["my_bookings"]
    await sessions.refresh()
    assert sessions.error == ""


async def test_two_refreshes_at_once_ask_the_backend_once(api: FakeApi) -> None:
    gate = api.hold("my_bookings")
    sessions = user_list(api)
    both = asyncio.gather(sessions.refresh(), sessions.refresh())
    await asyncio.sleep(0)
    gate.set()
    await both
    assert api.count("my_bookings") == 1


async def test_a_failed_next_page_is_not_asked_for_again_by_every_scroll(api: FakeApi) -> None:
    for number in range(25):
        book(api, number * HOUR)
    sessions = user_list(api)
    await sessions.refresh()
    api.fail["my_bookings"] = Offline()
    for _ in range(5):
        await sessions.load_more()
    assert api.count("my_bookings") == 2


async def test_the_list_polls_again_every_twenty_seconds(api: FakeApi) -> None:
    assert await user_list(api).poll() == IDLE_POLL_S


async def test_the_list_polls_again_just_when_the_next_room_opens(api: FakeApi) -> None:
    book(api, timedelta(minutes=15, seconds=7))
    assert await user_list(api).poll() == 7.0


async def test_an_open_room_is_polled_more_often(api: FakeApi) -> None:
    book(api, timedelta(minutes=5))
    assert await user_list(api).poll() == WAITING_POLL_S


async def test_the_other_persons_presence_in_an_open_room_is_told(api: FakeApi) -> None:
    session = book(api, timedelta(minutes=5))
    api.present[session] = ("professional",)
    sessions = user_list(api)
    await sessions.poll()
    assert sessions.other_waiting == session


async def test_ones_own_presence_is_nobody_waiting(api: FakeApi) -> None:
    session = book(api, timedelta(minutes=5))
    api.present[session] = ("user",)
    sessions = user_list(api)
    await sessions.poll()
    assert sessions.other_waiting == ""


async def test_a_room_that_is_not_open_is_not_polled(api: FakeApi) -> None:
    book(api, timedelta(minutes=16))
    await user_list(api).poll()
    assert api.count("presence") == 0


async def test_paying_opens_the_payment_page_and_polls_more_often(api: FakeApi) -> None:
    book_hold(api)
    sessions = user_list(api)
    await sessions.refresh()
    assert (sessions.start_paying(sessions.items[0]), sessions.poll_s) == ("http://pay.test", PAYING_POLL_S)


async def test_a_payment_seen_ends_the_faster_polling(api: FakeApi) -> None:
    held = book_hold(api)
    sessions = user_list(api)
    await sessions.refresh()
    sessions.start_paying(sessions.items[0])
    api.pay(held)
    await sessions.poll()
    assert (sessions.paying, sessions.items[0].payment_status) == (frozenset(), "paid")


async def test_a_hold_that_ran_out_cannot_be_paid(api: FakeApi) -> None:
    book_hold(api)
    sessions = user_list(api)
    await sessions.refresh()
    api.now += timedelta(minutes=10)
    assert sessions.start_paying(sessions.items[0]) is None


async def test_backing_out_takes_the_hold_off_the_list(api: FakeApi) -> None:
    book_hold(api)
    sessions = user_list(api)
    await sessions.refresh()
    assert (await sessions.release(sessions.items[0]), sessions.items) == ("", ())


async def test_backing_out_twice_asks_the_backend_once(api: FakeApi) -> None:
    book_hold(api)
    sessions = user_list(api)
    await sessions.refresh()
    gate = api.hold("release")
    both = asyncio.gather(*(sessions.release(sessions.items[0]) for _ in range(2)))
    await asyncio.sleep(0)
    gate.set()
    await both
    assert api.count("release") == 1


async def test_backing_out_of_what_is_no_hold_any_more_says_so_and_shows_what_it_is(api: FakeApi) -> None:
    held = book_hold(api)
    sessions = user_list(api)
    await sessions.refresh()
    api.pay(held)
    api.fail["release"] = Problem("NotHeld", 409, "This time is not held any more.")
    told = await sessions.release(sessions.items[0])
    assert (told, sessions.items[0].status) == ("This time is not held any more.", "confirmed")


async def test_a_professional_sees_no_holds(api: FakeApi) -> None:
    book_hold(api)
    sessions = SessionList(services_of(api, "professional"), "professional")
    await sessions.refresh()
    assert sessions.items == ()


def test_sessions_are_grouped_by_the_viewers_days() -> None:
    before, after = booking(NOON.replace(hour=22, minute=30)), booking(NOON.replace(hour=23, minute=30))
    days = by_day((before, after), BERLIN, NOON)  # Berlin's midnight is at 23:00 UTC
    assert [day.words for day in days] == ["Today", "Tomorrow"]
