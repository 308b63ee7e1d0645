"""Tests the connection before a call: joins a room of one's own, finds how media travels, and leaves."""

import asyncio
import contextlib
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

from livekit import rtc

from app.call.contract.engine import ConnectionCheck, Reachability
from app.call.room.room_connection import JoinOutcome, RoomConnection

JOIN_LIMIT_S = 8.0
MEDIA_LIMIT_S = 8.0
POLL_INTERVAL_S = 0.2
Result = TypeVar("Result")


class ConnectionChecks:
    """Lives on the media loop. A connection that is being made must never be cancelled: so each check is a task that
    its caller cannot cancel, `close` lets it give up, and waits for what it had begun.
    """

    def __init__(self) -> None:
        self._given_up = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()

    async def check(self, url: str, token: str) -> ConnectionCheck:
        """Leaving goes on behind its back, since it takes 5 s when nothing answers any more."""
        return await asyncio.shield(self._start(self._check(url, token), "checking the connection"))

    def _start(self, work: Coroutine[Any, Any, Result], name: str) -> "asyncio.Task[Result]":
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _check(self, url: str, token: str) -> ConnectionCheck:
        connection = RoomConnection({})
        try:
            match await connection.connect(url, token, JOIN_LIMIT_S, self._given_up):
                case JoinOutcome.CONNECTED:
                    return await self._media(connection.room)
                case JoinOutcome.REFUSED | JoinOutcome.NO_ROOM:
                    return ConnectionCheck(Reachability.REFUSED)
                case _:
                    return ConnectionCheck(Reachability.NONE)
        finally:
            self._start(connection.disconnect(on_purpose=True), "leaving the check")

    async def _media(self, room: rtc.Room) -> ConnectionCheck:
        with contextlib.suppress(rtc.participant.PublishDataError):
            await room.local_participant.publish_data(b"check", topic="check")  # makes WebRTC connect
        until = time.monotonic() + MEDIA_LIMIT_S
        while time.monotonic() < until and not self._given_up.is_set():
            found = await _travelled(room)
            if found is not None:
                return found
            await asyncio.sleep(POLL_INTERVAL_S)
        return ConnectionCheck(Reachability.SIGNAL_ONLY)

    async def close(self) -> None:
        """Ends what is being checked, at once for whoever waits for it; returns when the last connection is gone."""
        self._given_up.set()
        while self._tasks:
            await asyncio.wait(self._tasks)


async def _travelled(room: rtc.Room) -> ConnectionCheck | None:
    try:
        stats = await asyncio.wait_for(room.get_rtc_stats(), 1.0)
    except (RuntimeError, TimeoutError):  # not connected at this moment
        return None
    every = (*stats.publisher_stats, *stats.subscriber_stats)
    local = {
        each.local_candidate.rtc.id: each.local_candidate.candidate
        for each in every
        if each.WhichOneof("stats") == "local_candidate"
    }
    pairs = [each.candidate_pair.candidate_pair for each in every if each.WhichOneof("stats") == "candidate_pair"]
    for pair in pairs:
        if pair.nominated and pair.responses_received:
            candidate = local.get(pair.local_candidate_id)
            tcp = candidate is not None and candidate.protocol == "tcp"
            mean_ms = 1000 * pair.total_round_trip_time / pair.responses_received
            return ConnectionCheck(Reachability.TCP if tcp else Reachability.UDP, mean_ms)
    return None
