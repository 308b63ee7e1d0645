"""What the screens stand on, over the fake backend and over the real one: the same steps leave the same state in both.

The screens' own tests use the fake; what it let pass and the real backend refuses would show here.
"""

import datetime as dt

import pytest
from fastapi import FastAPI

from app.api.client import ApiClient
from app.api.models import FreeSlot
from app.state.account.profile_editing import ProfileEditing
from app.state.availability.own_slots import OwnSlots
from app.state.bookings.booking_flow import BookingFlow, Stage
from app.state.bookings.browsing import Browsing
from app.state.bookings.cancelling import CancelStage
from app.state.bookings.microsite import Microsite
from app.state.bookings.session_detail import SessionDetail
from app.state.bookings.session_lists import SessionList
from app.state.core.fetching import Phase
from app.state.core.services import Services
from app.state.payouts.earnings import OwnEarnings
from app.state.payouts.payout_setup import PayoutSetup
from tests.backend.stage import MovableClock
from tests.contract.conftest import Pay
from tests.contract.worlds import NORA, FakeWorld, RealWorld, World


@pytest.fixture(params=["fake", "real"])
def world(request: pytest.FixtureRequest) -> World:
    if request.param == "fake":
        return FakeWorld()
    found: World = request.getfixturevalue("real_world")
    return found


@pytest.fixture
async def real_world(nora: ApiClient, sam: ApiClient, pay: Pay, backend: FastAPI, clock: MovableClock) -> World:
    return RealWorld({"professional": nora, "user": sam}, pay, backend, clock)


async def offer(world: World, *hours: int) -> str:
    """Nora offers these hours of tomorrow for $45; answers who she is."""
    nora = await world.nora()
    for hour in hours:
        await nora.api.create_slot(world.day, dt.time(hour), dt.time(hour, 45), 4500)
    account = nora.account.account
    assert account is not None
    return account.id


async def page_of(services: Services, professional_id: str) -> tuple[Microsite, BookingFlow]:
    """Her page, read, with the booking on it."""
    page = Microsite(services, professional_id)
    await page.load()
    return page, BookingFlow(services, professional_id, page.refresh)


async def booked(world: World, *hours: int) -> tuple[Services, SessionDetail]:
    """Sam has booked and paid the first of these hours; his details of it."""
    professional_id = await offer(world, *hours)
    sam = await world.sam()
    page, flow = await page_of(sam, professional_id)
    await flow.book(page.slots[0])
    assert flow.booking is not None
    await world.pay(flow.booking)
    await flow.poll()
    assert flow.stage is Stage.CONFIRMED
    detail = SessionDetail(sam, "user", flow.booking.id)
    await detail.poll()
    return sam, detail


def hours(slots: tuple[FreeSlot, ...]) -> list[int]:
    return [slot.starts_at.hour for slot in slots]


async def test_who_is_searched_for_is_found_and_who_does_not_fit_is_not(world: World) -> None:
    await offer(world, 14)
    browsing = Browsing(await world.sam(), debounce_s=0.0)
    await browsing.refresh()
    assert (browsing.phase, [each.name for each in browsing.items]) == (Phase.READY, [NORA])
    assert browsing.categories
    await browsing.search("nobody of that name")
    assert (browsing.items, browsing.more, browsing.searching) == ((), False, False)
    await browsing.clear()
    assert [each.name for each in browsing.items] == [NORA]


async def test_a_time_is_held_paid_and_gone_from_the_page(world: World) -> None:
    page, flow = await page_of(await world.sam(), await offer(world, 14, 17))
    assert (page.phase, page.day, hours(page.slots)) == (Phase.READY, world.day, [13, 16])
    assert page.marks[world.day] == 2
    await flow.book(page.slots[0])
    assert (flow.stage, flow.error) == (Stage.HELD, None)
    assert flow.booking is not None
    assert flow.left_s > 0
    await flow.poll()
    assert flow.stage is Stage.HELD
    await world.pay(flow.booking)
    await flow.poll()
    assert (flow.stage, flow.booking.status) == (Stage.CONFIRMED, "confirmed")
    assert hours(page.slots) == [16]
    assert await flow.calendar_file()


async def test_a_hold_is_found_again_given_back_and_free_for_others(world: World) -> None:
    sam = await world.sam()
    professional_id = await offer(world, 14)
    sam = await world.sam()
    page, flow = await page_of(sam, professional_id)
    await flow.book(page.slots[0])
    _, on_another_device = await page_of(sam, professional_id)
    await on_another_device.find_hold()
    assert on_another_device.stage is Stage.HELD
    await on_another_device.back_out()
    assert (on_another_device.stage, on_another_device.error) == (Stage.CHOOSING, None)
    await flow.poll()
    assert (flow.stage, flow.ended_message) == (Stage.OVER, "This time was released.")
    assert hours(page.slots) == [13]


async def test_a_time_that_is_taken_says_so_and_what_is_free_instead(world: World) -> None:
    professional_id = await offer(world, 14, 17)
    sam = await world.sam()
    page, flow = await page_of(sam, professional_id)
    nora = await world.nora()
    slots = OwnSlots.of(nora)
    await slots.choose(world.day)
    assert await slots.delete(slots.slots[0]) == ""
    await world.sam()
    await flow.book(page.slots[0])
    assert flow.stage is Stage.CHOOSING
    assert flow.error is not None
    assert hours(page.slots) == [16]


async def test_both_lists_show_the_session_and_what_comes_next(world: World) -> None:
    sam, detail = await booked(world, 14)
    mine = SessionList(sam, "user")
    await mine.refresh()
    assert (mine.phase, mine.more, mine.holds) == (Phase.READY, False, ())
    assert mine.next is not None
    assert (mine.next.id, mine.next.other("user").name) == (detail.session_id, NORA)
    hers = SessionList(await world.nora(), "professional")
    await hers.poll()
    assert [each.id for each in hers.items] == [detail.session_id]
    past = SessionList(await world.nora(), "professional", "past")
    await past.refresh()
    assert (past.phase, past.items, past.next) == (Phase.READY, (), None)


async def test_a_session_moves_to_another_time_and_its_old_one_is_free(world: World) -> None:
    sam, detail = await booked(world, 14, 17)
    detail.start_moving()
    assert detail.moving is not None
    await detail.moving.poll()
    assert detail.moving.why_not == "Choose a time first."
    detail.moving.times.choose(detail.moving.times.slots[0])
    assert detail.moving.why_not == ""
    assert await detail.move() == "Moved to tomorrow 17:00. Your payment stays with it."
    assert detail.booking is not None
    assert (detail.booking.starts_at.hour, detail.booking.status) == (16, "confirmed")
    page, _ = await page_of(sam, detail.booking.professional.id)
    assert hours(page.slots) == [13]


async def test_a_session_is_cancelled_for_what_was_shown_and_the_money_comes_back(world: World) -> None:
    _, detail = await booked(world, 14)
    detail.start_cancelling()
    assert detail.cancelling is not None
    await detail.cancelling.poll()
    assert detail.cancelling.stage is CancelStage.ASKING
    assert detail.cancelling.cancellation is not None
    assert detail.cancelling.cancellation.refund_minor == 4500
    assert (await detail.cancel()).startswith("Cancelled.")
    assert detail.booking is not None
    assert (detail.booking.status, detail.booking.payment_status) == ("cancelled", "refund_pending")
    assert (detail.why_not_cancel != "", detail.why_not_move != "") == (True, True)
    world.settle_refund(detail.booking)
    await detail.poll()
    assert detail.booking.payment_status == "refunded"


async def test_a_professional_cancels_with_everything_back_and_the_hour_is_gone(world: World) -> None:
    _, of_sam = await booked(world, 14)
    detail = SessionDetail(await world.nora(), "professional", of_sam.session_id)
    await detail.poll()
    detail.start_cancelling()
    assert detail.cancelling is not None
    await detail.cancelling.poll()
    assert (await detail.cancel()).startswith("Cancelled.")
    assert detail.booking is not None
    page, _ = await page_of(await world.sam(), detail.booking.professional.id)
    assert page.slots == ()


async def test_own_hours_are_shown_deleted_and_brought_back(world: World) -> None:
    await offer(world, 14, 17)
    slots = OwnSlots.of(await world.nora())
    await slots.choose(world.day)
    await slots.refresh()
    assert [each.start_time.hour for each in slots.slots] == [14, 17]
    assert slots.marks[world.day] == 2
    gone = slots.slots[0]
    assert await slots.delete(gone) == ""
    assert await slots.delete(gone) == "", "gone already is what was wanted"
    assert [each.start_time.hour for each in slots.slots] == [17]
    assert await slots.restore(gone) == ""
    await slots.refresh()
    assert [each.start_time.hour for each in slots.slots] == [14, 17]


async def test_an_hour_that_is_booked_cannot_be_deleted(world: World) -> None:
    await booked(world, 14)
    slots = OwnSlots.of(await world.nora())
    await slots.choose(world.day)
    assert await slots.delete(slots.slots[0]) != ""
    assert [each.status for each in slots.slots] == ["booked"]


async def test_payouts_and_earnings_of_somebody_who_is_set_up(world: World) -> None:
    payouts = PayoutSetup(await world.nora())
    await payouts.poll()
    assert (payouts.is_ready, payouts.is_wanted, payouts.why_not_publish) == (True, False, "")
    assert await payouts.see_payouts()
    earnings = OwnEarnings(await world.nora())
    await earnings.poll()
    assert earnings.phase is Phase.READY
    assert earnings.shown is not None
    assert earnings.zone.key == "Europe/Berlin"
    await earnings.choose(4)
    assert len(earnings.shown.weeks) <= 4


async def test_a_profile_is_changed_and_what_is_wrong_with_it_is_said_at_its_field(world: World) -> None:
    editing = ProfileEditing(await world.nora())
    await editing.load()
    assert (editing.name, editing.is_changed) == (NORA, False)
    editing.edit("headline", "Strength for people who sit")
    assert await editing.save()
    assert not editing.is_changed
    again = ProfileEditing(await world.nora())
    await again.load()
    assert again.headline == "Strength for people who sit"
    again.edit("category", "no such category")
    assert not await again.save()
    assert "category" in again.field_errors
    again.discard()
    assert not again.is_changed
