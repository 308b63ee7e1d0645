"""Notes and the follow-up, over the fake backend and over the real one."""

import datetime as dt

import pytest
from fastapi import FastAPI

from app.api.client import ApiClient
from app.api.models import Booking, Note, SentFollowUp
from app.errors import Problem
from tests.backend.stage import MovableClock
from tests.contract.conftest import Pay
from tests.contract.worlds import FakeWorld, RealWorld, World


@pytest.fixture(params=["fake", "real"])
def world(request: pytest.FixtureRequest) -> World:
    if request.param == "fake":
        return FakeWorld()
    found: World = request.getfixturevalue("real_world")
    return found


@pytest.fixture
async def real_world(nora: ApiClient, sam: ApiClient, pay: Pay, backend: FastAPI, clock: MovableClock) -> World:
    return RealWorld({"professional": nora, "user": sam}, pay, backend, clock)


@pytest.fixture
async def booking(world: World) -> Booking:
    """Sam's, paid."""
    slot = await (await world.nora()).api.create_slot(world.day, dt.time(14), dt.time(14, 45), 4500)
    sam = (await world.sam()).api
    held = await sam.book(slot.id)
    await world.pay(held)
    return await sam.session(held.id)


async def test_notes_are_their_authors_alone(world: World, booking: Booking) -> None:
    sam = (await world.sam()).api
    assert await sam.note(booking.id) == Note(text="", version=0)
    saved = await sam.save_note(booking.id, "  mine\n", 0)
    assert (saved.text, saved.version) == ("  mine\n", 1)
    assert await sam.save_note(booking.id, "  mine\n", 0) == saved, "its answer was lost"
    assert "mine" not in repr(saved), "a log says nothing of it"
    nora = (await world.nora()).api
    assert (await nora.note(booking.id)).text == ""
    assert (await (await world.sam()).api.note(booking.id)) == saved


async def test_what_another_device_saved_comes_with_the_refusal(world: World, booking: Booking) -> None:
    sam = (await world.sam()).api
    await sam.save_note(booking.id, "one", 0)
    newer = await sam.save_note(booking.id, "two", 1)
    with pytest.raises(Problem) as refused:
        await sam.save_note(booking.id, "three", 1)
    assert (refused.value.error, refused.value.status, refused.value.note) == ("NoteChanged", 409, newer)


async def test_the_follow_up_comes_once_and_after_the_session(world: World, booking: Booking) -> None:
    nora = (await world.nora()).api
    with pytest.raises(Problem) as early:
        await nora.send_follow_up(booking.id, "Thank you")
    assert early.value.error == "SessionNotOver"
    world.set_clock(booking.ends_at)
    assert await nora.follow_up(booking.id) == SentFollowUp()
    sent = await nora.send_follow_up(booking.id, "Thank you")
    assert sent is not None
    assert "Thank" not in repr(sent), "a log says nothing of it"
    assert await nora.send_follow_up(booking.id, "Thank you") == sent
    with pytest.raises(Problem) as again:
        await nora.send_follow_up(booking.id, "One more thing")
    assert again.value.error == "FollowUpSent"
    assert (await (await world.sam()).api.follow_up(booking.id)).follow_up == sent
