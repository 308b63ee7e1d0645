"""Professionals, their times, and what is booked: the client's methods and errors against the backend."""

import datetime as dt
import io
from collections.abc import Callable

import pytest
from PIL import Image

from app.api.client import ApiClient
from app.api.models import FreeSlot, QualityReport
from app.call.contract.call_state import EndReason
from app.call.contract.engine import RejoinRefused
from app.errors import NotSignedIn, Problem
from app.state.call.credentials import fresh_credentials, new_join_id
from tests.backend.stage import MovableClock
from tests.contract.bookings_stage import DAY, confirmed, offer
from tests.contract.conftest import Onboard, Pay, SignUp

BERLIN = "Europe/Berlin"
JOIN = "join-join-join-join"


async def test_a_profile_can_be_written_and_found(nora: ApiClient, sam: ApiClient) -> None:
    category = (await sam.categories())[0]
    await offer(nora)
    await nora.update_profile(headline="Strong and calm", about="Ten years.", category=category.id)
    found = await sam.professionals(q="calm", category=category.id)
    assert [card.name for card in found.items] == ["Nora Berg"]
    assert (await sam.professional(found.items[0].id)).about == "Ten years."
    assert (await nora.own_profile()).category_label == category.label


async def test_a_page_of_ones_own_has_the_address_that_one_chose(nora: ApiClient, sign_up: SignUp) -> None:
    suggested = (await nora.suggested_handle()).handle
    assert suggested == "nora-berg"
    chosen = await nora.update_profile(handle=suggested)
    assert (chosen.handle, chosen.public_url) == ("nora-berg", "http://backend.test/p/nora-berg")
    assert (await nora.handle("nora-berg")).professional_id == chosen.id
    other = await sign_up("professional", "Other Person")
    with pytest.raises(Problem) as caught:
        await other.update_profile(handle=suggested)
    assert (caught.value.error, list(caught.value.fields)) == ("HandleTaken", ["handle"])


async def test_searching_pages_by_cursor(sign_up: SignUp, onboard: Onboard) -> None:
    people = [await sign_up("professional", f"Person {letter}") for letter in "ABC"]
    for person in people:
        await onboard(person)
        await offer(person)
    first = await people[0].professionals(limit=2)
    second = await people[0].professionals(limit=2, cursor=first.next_cursor)
    assert (len(first.items), len(second.items), second.next_cursor) == (2, 1, None)


async def test_a_photo_can_be_put_and_taken_away(nora: ApiClient) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (640, 480), "teal").save(picture, "PNG")
    with_photo = await nora.put_photo(picture.getvalue(), "image/png")
    assert nora.photo_url(with_photo.photo_url or "").startswith("http://backend.test/professional/")
    assert (await nora.delete_photo()).photo_url is None


async def test_a_photo_that_is_none_is_named_at_its_field(nora: ApiClient) -> None:
    with pytest.raises(Problem) as caught:
        await nora.put_photo(b"not a picture", "image/png")
    assert "photo" in caught.value.fields


async def test_slots_are_made_listed_and_marked(nora: ApiClient) -> None:
    slot = await nora.create_slot(DAY, dt.time(14), dt.time(14, 45), 4500, repeat_weeks=2)
    assert (slot.price_minor, slot.start_time, slot.time_zone, len(slot.repeats)) == (4500, dt.time(14), BERLIN, 2)
    assert [listed.id for listed in (await nora.own_slots(DAY, DAY)).items] == [slot.id]
    assert (DAY, 1) in [(day.date, day.slots) for day in (await nora.own_slot_days(DAY)).days]


async def test_a_slot_may_end_at_midnight(nora: ApiClient) -> None:
    slot = await nora.create_slot(DAY, dt.time(23), dt.time(0), 100)
    assert slot.ends_at - slot.starts_at == dt.timedelta(hours=1)


async def test_a_wrong_slot_names_its_fields(nora: ApiClient) -> None:
    with pytest.raises(Problem) as caught:
        await nora.create_slot(DAY, dt.time(14), dt.time(13), 25000)
    assert "end_time" in caught.value.fields
    with pytest.raises(Problem) as caught:
        await nora.create_slot(DAY, dt.time(14), dt.time(15), 25001)
    assert "price" in caught.value.fields


async def test_an_overlapping_slot_is_a_conflict_in_words(nora: ApiClient) -> None:
    await offer(nora)
    with pytest.raises(Problem) as caught:
        await offer(nora)
    assert (caught.value.error, caught.value.status) == ("SlotOverlaps", 409)


async def test_a_deleted_slot_can_be_brought_back(nora: ApiClient) -> None:
    slot_id = await offer(nora)
    await nora.delete_slot(slot_id)
    assert (await nora.own_slots(DAY)).items == ()
    assert (await nora.restore_slot(slot_id)).id == slot_id


async def test_a_held_slot_cannot_be_deleted(nora: ApiClient, sam: ApiClient) -> None:
    slot_id = await offer(nora)
    await sam.book(slot_id)
    with pytest.raises(Problem) as caught:
        await nora.delete_slot(slot_id)
    assert caught.value.error == "SlotBooked"


async def test_free_times_are_read_in_the_viewers_zone(nora: ApiClient, sam: ApiClient) -> None:
    slot_id = await offer(nora)
    professional_id = (await nora.me()).id
    day = await sam.free_slots(professional_id, DAY, "America/New_York")
    month = await sam.free_days(professional_id, DAY, "America/New_York")
    assert ([slot.id for slot in day.items], day.professional_time_zone) == ([slot_id], BERLIN)
    assert [(free.date, free.free) for free in month.days] == [(DAY, 1)]


async def test_booking_holds_the_time_and_says_where_to_pay(
    nora: ApiClient, sam: ApiClient, clock: MovableClock
) -> None:
    held = await sam.book(await offer(nora))
    assert (held.status, held.payment_status, held.price_words) == ("held", "pending", "$45.00")
    assert held.checkout_url
    assert held.hold_expires_at == clock() + dt.timedelta(minutes=10)


async def test_a_taken_time_offers_the_next_free_ones(nora: ApiClient, sam: ApiClient, sign_up: SignUp) -> None:
    taken, free = await offer(nora, 14), await offer(nora, 15)
    await sam.book(taken)
    with pytest.raises(Problem) as caught:
        await (await sign_up("user", "Late Comer")).book(taken)
    assert caught.value.error == "SlotAlreadyTaken"
    assert [slot.id for slot in caught.value.next_free if isinstance(slot, FreeSlot)] == [free]


async def test_a_hold_can_be_given_back_once(nora: ApiClient, sam: ApiClient) -> None:
    held = await sam.book(await offer(nora))
    assert (await sam.release(held.id)).status == "cancelled"
    with pytest.raises(Problem) as caught:
        await sam.release(held.id)
    assert caught.value.error == "NotHeld"


async def test_a_paid_booking_is_confirmed_and_in_both_lists(nora: ApiClient, sam: ApiClient, pay: Pay) -> None:
    booking = await confirmed(nora, sam, pay)
    assert (booking.status, booking.payment_status) == ("confirmed", "paid")
    assert [mine.id for mine in (await sam.my_bookings()).items] == [booking.id]
    assert [hers.id for hers in (await nora.professional_sessions()).items] == [booking.id]
    assert (await sam.my_bookings(when="past")).items == ()


async def test_a_booking_comes_as_a_calendar_file(nora: ApiClient, sam: ApiClient, pay: Pay) -> None:
    booking = await confirmed(nora, sam, pay)
    assert (await sam.calendar_file(booking.id)).startswith(b"BEGIN:VCALENDAR")


async def test_a_call_too_early_says_when_it_opens(nora: ApiClient, sam: ApiClient, pay: Pay) -> None:
    booking = await confirmed(nora, sam, pay)
    with pytest.raises(Problem) as caught:
        await sam.call_link(booking.id, JOIN)
    assert (caught.value.error, caught.value.opens_at) == ("TooEarlyToStart", booking.join_opens_at)


async def test_the_connection_can_be_tried_at_any_time(sign_up: SignUp) -> None:
    sam = await sign_up("user", "Sam Vale")
    first, second = await sam.call_check(), await sam.call_check()
    assert first.room_name != second.room_name
    assert first.access_token not in repr(first)


async def test_both_get_their_own_way_into_the_same_room(
    nora: ApiClient, sam: ApiClient, pay: Pay, clock: MovableClock
) -> None:
    booking = await confirmed(nora, sam, pay)
    clock.set(booking.starts_at)
    hers, his = await nora.call_link(booking.id, JOIN), await sam.call_link(booking.id, JOIN)
    assert hers.room_name == his.room_name == f"session_{booking.id}"
    assert hers.access_token != his.access_token
    assert (hers.participant_role, his.participant_role) == ("professional", "user")
    assert (await sam.presence(booking.id)).present == ()


async def test_a_device_that_lost_its_connection_may_come_back_unless_the_person_has_joined_on_another_one(
    nora: ApiClient, sam: ApiClient, pay: Pay, clock: MovableClock
) -> None:
    booking = await confirmed(nora, sam, pay)
    clock.set(booking.starts_at)
    laptop, phone = new_join_id(), new_join_id()
    await sam.call_link(booking.id, laptop)
    await sam.call_link(booking.id, laptop, rejoin=True)
    await sam.call_link(booking.id, phone)
    with pytest.raises(RejoinRefused) as refused:
        await fresh_credentials(sam, booking.id, laptop)
    assert refused.value.reason is EndReason.JOINED_ELSEWHERE
    assert (await fresh_credentials(sam, booking.id, phone)).room_name == f"session_{booking.id}"


async def test_each_of_the_two_says_how_the_call_ran_and_both_see_it(
    nora: ApiClient, sam: ApiClient, pay: Pay, clock: MovableClock
) -> None:
    booking = await confirmed(nora, sam, pay)
    clock.set(booking.ends_at)
    report = QualityReport(measured_s=900, own_rating="fair", round_trip_ms=40, received_height=720)
    assert (await sam.report_quality(booking.id, report)).user == report
    kept = await nora.session_quality(booking.id)
    assert (kept.of("user"), kept.of("professional")) == (report, None)


async def test_what_is_not_ones_own_does_not_exist(nora: ApiClient, sam: ApiClient, sign_up: SignUp) -> None:
    held = await sam.book(await offer(nora))
    with pytest.raises(Problem) as caught:
        await (await sign_up("user", "Nosy Parker")).session(held.id)
    assert (caught.value.error, caught.value.status) == ("NotFound", 404)


async def test_a_user_cannot_publish_times(sam: ApiClient) -> None:
    with pytest.raises(Problem) as caught:
        await offer(sam)
    assert (caught.value.error, caught.value.status) == ("WrongRole", 403)


async def test_booking_needs_a_sign_in(nora: ApiClient, connect: Callable[[], ApiClient]) -> None:
    with pytest.raises(NotSignedIn):
        await connect().book(await offer(nora))
