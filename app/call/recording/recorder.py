"""What writes a recording, whichever way. Consent is not its matter: `app.call.room.messages` sees to that."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.call.contract.recording import RecordingEnd


class RecordingFailed(Exception):
    """Nothing can be written; `end` says why."""

    def __init__(self, end: RecordingEnd) -> None:
        super().__init__(end)
        self.end = end


@dataclass(frozen=True)
class Progress:
    """How far a recording is. `failure` is why it has stopped by itself: what was written until then is whole. `file`
    is what is being written: a Matroska file, with a number in its name where that was taken.
    """

    written_s: float = 0.0
    size_bytes: int = 0
    free_bytes: int | None = None
    failure: RecordingEnd | None = None
    file: Path | None = None


class Recorder(Protocol):
    """Writes one recording; one is made for each. Lives on the media loop, whose work it does not hold up."""

    async def open(self, file: Path) -> None:
        """Makes the file ready; nothing is written before `write(True)`. Raises `RecordingFailed`."""
        ...

    def write(self, on: bool) -> None:
        """Once this returns with False nothing of what is seen and heard from now on comes into the file; the time
        until it goes on is left out.
        """
        ...

    def progress(self) -> Progress: ...

    async def finish(self) -> Path | None:
        """The finished file, or the one that was written where it could not be made; None where nothing was written:
        then there is no file. Can be called twice. Never raises for what the disk does.
        """
        ...
