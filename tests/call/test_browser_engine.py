"""The engine whose call runs on a page of its own: what attendance makes of it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from app.call import browser_engine
from app.call.browser_engine import GONE_AFTER_S, BrowserEngine
from app.call.contract.call_state import CallState, EndReason
from app.call.contract.engine import CallCredentials
from tests.waiting import until

URL = "https://rendezvous.example.com/call/1#access_token=x"
CREDENTIALS = CallCredentials("1", "session_1", "wss://livekit.example.com", "x", "user_1", "user", URL, "k" * 43)
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
BOTH, ALONE, NOBODY = frozenset({"user", "professional"}), frozenset({"user"}), frozenset[str]()


class Stage:
    """A room of which attendance is known, a clock, and what has been opened."""

    def __init__(self) -> None:
        self.present: frozenset[str] | None = NOBODY
        self.fault: Exception | None = None
        self.now = NOW
        self.opened: list[str] = []
        self.polls = 0
        self.engine = BrowserEngine(self._open, self._attendance, lambda: self.now)

    async def _open(self, url: str) -> None:
        self.opened.append(url)

    async def _attendance(self, session_id: str) -> frozenset[str] | None:
        assert session_id == CREDENTIALS.session_id
        self.polls += 1
        if self.fault is not None:
            raise self.fault
        return self.present

    async def see(self, present: frozenset[str] | None) -> None:
        """That is what the room says, and it has been asked twice since."""
        self.present, before = present, self.polls
        await until(lambda: self.polls >= before + 2, "the room is asked", 5)

    async def state(self, wanted: CallState) -> None:
        await until(lambda: self.engine.snapshot().state is wanted, f"it is {wanted}", 5)


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    monkeypatch.setattr(browser_engine, "POLL_S", 0.005)
    stage = Stage()
    await stage.engine.prepare()
    await stage.engine.join(CREDENTIALS)
    yield stage
    await stage.engine.close()


async def test_joining_opens_the_page_and_waits_for_the_person_to_be_there(stage: Stage) -> None:
    assert stage.opened == [URL]
    await stage.see(frozenset({"professional"}))
    assert stage.engine.snapshot().state is CallState.CONNECTING, "the other one is there, this person is not"


async def test_it_follows_who_is_in_the_room(stage: Stage) -> None:
    stage.present = ALONE
    await stage.state(CallState.WAITING)
    assert stage.engine.snapshot().peer is None
    stage.present, stage.now = BOTH, NOW + timedelta(minutes=1)
    await stage.state(CallState.IN_CALL)
    snapshot = stage.engine.snapshot()
    assert (snapshot.joined_at, snapshot.in_call_since) == (NOW, NOW + timedelta(minutes=1))
    stage.present, stage.now = ALONE, NOW + timedelta(minutes=2)
    await stage.state(CallState.WAITING)
    assert stage.engine.snapshot().in_call_since == NOW + timedelta(minutes=1)


async def test_a_page_that_is_closed_ends_the_call_and_one_that_is_reloaded_does_not(stage: Stage) -> None:
    stage.present = BOTH
    await stage.state(CallState.IN_CALL)
    await stage.see(frozenset({"professional"}))
    stage.now += timedelta(seconds=GONE_AFTER_S - 1)
    await stage.see(frozenset({"professional"}))
    assert stage.engine.snapshot().state is CallState.IN_CALL
    await stage.see(BOTH)  # reloaded: it counts from the beginning
    await stage.see(NOBODY)
    stage.now += timedelta(seconds=GONE_AFTER_S - 1)
    await stage.see(NOBODY)
    assert stage.engine.snapshot().state is not CallState.ENDED
    stage.now += timedelta(seconds=2)
    await stage.state(CallState.ENDED)
    assert stage.engine.snapshot().end_reason is EndReason.LEFT


async def test_what_is_not_known_changes_nothing(stage: Stage) -> None:
    stage.present = BOTH
    await stage.state(CallState.IN_CALL)
    stage.now += timedelta(minutes=5)
    await stage.see(None)
    stage.fault = RuntimeError("something unforeseen")
    await stage.see(NOBODY)
    assert stage.engine.snapshot().state is CallState.IN_CALL
    stage.fault = None
    await stage.see(BOTH)
    assert stage.engine.snapshot().state is CallState.IN_CALL


async def test_recording_is_the_pages_own(stage: Stage) -> None:
    before = stage.engine.snapshot()
    await stage.engine.ask_to_record("a.mp4")
    await stage.engine.answer_recording("1", True)
    await stage.engine.stop_recording()
    assert stage.engine.snapshot() == before


async def test_leaving_ends_it_here_and_asks_nobody_any_more(stage: Stage) -> None:
    stage.present = BOTH
    await stage.state(CallState.IN_CALL)
    states: list[CallState] = []
    stage.engine.subscribe(lambda snapshot: states.append(snapshot.state))
    await stage.engine.leave()
    await stage.engine.close()
    assert states == [CallState.ENDED]
    polls = stage.polls
    await asyncio.sleep(0.05)  # ten polls' worth
    assert stage.polls == polls
