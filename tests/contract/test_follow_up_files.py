"""Files with a follow-up, over the fake backend and over the real one."""

import datetime as dt
from uuid import uuid4

import pytest
from fastapi import FastAPI

from app.api.client import ApiClient
from app.api.models import Booking
from app.errors import Problem
from app.state.bookings import follow_up_files as of_the_app
from backend.calls.rules import files
from tests.backend.stage import MovableClock
from tests.contract.conftest import Pay
from tests.contract.worlds import FakeWorld, RealWorld, World
from tests.fakes import follow_ups as fake

CONTENT = bytes(range(256)) * 2000
NAME = "خطة plan.pdf"


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
    """Sam's, paid, and over."""
    slot = await (await world.nora()).api.create_slot(world.day, dt.time(14), dt.time(14, 45), 4500)
    sam = (await world.sam()).api
    held = await sam.book(slot.id)
    await world.pay(held)
    booking = await sam.session(held.id)
    world.set_clock(booking.ends_at)
    return booking


async def test_a_file_is_uploaded_sent_and_read_by_the_other(world: World, booking: Booking) -> None:
    nora, file_id, sent_bytes, come_bytes = (await world.nora()).api, str(uuid4()), list[int](), list[int]()
    file = await nora.put_follow_up_file(booking.id, file_id, NAME, CONTENT, sent_bytes.append)
    assert (file.id, file.name, file.size) == (file_id, NAME, len(CONTENT))
    assert "plan" not in repr(file), "a log says nothing of it"
    assert sent_bytes[-1] == len(CONTENT)
    assert await nora.put_follow_up_file(booking.id, file_id, NAME, CONTENT) == file, "its answer was lost"
    assert (await nora.follow_up(booking.id)).unsent == (file,)
    assert (await (await world.sam()).api.follow_up(booking.id)).unsent == ()
    sent = await (await world.nora()).api.send_follow_up(booking.id, "Thank you", [file_id])
    assert sent is not None
    assert sent.files == (file,)
    sam = (await world.sam()).api
    assert (await sam.follow_up(booking.id)).follow_up == sent
    assert await sam.follow_up_file(booking.id, file_id, come_bytes.append) == CONTENT
    assert come_bytes[-1] == len(CONTENT)


async def test_what_is_not_sent_is_not_the_others_to_read(world: World, booking: Booking) -> None:
    file_id = str(uuid4())
    await (await world.nora()).api.put_follow_up_file(booking.id, file_id, NAME, CONTENT)
    with pytest.raises(Problem) as refused:
        await (await world.sam()).api.follow_up_file(booking.id, file_id)
    assert refused.value.error == "NotFound"


async def test_what_is_refused_has_its_name(world: World, booking: Booking) -> None:
    nora = (await world.nora()).api
    ids = [str(uuid4()) for _ in range(5)]
    for each in ids:
        await nora.put_follow_up_file(booking.id, each, NAME, b"")

    async def refusal_of(file_id: str, content: bytes) -> str:
        with pytest.raises(Problem) as refused:
            await nora.put_follow_up_file(booking.id, file_id, NAME, content)
        return refused.value.error

    assert await refusal_of(str(uuid4()), b"x" * (10 * 1024 * 1024 + 1)) == "PayloadTooLarge"
    assert await refusal_of(str(uuid4()), b"x") == "TooManyFiles"
    assert await refusal_of(ids[0], b"x") == "FileIdTaken"
    await nora.delete_follow_up_file(booking.id, ids[0])
    await nora.delete_follow_up_file(booking.id, ids[0])
    with pytest.raises(Problem) as missing:
        await nora.send_follow_up(booking.id, "Thank you", ids)
    assert missing.value.error == "FileMissing"
    await nora.send_follow_up(booking.id, "Thank you", ids[1:])
    assert await refusal_of(str(uuid4()), b"x") == "FollowUpSent"
    with pytest.raises(Problem) as sent:
        await nora.delete_follow_up_file(booking.id, ids[1])
    assert sent.value.error == "FollowUpSent"


def test_the_app_knows_the_limits_of_the_backend() -> None:
    backends = (files.MOST_FILES, files.LARGEST_FILE)
    assert backends == (of_the_app.MOST_FILES, of_the_app.LARGEST_FILE) == (fake.MOST_FILES, fake.LARGEST_FILE)
