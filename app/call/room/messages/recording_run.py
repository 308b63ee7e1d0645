"""One recording of this side's, from its question to its file: opens what writes it, lets it write while it may, and
finishes it. Consent is decided elsewhere (`app.call.recording.consent`).
"""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from app.call.contract.recording import OwnRecording, RecordingEnd, RecordingState
from app.call.recording.consent import Permission
from app.call.recording.recorder import Progress, Recorder, RecordingFailed

log = logging.getLogger(__name__)

OPENING_LIMIT_S = 60.0
FINISHING_LIMIT_S = 600.0
"""A recording of hours on a slow disk takes minutes to be made ready."""
SHOWN_EVERY_S = 1.0
"""How often the screen learns of mere progress: it is drawn again each time."""

_S = RecordingState


class RecordingRun:
    """Lives on the media loop, and outlasts the call by the time that the file takes to be made ready: so it knows
    nothing of the room. `on_change` is called when `shown` is another; times are seconds of a monotonic clock.
    """

    def __init__(
        self, ask_id: str, file: Path, new_recorder: Callable[[], Recorder], on_change: Callable[[OwnRecording], None]
    ) -> None:
        self.shown = OwnRecording(RecordingState.ASKING, ask_id, str(file))
        self._file = file
        self._new_recorder = new_recorder
        self._on_change = on_change
        self._recorder: Recorder | None = None
        self._opening: asyncio.Task[None] | None = None
        self._finishing: asyncio.Task[None] | None = None
        self._opened = self._writing = self._began = self._agreed = False
        self._shown_s = 0.0

    def put_away(self) -> None:
        """Nobody is shown any more how it stands."""
        self._on_change = lambda shown: None

    @property
    def over(self) -> bool:
        """Nothing is asked or written any more; the file may still be being made ready."""
        return self._finishing is not None

    @property
    def writing(self) -> bool:
        return self._writing

    def follow(self, permission: Permission, reachable: bool, now_s: float) -> None:
        """What the other says to it now, and whether both are in the call. Once this returns nothing more is written
        unless they agree.
        """
        if self.over:
            return
        if permission is Permission.DENIED:
            self.finish(RecordingEnd.WITHDRAWN if self._agreed else RecordingEnd.REFUSED)
            return
        self._agreed = self._agreed or permission is Permission.GIVEN
        may = reachable and permission is Permission.GIVEN
        if may and self._opening is None:
            self._opening = asyncio.get_running_loop().create_task(self._open(), name="opening a recording")
        if self._opened and may != self._writing and not self._write(may):
            return
        self._show(now_s)

    def hold(self) -> None:
        """Nothing is written until `follow` says so again."""
        if self._writing:
            self._write(False)

    def finish(self, end: RecordingEnd) -> None:
        """Nothing more is written once this returns; the file is made ready in the background."""
        if self.over:
            return
        self._finishing = asyncio.get_running_loop().create_task(self._finish(end), name="finishing a recording")
        self.hold()
        self._become(_S.FINISHING if self._began else self.shown.state)

    async def done(self, limit_s: float) -> None:
        """The file is ready, or the time is over: it goes on then."""
        if self._finishing is not None:
            await asyncio.wait({self._finishing}, timeout=limit_s)

    def _write(self, on: bool) -> bool:
        """False where what writes has failed."""
        self._writing, self._began = on, self._began or on
        try:
            if self._recorder is not None:
                self._recorder.write(on)
        except Exception as error:  # whatever it is: it is no reason to end the call
            log.error("a recording could not be written: %s", type(error).__name__)
            self._writing = False
            self.finish(RecordingEnd.FAILED)
            return False
        return True

    async def _open(self) -> None:
        end = RecordingEnd.FAILED
        try:
            self._recorder = self._new_recorder()
            await asyncio.wait_for(self._recorder.open(self._file), OPENING_LIMIT_S)
        except RecordingFailed as failed:
            end = failed.end
        except Exception as error:  # whatever a library or a disk raises
            log.error("a recording could not be begun: %s", type(error).__name__)
        else:
            self._opened = True
            return
        self.finish(end)

    async def _finish(self, end: RecordingEnd) -> None:
        file: Path | None = None
        if self._opening is not None:
            await asyncio.wait({self._opening})
        if self._recorder is not None:
            failure = self._progress().failure
            try:
                file = await asyncio.wait_for(self._recorder.finish(), FINISHING_LIMIT_S)
            except Exception as error:  # as above, and where it hangs
                log.error("a recording could not be finished: %s", type(error).__name__)
                end, file = RecordingEnd.FAILED, self._file
            else:
                if self._opened:  # else why it did not open says more
                    end = self._progress().failure or failure or end
        self._become(_S.ENDED, end, file)

    def _progress(self) -> Progress:
        try:
            return self._recorder.progress() if self._recorder is not None else Progress()
        except Exception as error:  # as above
            log.error("a recording does not say how it stands: %s", type(error).__name__)
            return Progress(failure=RecordingEnd.FAILED)

    def _show(self, now_s: float) -> None:
        """How far it is. One that has failed by itself is finished."""
        state = _S.RECORDING if self._writing else _S.PAUSED if self._opened and self._began else _S.ASKING
        if state is self.shown.state and (state is _S.ASKING or now_s < self._shown_s + SHOWN_EVERY_S):
            return
        self._shown_s = now_s
        if (failure := self._progress().failure) is not None:
            self.finish(failure)
        else:
            self._become(state)

    def _become(self, state: RecordingState, end: RecordingEnd | None = None, file: Path | None = None) -> None:
        progress = self._progress()
        shown = OwnRecording(
            state,
            self.shown.ask_id,
            str(self._file) if state is not _S.ENDED else str(file or ""),
            progress.written_s,
            progress.size_bytes,
            progress.free_bytes,
            end,
        )
        if shown != self.shown:
            self.shown = shown
            self._on_change(shown)
