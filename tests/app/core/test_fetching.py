"""No late answer overwrites a newer fact: in every view model that fetches."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from app.api.models import Role
from app.errors import Offline, Problem
from app.state.account.profile_editing import ProfileEditing
from app.state.availability.own_slots import OwnSlots
from app.state.bookings.browsing import Browsing
from app.state.bookings.microsite import Microsite
from app.state.bookings.session_detail import SessionDetail
from app.state.bookings.session_lists import SessionList
from app.state.core.fetching import Fetching, Phase, Requests
from app.state.core.services import Services
from app.state.payouts.earnings import OwnEarnings
from app.state.payouts.payout_setup import PayoutSetup
from tests.app.stage.details_stage import HOUR, api_with_a_session
from tests.app.stage.session_stage import services_of
from tests.app.stage.settings_stage import TODAY, professionals_api
from tests.fakes.api import NOW, FakeApi


class Answers:
    """Answers given one by one, in any order."""

    def __init__(self) -> None:
        self.asked: list[asyncio.Future[str]] = []
        self._came = asyncio.Event()

    def __call__(self) -> Awaitable[str]:
        self.asked.append(asyncio.get_running_loop().create_future())
        self._came.set()
        return self.asked[-1]

    async def until_asked(self, times: int) -> None:
        while len(self.asked) < times:
            self._came.clear()
            await self._came.wait()


async def meanwhile(answers: Answers, ask: Callable[[], Awaitable[object]], times: int) -> "asyncio.Task[object]":
    task: asyncio.Task[object] = asyncio.ensure_future(ask())
    await answers.until_asked(times)
    return task


async def test_only_the_newest_request_is_answered() -> None:
    requests, answers = Requests(), Answers()
    first = await meanwhile(answers, lambda: requests.newest(answers), 1)
    second = await meanwhile(answers, lambda: requests.newest(answers), 2)
    answers.asked[1].set_result("new")
    answers.asked[0].set_result("old")
    assert (await first, await second) == (None, "new")


async def test_an_overtaken_request_fails_silently() -> None:
    requests, answers = Requests(), Answers()
    first = await meanwhile(answers, lambda: requests.newest(answers), 1)
    second = await meanwhile(answers, lambda: requests.newest(answers), 2)
    answers.asked[0].set_exception(Offline())
    answers.asked[1].set_exception(Offline())
    assert await first is None
    with pytest.raises(Offline):
        await second


async def test_what_was_asked_before_a_newer_fact_is_asked_again() -> None:
    requests, answers = Requests(), Answers()
    task = await meanwhile(answers, lambda: requests.newest(answers, "day"), 1)
    requests.outdate("another day")
    requests.outdate("day")
    answers.asked[0].set_result("before")
    await answers.until_asked(2)
    answers.asked[1].set_result("after")
    assert await task == "after"


async def test_a_failure_stands_beside_what_is_shown_and_in_the_place_of_nothing() -> None:
    model = Fetching(services_of(FakeApi(), "user"))
    taken: list[str] = []

    async def fails() -> str:
        raise Offline("No answer.")

    async def fine() -> str:
        return "fine"

    await model.fetch(fails, taken.append, is_shown=lambda: bool(taken))
    assert (model.phase, model.error) == (Phase.OFFLINE, "No answer.")
    await model.fetch(fine, taken.append, is_shown=lambda: bool(taken))
    assert (model.phase, model.error, model.refreshed_at) == (Phase.READY, "", NOW)
    await model.fetch(fails, taken.append, is_shown=lambda: bool(taken))
    assert (model.phase, model.error) == (Phase.READY, "No answer.")


async def test_what_does_not_exist_has_its_own_sentence() -> None:
    model = Fetching(services_of(FakeApi(), "user"))

    async def gone() -> str:
        raise Problem("NotFound", 404, "There is nothing here.")

    await model.fetch(gone, lambda answer: None, is_shown=lambda: True, missing="It is gone.")
    assert (model.phase, model.error) == (Phase.MISSING, "It is gone.")


async def test_a_deleted_slot_does_not_come_back_with_an_answer_from_before() -> None:
    api = professionals_api()
    api.add_slot("slot-1", NOW + HOUR)
    own = OwnSlots.of(services_of(api, "professional"))
    await own.refresh()
    day, month = api.late("own_slots"), api.late("own_slot_days")
    polls = [asyncio.ensure_future(own.choose(TODAY)), asyncio.ensure_future(own.show_month(TODAY))]
    await api.until_called("own_slot_days", 2)
    assert await own.delete(own.slots[0]) == ""
    day.set()
    month.set()
    await asyncio.gather(*polls)
    assert own.slots == ()
    assert not own.marks


async def test_a_slot_that_was_just_added_stays_in_the_list() -> None:
    api = professionals_api()
    own = OwnSlots.of(services_of(api, "professional"))
    await own.refresh()
    arrives = api.late("own_slots")
    poll = asyncio.ensure_future(own.choose(TODAY))
    await api.until_called("own_slots", 2)
    own.put((await api.create_slot(TODAY, dt.time(14), dt.time(15), 4500),))
    arrives.set()
    await poll
    assert [f"{each.start_time:%H:%M}" for each in own.slots] == ["14:00"]


async def test_a_cancelled_session_does_not_read_confirmed_again() -> None:
    api = api_with_a_session()
    detail = SessionDetail(services_of(api, "user"), "user", "booking-1")
    await detail.poll()
    detail.start_cancelling()
    assert detail.cancelling is not None
    await detail.cancelling.poll()
    arrives = api.late("session")
    poll = asyncio.ensure_future(detail.poll())
    await api.until_called("session", 2)
    assert (await detail.cancel()).startswith("Cancelled.")
    arrives.set()
    await poll
    assert detail.booking is not None
    assert detail.booking.status == "cancelled"


async def test_a_time_that_was_given_back_is_held_no_more() -> None:
    api = FakeApi()
    api.add_professional()
    api.add_slot("slot-1", NOW + HOUR)
    held = await api.book("slot-1")
    sessions = SessionList(services_of(api, "user"), "user")
    await sessions.refresh()
    arrives = api.late("my_bookings")
    poll = asyncio.ensure_future(sessions.refresh())
    await api.until_called("my_bookings", 2)
    assert await sessions.release(held) == ""
    arrives.set()
    await poll
    assert sessions.holds == ()


async def test_a_saved_profile_is_not_undone_by_an_answer_from_before() -> None:
    api = professionals_api()
    editing = ProfileEditing(services_of(api, "professional"))
    await editing.load()
    arrives = api.late("own_profile")
    poll = asyncio.ensure_future(editing.load())
    await api.until_called("own_profile", 2)
    editing.edit("headline", "Strength at any age")
    assert await editing.save()
    arrives.set()
    await poll
    assert editing.headline == "Strength at any age"


async def test_of_two_requests_for_one_range_of_earnings_the_newer_counts() -> None:
    api = professionals_api()
    own = OwnEarnings(services_of(api, "professional"))
    arrives = api.late("earnings")
    slow = asyncio.ensure_future(own.refresh())
    await api.until_called("earnings")
    await own.refresh()
    newer = own.shown
    arrives.set()
    await slow
    assert own.shown is newer


async def test_a_time_that_was_just_taken_stays_away() -> None:
    api = api_with_a_session()
    microsite = Microsite(services_of(api, "user"), "pro-1")
    await microsite.load()
    assert [each.id for each in microsite.slots] == ["free"]
    arrives = api.late("free_slots")
    poll = asyncio.ensure_future(microsite.refresh())
    await asyncio.sleep(0)
    api.slots["free"]["status"] = "booked"
    microsite.forget("free")
    arrives.set()
    await poll
    assert microsite.slots == ()


Poll = Callable[[], Awaitable[object]]


def with_poll(model: Any) -> tuple[Any, Poll]:
    return model, model.poll


def with_refresh(model: Any) -> tuple[Any, Poll]:
    return model, model.refresh


POLLED: dict[str, tuple[Role, Callable[[Services], tuple[Any, Poll]]]] = {
    "search": ("user", lambda services: with_poll(Browsing(services))),
    "sessions": ("user", lambda services: with_poll(SessionList(services, "user"))),
    "their sessions": ("professional", lambda services: with_poll(SessionList(services, "professional"))),
    "session": ("user", lambda services: with_poll(SessionDetail(services, "user", "booking-1"))),
    "microsite": ("user", lambda services: with_refresh(Microsite(services, "pro-1"))),
    "slots": ("professional", lambda services: with_refresh(OwnSlots.of(services))),
    "earnings": ("professional", lambda services: with_poll(OwnEarnings(services))),
    "payouts": ("professional", lambda services: with_poll(PayoutSetup.of(services))),
}
"""Each view model that a screen asks again and again: who sees it, and how it is asked."""


@pytest.mark.parametrize("what", POLLED)
async def test_a_poll_that_brings_nothing_new_draws_nothing(what: str) -> None:
    """Drawing is most of what a session costs that nobody touches."""
    instants = [NOW]
    role, polled = POLLED[what]
    model, poll = polled(services_of(api_with_a_session(), role, now=lambda: instants[-1]))
    await poll()
    await poll()  # a month beside a day, a category: what comes only once
    drawn: list[str | None] = []

    def draw(sender: object, field: str | None) -> None:
        drawn.append(field)

    model.subscribe(draw)
    instants.append(NOW + dt.timedelta(seconds=25))
    await poll()
    assert drawn == []
    instants.append(NOW + dt.timedelta(seconds=70))
    await poll()
    assert set(drawn) <= {"refreshed_at"}
