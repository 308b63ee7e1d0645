"""From a chosen time to a paid session, and every way in which that goes wrong."""

import asyncio
from datetime import timedelta

import pytest

from app.api.models import Role
from app.errors import NotSignedIn, Offline, Problem
from app.state.bookings.booking_flow import BookingFlow, Stage
from app.state.bookings.microsite import Microsite
from app.state.core.shown_error import NextStep, ShownError
from tests.app.stage.session_stage import services_of
from tests.fakes.api import HOLD, NOW, FakeApi
from tests.fakes.instants import wire_time

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@pytest.fixture
def api() -> FakeApi:
    api = FakeApi()
    api.add_professional(next_free_at=wire_time(NOW + 4 * HOUR))
    api.add_slot("first", NOW + 4 * HOUR)
    api.add_slot("second", NOW + 5 * HOUR)
    return api


def flow_of(api: FakeApi, role: Role = "user") -> tuple[BookingFlow, Microsite]:
    services = services_of(api, role)
    microsite = Microsite(services, "pro-1")
    return BookingFlow(services, "pro-1", microsite.refresh), microsite


def stage_of(flow: BookingFlow) -> Stage:
    """Asked by a call: mypy believes that an attribute stays what it was compared with."""
    return flow.stage


async def held(api: FakeApi) -> BookingFlow:
    flow, microsite = flow_of(api)
    await microsite.load()
    await flow.book(microsite.slots[0])
    assert stage_of(flow) is Stage.HELD
    return flow


async def test_booking_holds_the_time_and_counts_by_the_servers_clock(api: FakeApi) -> None:
    flow = await held(api)
    api.now = NOW + 48 * SECOND
    assert flow.left_s == (HOLD - 48 * SECOND).total_seconds()


async def test_pressing_book_twice_books_once(api: FakeApi) -> None:
    flow, microsite = flow_of(api)
    await microsite.load()
    slot = microsite.slots[0]
    await asyncio.gather(flow.book(slot), flow.book(slot))
    assert api.count("book") == 1


async def test_a_taken_time_names_the_next_free_one_and_disappears(api: FakeApi) -> None:
    flow, microsite = flow_of(api)
    await microsite.load()
    wanted = microsite.slots[0]
    api.slots["first"]["status"] = "booked"
    await flow.book(wanted)
    assert flow.error is not None
    assert flow.error.text == "This time was just booked. 15:00 is free."
    assert [each.id for each in flow.error.next_free] == ["second"]
    assert [each.id for each in microsite.slots] == ["second"]


async def test_a_next_free_time_of_another_day_is_named_with_its_day(api: FakeApi) -> None:
    api.slots["second"]["starts_at"] = wire_time(NOW + 24 * HOUR)
    flow, microsite = flow_of(api)
    await microsite.load()
    wanted = microsite.slots[0]
    api.slots["first"]["status"] = "booked"
    await flow.book(wanted)
    assert flow.error is not None
    assert flow.error.text == "This time was just booked. Tomorrow 10:00 is free."


async def test_a_lost_answer_is_no_conflict_with_oneself(api: FakeApi) -> None:
    flow, microsite = flow_of(api)
    await microsite.load()
    wanted = microsite.slots[0]
    await api.book("first")  # arrived, its answer did not
    await flow.book(wanted)
    assert stage_of(flow) is Stage.HELD
    assert flow.booking is not None
    assert flow.booking.slot_id == "first"


@pytest.mark.parametrize(
    ("error", "words", "next_step"),
    [
        (Problem("TooManyHolds", 409, "no"), "You are already holding two other times", NextStep.MY_SESSIONS),
        (Problem("OverlappingSession", 409, "no"), "You have another session at this time", NextStep.MY_SESSIONS),
        (Offline(), "Rendezvous cannot be reached", NextStep.NONE),
        (NotSignedIn(), "You are signed out", NextStep.NONE),
        (Problem("NotFound", 404, "no"), "This time is no longer available", NextStep.NONE),
    ],
)
async def test_every_refusal_says_what_to_do(api: FakeApi, error: Exception, words: str, next_step: NextStep) -> None:
    flow, microsite = flow_of(api)
    await microsite.load()
    api.fail["book"] = error  # type: ignore[assignment]  # parametrize knows only Exception
    await flow.book(microsite.slots[0])
    assert stage_of(flow) is Stage.CHOOSING
    assert flow.error is not None
    assert flow.error.text.startswith(words)
    assert flow.error.next_step is next_step


async def test_a_limit_is_said_with_its_wait_and_the_button_says_it_until_it_is_over(api: FakeApi) -> None:
    flow, microsite = flow_of(api)
    await microsite.load()
    why = "You have let several times go without paying. You can hold the next one in 2 minutes."
    api.fail["book"] = Problem("TooManyAttempts", 429, why, retry_after_s=120)
    await flow.book(microsite.slots[0])
    assert flow.error == ShownError(why)
    assert flow.why_not(microsite.slots[0]) == "You can book again in 2 min."
    assert flow.why_not(None) == "You can book again in 2 min."
    del api.fail["book"]
    api.now += timedelta(seconds=120)
    assert flow.why_not(microsite.slots[0]) == ""
    flow.waited()
    assert flow.error is None
    await flow.book(microsite.slots[0])
    assert stage_of(flow) is Stage.HELD


async def test_backing_out_frees_the_time_at_once(api: FakeApi) -> None:
    flow, microsite = flow_of(api)
    await microsite.load()
    await flow.book(microsite.slots[0])
    await microsite.refresh()
    assert [each.id for each in microsite.slots] == ["second"]
    await flow.back_out()
    assert stage_of(flow) is Stage.CHOOSING
    assert [each.id for each in microsite.slots] == ["first", "second"]


async def test_backing_out_of_what_was_just_paid_shows_the_session(api: FakeApi) -> None:
    flow = await held(api)
    api.pay("booking-1")
    await flow.back_out()
    assert stage_of(flow) is Stage.CONFIRMED


async def test_backing_out_offline_keeps_the_hold_and_says_when_it_ends(api: FakeApi) -> None:
    flow = await held(api)
    api.fail["release"] = Offline()
    await flow.back_out()
    assert stage_of(flow) is Stage.HELD
    assert flow.error is not None
    assert "is released in 10 min" in flow.error.text


async def test_paying_elsewhere_shows_at_the_next_poll(api: FakeApi) -> None:
    flow = await held(api)
    flow.opened_checkout()
    await flow.poll()
    assert stage_of(flow) is Stage.HELD
    api.pay("booking-1")
    await flow.poll()
    assert stage_of(flow) is Stage.CONFIRMED


async def test_a_declined_card_keeps_the_hold_and_is_said(api: FakeApi) -> None:
    flow = await held(api)
    api.bookings["booking-1"]["payment_status"] = "failed"
    await flow.poll()
    assert stage_of(flow) is Stage.HELD
    assert flow.declined


async def test_a_poll_that_reaches_nobody_keeps_the_hold(api: FakeApi) -> None:
    flow = await held(api)
    api.fail["session"] = Offline()
    await flow.poll()
    assert stage_of(flow) is Stage.HELD
    assert flow.out_of_reach
    del api.fail["session"]
    await flow.poll()
    assert not flow.out_of_reach


async def test_a_hold_that_ran_out_says_so_and_frees_the_time(api: FakeApi) -> None:
    flow = await held(api)
    api.now = NOW + HOLD
    api.bookings["booking-1"] |= {"status": "expired", "hold_expires_at": None, "checkout_url": None}
    await flow.poll()
    assert stage_of(flow) is Stage.OVER
    assert flow.ended_message == "Your hold ran out before you paid. The time is free again."


async def test_a_hold_runs_out_by_the_servers_clock_even_when_nobody_answers(api: FakeApi) -> None:
    flow = await held(api)
    api.now = NOW + HOLD
    api.fail["session"] = Offline()
    await flow.poll()
    assert stage_of(flow) is Stage.OVER


async def test_a_payment_known_only_after_the_hold_still_becomes_the_session(api: FakeApi) -> None:
    flow = await held(api)
    flow.opened_checkout()
    api.now = NOW + HOLD
    await flow.poll()
    assert stage_of(flow) is Stage.OVER
    api.pay("booking-1")
    await flow.poll()
    assert stage_of(flow) is Stage.CONFIRMED


async def test_money_for_a_time_that_was_gone_is_said_to_come_back(api: FakeApi) -> None:
    flow = await held(api)
    api.bookings["booking-1"] |= {"status": "expired", "payment_status": "refund_pending"}
    await flow.poll()
    assert stage_of(flow) is Stage.OVER
    assert "being refunded" in flow.ended_message


async def test_a_hold_left_open_is_found_again(api: FakeApi) -> None:
    await held(api)
    flow, _ = flow_of(api)
    await flow.find_hold()
    assert stage_of(flow) is Stage.HELD
    assert flow.booking is not None
    assert flow.booking.id == "booking-1"


async def test_holds_are_asked_for_until_the_backend_answers_and_then_no_more(api: FakeApi) -> None:
    """The page asks every 20 seconds for as long as it is open; the answer is every session to come."""
    flow, _ = flow_of(api)
    api.fail["my_bookings"] = Offline()
    await flow.find_hold()
    del api.fail["my_bookings"]
    for _ in range(5):
        await flow.find_hold()
    assert api.count("my_bookings") == 2


async def test_a_hold_at_somebody_else_is_not_taken_for_this_one(api: FakeApi) -> None:
    api.add_professional("pro-2")
    api.add_slot("theirs", NOW + 8 * HOUR, professional_id="pro-2")
    await api.book("theirs")
    flow, _ = flow_of(api)
    await flow.find_hold()
    assert stage_of(flow) is Stage.CHOOSING


async def test_a_hold_that_is_over_is_not_taken_up(api: FakeApi) -> None:
    await held(api)
    api.now = NOW + HOLD
    flow, _ = flow_of(api)
    await flow.find_hold()
    assert stage_of(flow) is Stage.CHOOSING


async def test_professionals_cannot_book_and_are_told_why(api: FakeApi) -> None:
    flow, microsite = flow_of(api, "professional")
    await microsite.load()
    assert "your page" in flow.why_not(microsite.slots[0])
    flow.professional_id = "pro-2"
    assert "signed in as a professional" in flow.why_not(microsite.slots[0])


async def test_the_calendar_file_is_the_backends(api: FakeApi) -> None:
    flow = await held(api)
    api.pay("booking-1")
    await flow.poll()
    assert (await flow.calendar_file() or b"").startswith(b"BEGIN:VCALENDAR")
