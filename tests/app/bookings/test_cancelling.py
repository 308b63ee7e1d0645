"""The view model of cancelling a session."""

import asyncio
from datetime import timedelta

import pytest

from app.api.models import Role
from app.errors import Offline
from app.state.bookings.cancelling import Cancelling, CancelStage
from tests.app.stage.booking_stage import book
from tests.app.stage.session_stage import services_of
from tests.fakes.api import NOW, FakeApi

HOUR = timedelta(hours=1)


@pytest.fixture
def api() -> FakeApi:
    api = FakeApi()
    api.add_professional()
    return api


def cancelling(api: FakeApi, starts_in: timedelta = 24 * HOUR, role: Role = "user") -> Cancelling:
    services = services_of(api, role)
    return Cancelling(services, role, api.booking(book(api, starts_in)))


async def test_nothing_can_be_agreed_to_before_the_amount_is_known(api: FakeApi) -> None:
    asked = cancelling(api)
    assert (asked.question, await asked.confirm()) == (None, None)
    assert api.count("cancel") == 0


async def test_what_is_agreed_to_is_what_was_shown(api: FakeApi) -> None:
    asked = cancelling(api, 5 * HOUR)
    await asked.poll()
    assert asked.question is not None
    assert asked.question.button == "Cancel and get $22.50 back"
    cancelled = await asked.confirm()
    assert cancelled is not None
    assert (cancelled.status, cancelled.refund_words) == ("cancelled", "$22.50")
    assert "cancel booking-1 2250" in api.calls


async def test_an_amount_that_shrank_is_shown_and_asked_again(api: FakeApi) -> None:
    asked = cancelling(api, 13 * HOUR)
    await asked.poll()
    api.now += 2 * HOUR
    assert await asked.confirm() is None
    assert (asked.stage, asked.changed) == (CancelStage.ASKING, True)
    assert asked.question is not None
    assert asked.question.button == "Cancel and get $22.50 back"
    assert await asked.confirm() is not None


async def test_it_polls_again_just_when_the_amount_changes(api: FakeApi) -> None:
    asked = cancelling(api, 12 * HOUR + timedelta(seconds=5))
    assert await asked.poll() == pytest.approx(5.5)
    api.now += timedelta(seconds=5.5)
    await asked.poll()
    assert asked.changed


async def test_a_refusal_says_why(api: FakeApi) -> None:
    asked = cancelling(api, HOUR)
    await asked.poll()
    api.now = NOW + HOUR
    assert await asked.confirm() is None
    assert (asked.stage, asked.error) == (
        CancelStage.REFUSED,
        "This session has begun, so it can no longer be cancelled.",
    )


async def test_out_of_reach_at_first_can_be_tried_again(api: FakeApi) -> None:
    asked = cancelling(api)
    api.fail["cancellation"] = Offline()
    await asked.poll()
    assert (asked.stage, asked.question) == (CancelStage.OUT_OF_REACH, None)
    del api.fail["cancellation"]
    await asked.poll()
    assert asked.stage is CancelStage.ASKING


async def test_out_of_reach_while_cancelling_keeps_the_question(api: FakeApi) -> None:
    asked = cancelling(api)
    await asked.poll()
    api.fail["cancel"] = Offline()
    assert await asked.confirm() is None
    assert asked.stage is CancelStage.ASKING
    assert "It is safe to try again." in asked.error


async def test_a_second_press_meanwhile_does_nothing(api: FakeApi) -> None:
    asked = cancelling(api)
    await asked.poll()
    gate = api.hold("cancel")
    first = asyncio.create_task(asked.confirm())
    await api.until_called("cancel")
    assert asked.stage is CancelStage.CANCELLING
    assert await asked.confirm() is None
    gate.set()
    assert await first is not None
    assert api.count("cancel") == 1


async def test_a_poll_that_was_under_way_does_not_ask_again_after_the_yes(api: FakeApi) -> None:
    asked = cancelling(api)
    await asked.poll()
    looks = api.hold("cancellation")
    looking = asyncio.create_task(asked.poll())
    await api.until_called("cancellation", 2)
    yes = api.hold("cancel")
    agreed = asyncio.create_task(asked.confirm())
    await api.until_called("cancel")
    looks.set()
    await looking
    assert asked.stage is CancelStage.CANCELLING
    yes.set()
    assert await agreed is not None


async def test_a_professional_gives_everything_back_until_the_end(api: FakeApi) -> None:
    asked = cancelling(api, HOUR, "professional")
    api.now = NOW + HOUR + timedelta(minutes=10)
    await asked.poll()
    assert asked.question is not None
    assert asked.question.headline == "Grace Hopper gets a full refund of $45.00."
    assert await asked.confirm() is not None
