"""Who asked to record, who agreed, and when: told to the backend by the side whose act it is."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from app.api.client import ApiClient
from app.api.sessions import RecordingEvent
from app.call.contract.call_state import CallSnapshot
from app.call.contract.recording import OwnRecording, PeerRecording, RecordingState
from app.errors import AppError, Problem
from app.state.call.trying_again import pause_after

REFUSALS = (404, 409, 422)
"""Final: telling it again would change nothing."""
UNDER_WAY = (RecordingState.ASKING, RecordingState.RECORDING, RecordingState.PAUSED)


@dataclass(frozen=True)
class Act:
    """`at` is aware UTC, by the server's clock."""

    ask_id: str
    event: RecordingEvent
    at: dt.datetime


class RecordingActs:
    """Has the backend keep this person's own acts, in their order, as often as it takes. A failure is nobody's end."""

    def __init__(self, api: ApiClient, session_id: str, now: Callable[[], dt.datetime]) -> None:
        self._api = api
        self._session_id = session_id
        self._now = now
        self._known: set[tuple[str, RecordingEvent]] = set()
        self._waiting: list[Act] = []

    def note(self, before: CallSnapshot, after: CallSnapshot) -> bool:
        """Whether there is anything new to tell."""
        found = [*_own(before.recording, after.recording), *self._answers(before.peer_recording, after.peer_recording)]
        return self._add(found)

    def note_end(self, recording: OwnRecording) -> bool:
        """The call is over, and with it what was recorded or asked."""
        return self._add([(recording.ask_id, "ended")] if recording.state in UNDER_WAY else [])

    def _add(self, found: list[tuple[str, RecordingEvent]]) -> bool:
        new = [each for each in found if each not in self._known]
        self._known.update(new)
        self._waiting += [Act(ask_id, event, self._now()) for ask_id, event in new]
        return bool(new)

    def _answers(self, before: PeerRecording | None, after: PeerRecording | None) -> list[tuple[str, RecordingEvent]]:
        if after is None or after.agreed is None or (before is not None and before == after):
            return []
        if after.agreed:
            return [(after.ask_id, "agreed")]
        return [(after.ask_id, "withdrawn" if (after.ask_id, "agreed") in self._known else "refused")]

    async def tell(self) -> None:
        """Until nothing waits."""
        failures = 0
        while self._waiting:
            act = self._waiting[0]
            try:
                await self._api.note_recording(self._session_id, act.ask_id, act.event, act.at)
            except Problem as problem:
                if problem.status not in REFUSALS:
                    failures = await pause_after(failures)
                    continue
            except AppError:
                failures = await pause_after(failures)
                continue
            failures = 0
            self._waiting.remove(act)


def _own(before: OwnRecording, after: OwnRecording) -> list[tuple[str, RecordingEvent]]:
    is_other = before.ask_id != after.ask_id
    found: list[tuple[str, RecordingEvent]] = []
    if is_other and before.state in UNDER_WAY:
        found.append((before.ask_id, "ended"))
    if is_other and after.ask_id:
        found.append((after.ask_id, "asked"))
    if after.state is RecordingState.RECORDING:
        found.append((after.ask_id, "began"))
    if after.state in (RecordingState.FINISHING, RecordingState.ENDED) and after.ask_id:
        found.append((after.ask_id, "ended"))
    return found
