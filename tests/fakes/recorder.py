"""What writes a recording, in memory: what it was told, and how it fails."""

import asyncio
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.call.contract.recording import RecordingEnd
from app.call.recording.recorder import Progress, RecordingFailed


@dataclass
class FakeRecorder:
    """Implements `Recorder`. `told` is what `write` was told, in order. With `opens` or `finishes` cleared it hangs
    there.
    """

    fails_to_open: RecordingEnd | None = None
    breaks: str = ""
    """The method that raises what nobody expects."""
    file: Path | None = None
    told: list[bool] = field(default_factory=list)
    finished: int = 0
    now: Progress = field(default_factory=Progress)

    def __post_init__(self) -> None:
        self.opens, self.finishes = asyncio.Event(), asyncio.Event()
        self.opens.set()
        self.finishes.set()

    @property
    def writing(self) -> bool:
        return self.told[-1:] == [True]

    def come(self, **progress: object) -> None:
        """So far it is."""
        self.now = replace(self.now, **progress)  # type: ignore[arg-type]  # fields of Progress

    async def open(self, file: Path) -> None:
        self.file = file
        await self.opens.wait()
        self._break("open")
        if self.fails_to_open is not None:
            raise RecordingFailed(self.fails_to_open)

    def write(self, on: bool) -> None:
        self.told.append(on)
        self._break("write")

    def progress(self) -> Progress:
        return self.now

    async def finish(self) -> Path | None:
        self.finished += 1
        await self.finishes.wait()
        self._break("finish")
        return self.file if True in self.told else None

    def _break(self, method: str) -> None:
        if self.breaks == method:
            raise ZeroDivisionError(method)
