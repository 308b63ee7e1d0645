"""The shared timer of a call: setting it, and keeping it on the device for a visit after a crash or a reload."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.call.contract.call_state import CallSnapshot
from app.call.contract.engine import CallEngine
from app.call.contract.timer import SharedTimer
from app.state.call.files import CallFiles

_MS = timedelta(milliseconds=1)


@dataclass(eq=False)
class CallTime(CallFiles):
    """The chat, the files, and the timer."""

    async def set_timer(self, length: timedelta | None) -> None:
        """Starts it for both, or stops it (None). Only the professional's call has the buttons."""
        if self.engine is not None and self.is_professional:
            await self.engine.set_timer(length)

    async def _bring_timer(self, engine: CallEngine) -> None:
        """What this device knew of it when it was in this session last."""
        if (kept := read_timer(self.services.unsaved.text(self._timer_key), self.session_id)) is not None:
            await engine.take_timer(kept)

    def _keep_timer(self, snapshot: CallSnapshot) -> None:
        """`snapshot` is about to be shown."""
        if snapshot.timer != self.snapshot.timer:
            kept = "" if snapshot.timer is None else timer_text(snapshot.timer, self.session_id)
            self.services.unsaved.note(self._timer_key, kept)

    @property
    def _timer_key(self) -> str:
        """One an account: nobody is in two sessions."""
        account = self.services.account.account
        return f"timer:{account.id if account else ''}"


def timer_text(timer: SharedTimer, session_id: str) -> str:
    """As the device keeps it, by the server's clock."""
    return json.dumps([session_id, timer.length // _MS, round(timer.ends_at.timestamp() * 1000)])


def read_timer(kept: str, session_id: str) -> SharedTimer | None:
    """The timer of that session; None where nothing, or nothing of use, is kept."""
    try:
        of_session, length_ms, ends_at_ms = json.loads(kept)
        if of_session != session_id:
            return None
        return SharedTimer(int(length_ms) * _MS, datetime.fromtimestamp(int(ends_at_ms) / 1000, UTC))
    except (ValueError, TypeError, OverflowError, OSError):
        return None
