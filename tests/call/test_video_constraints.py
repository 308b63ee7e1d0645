"""Requests for more or less video reach the peer in the order in which they were made, and a lost one comes again."""

import asyncio
import time
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any, cast

import pytest

from app.call.adaptation.controller import FULL_REPEAT_S, AdaptationController
from app.call.room.video_constraints import ReceiverVideoConstraints
from app.call.runtime.task_scope import TaskScope
from tests.waiting import until


class Stage:
    """A room whose messages take as long as the test wants."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.delivered: list[bytes] = []
        self.delay = asyncio.Event()
        self.delay.set()
        self.error: Exception | None = None
        room = SimpleNamespace(local_participant=SimpleNamespace(publish_data=self._publish))
        peer = SimpleNamespace(present=SimpleNamespace(identity="ben"), state=None)
        session = SimpleNamespace(room=room, peer=peer, subscribe_messages=lambda topic, handler: None)
        self.scope, self.adaptation = TaskScope(), AdaptationController()
        self.constraints = ReceiverVideoConstraints(cast(Any, session), self.adaptation, self.scope)

    async def _publish(self, request: bytes, **how: object) -> None:
        self.sent.append(request)
        if self.error is not None:
            raise self.error
        await self.delay.wait()
        self.delivered.append(request)

    def see(self, visible: bool) -> None:
        self.adaptation.remote_video_shown = visible
        self.constraints.send_due()


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    stage = Stage()
    yield stage
    await stage.scope.close()


async def test_a_request_waits_for_the_one_before_it_and_only_the_newest_of_those_that_wait_is_sent(
    stage: Stage,
) -> None:
    stage.delay.clear()
    stage.see(False)
    await until(lambda: stage.sent == [b"3"], "it is asked for none")
    stage.see(True)
    stage.see(False)
    stage.see(True)
    await asyncio.sleep(0)
    assert stage.sent == [b"3"]
    stage.delay.set()
    await until(lambda: stage.delivered == [b"3", b"0"], "the newest follows")


async def test_a_request_for_everything_that_got_lost_is_made_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.see(False)
    await until(lambda: stage.delivered == [b"3"], "it is asked for none")
    stage.error = ConnectionError("not connected just now")
    stage.see(True)
    await until(lambda: stage.sent == [b"3", b"0"], "it is tried")
    stage.error = None
    later_s = time.monotonic() + FULL_REPEAT_S
    monkeypatch.setattr(time, "monotonic", lambda: later_s)
    stage.constraints.send_due()
    for _ in range(20):  # the clock stands still, so nothing can be waited for by it
        await asyncio.sleep(0)
    assert stage.delivered == [b"3", b"0"]
