"""The consent to a recording between two real engines over a real room: what may be written, and how fast it ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.call.contract.call_state import CallState
from app.call.contract.recording import RecordingEnd, RecordingState
from app.call.state.machine import CallEvent
from tests.fakes.recorder import FakeRecorder
from tests.live.conftest import MakeSide
from tests.live.sides import Side, both_in_call
from tests.live.test_rejoin import Backend, away
from tests.stage.livekit_server import LivekitServer
from tests.stage.tokens import credentials
from tests.waiting import until

FILE = str(Path("somewhere") / "Ben.mp4")
WITHIN_S = 1.0
"""From the press of the one to the last frame that the other writes."""


@dataclass
class Recording:
    """Anna asks Ben; `recorders` are those that she has made."""

    anna: Side
    ben: Side
    recorders: list[FakeRecorder] = field(default_factory=list)

    @property
    def recorder(self) -> FakeRecorder:
        return self.recorders[-1]

    async def ask(self) -> str:
        """Ben is asked; the question's id."""
        await self.anna.engine.ask_to_record(FILE)
        ask_id = self.anna.now.recording.ask_id

        def asked() -> bool:
            seen = self.ben.now.peer_recording
            return seen is not None and seen.ask_id == ask_id

        await until(asked, "Ben is asked just that")
        return ask_id

    async def begin(self) -> str:
        ask_id = await self.ask()
        await self.ben.engine.answer_recording(ask_id, True)
        await self.is_shown(RecordingState.RECORDING)
        await until(lambda: self.bens.writing, "Ben is shown that he is recorded")
        return ask_id

    @property
    def bens(self) -> "Seen":
        seen = self.ben.now.peer_recording
        return Seen(seen is not None, seen is not None and seen.writing)

    async def is_shown(self, state: RecordingState, end: RecordingEnd | None = None, limit_s: float = 20) -> None:
        def shown() -> bool:
            own = self.anna.now.recording
            return (own.state, own.end) == (state, end)

        await until(shown, lambda: f"{state}, {end}: {self.anna.now.recording}", limit_s)


@dataclass(frozen=True)
class Seen:
    there: bool
    writing: bool


@asynccontextmanager
async def together(side: MakeSide, backend: Backend | None = None) -> AsyncIterator[Recording]:
    recorders: list[FakeRecorder] = []

    def new_recorder() -> FakeRecorder:
        recorders.append(FakeRecorder())
        return recorders[-1]

    anna, ben = await side("anna", new_recorder=new_recorder), await side("ben")
    if backend is None:
        await both_in_call(anna, ben)
    else:
        await asyncio.gather(anna.join(backend.for_(anna)), ben.join(backend.for_(ben)))
        await asyncio.gather(anna.state(CallState.IN_CALL), ben.state(CallState.IN_CALL))
    yield Recording(anna, ben, recorders)


async def test_a_no_writes_nothing(side: MakeSide) -> None:
    async with together(side) as recording:
        ask_id = await recording.ask()
        assert recording.bens == Seen(there=True, writing=False)
        await recording.ben.engine.answer_recording(ask_id, False)
        await recording.is_shown(RecordingState.ENDED, RecordingEnd.REFUSED)
        assert not recording.recorders
        await until(lambda: not recording.bens.there, "Ben is not asked any more")


async def test_what_is_taken_back_is_not_written_a_second_later_and_can_be_asked_again(side: MakeSide) -> None:
    async with together(side) as recording:
        ask_id = await recording.begin()
        first = recording.recorder
        assert first.writing
        await recording.ben.engine.answer_recording(ask_id, False)
        await until(lambda: not first.writing, "nothing is written any more", WITHIN_S)
        await recording.is_shown(RecordingState.ENDED, RecordingEnd.WITHDRAWN)
        await recording.anna.engine.stop_recording()
        await recording.begin()
        assert (first.told, recording.recorder.told) == ([True, False], [True])


async def test_stopping_it_is_shown_to_both(side: MakeSide) -> None:
    async with together(side) as recording:
        await recording.begin()
        await recording.anna.engine.stop_recording()
        assert not recording.recorder.writing
        await recording.is_shown(RecordingState.ENDED, RecordingEnd.STOPPED)
        await until(lambda: not recording.bens.there, "Ben is not recorded any more")


async def test_the_question_goes_with_who_asked_it(side: MakeSide) -> None:
    async with together(side) as recording:
        await recording.begin()
        recording.recorder.finishes.clear()
        leaving = asyncio.ensure_future(recording.anna.engine.close())
        await until(lambda: not recording.recorder.writing, "nothing is written any more", WITHIN_S)
        await until(lambda: not recording.bens.there, "Ben is not recorded any more")
        assert not leaving.done(), "the file is still being made ready"
        media = recording.anna.engine._media
        assert media is not None
        media.post(recording.recorder.finishes.set)
        await leaving
        await recording.is_shown(RecordingState.ENDED, RecordingEnd.CALL_ENDED)


async def test_it_ends_when_the_other_leaves(side: MakeSide) -> None:
    async with together(side) as recording:
        await recording.begin()
        await recording.ben.engine.close()
        await recording.is_shown(RecordingState.ENDED, RecordingEnd.PEER_LEFT)
        assert recording.recorder.told == [True, False]


@pytest.mark.parametrize("who", ["anna", "ben"])
async def test_a_rejoin_pauses_it_until_the_yes_is_repeated_over_the_new_connection(
    side: MakeSide, server: LivekitServer, room: str, who: str
) -> None:
    backend = Backend(server, room)
    async with together(side, backend) as recording:
        await recording.begin()
        backend.answer = away
        one = recording.anna if who == "anna" else recording.ben
        call, media = one.engine._call, one.engine._media
        assert call is not None
        assert media is not None
        media.post(call._connection_ended, CallEvent.CONNECTION_LOST)
        await until(lambda: False in recording.recorder.told, "nothing is written meanwhile")
        backend.answer = lambda identity: credentials(server, room, identity)
        await recording.is_shown(RecordingState.RECORDING, limit_s=40)
        assert recording.recorder.told[-1]
        assert len(recording.recorders) == 1, "the same file goes on"
        await until(lambda: recording.bens.writing, "Ben sees it again")


async def test_a_visit_that_is_new_has_to_say_yes_again(side: MakeSide) -> None:
    """As a page that is loaded again: it has forgotten what its person had said."""
    async with together(side) as recording:
        await recording.begin()
        again = await side("ben")
        await again.join()
        await again.state(CallState.IN_CALL)
        await until(lambda: again.now.peer_recording, "the new one is asked")
        asked = again.now.peer_recording
        assert asked is not None
        assert asked.agreed is None
        assert not recording.recorder.writing
        await recording.is_shown(RecordingState.PAUSED)
        await again.engine.answer_recording(asked.ask_id, True)
        await recording.is_shown(RecordingState.RECORDING)
        assert recording.recorder.told == [True, False, True]
