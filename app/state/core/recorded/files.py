"""The recordings of this device: where their files are, opening them, and those that a killed program left behind."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import flet as ft

from app.errors import AppError
from app.state.core.kept.recordings import KeptRecording, KeptRecordings
from app.state.core.recorded.opening import open_file, show_in_folder
from app.state.core.services import Services
from app.state.core.sizes import size_words

TITLE = "Recordings on this device"
OPEN, SHOW, REMOVE, OPENING = "Open", "Show in folder", "Remove from this list", "Opening…"
GONE = "This file was moved or deleted."
LEFT_BEHIND = "Rendezvous was closed while it recorded. What was written until then can be opened."
UNFINISHED = ".mkv"
"""What is written while it records; at the end it is made into the file that was chosen."""


@dataclass(frozen=True)
class RecordedFile:
    """One recording of this device. `file` is None where it is not there any more; `left_behind`: it was never
    finished.
    """

    ask_id: str
    name: str = field(repr=False)
    began_at: dt.datetime
    file: Path | None = field(repr=False)
    size: int = 0
    left_behind: bool = False

    @property
    def words(self) -> str:
        """How large it is, or what became of it."""
        return GONE if self.file is None else size_words(self.size)


@ft.observable
@dataclass(eq=False)
class RecordedFiles:
    """Those of one session. `shown` are known once `look` has been; `problems` by their ask_id."""

    services: Services
    session_id: str
    shown: tuple[RecordedFile, ...] = ()
    problems: dict[str, str] = field(default_factory=dict)
    opening: str = ""

    def __post_init__(self) -> None:
        account = self.services.account.account
        self._account = account.id if account else ""
        self._kept = KeptRecordings(self.services.unsaved, self._account)
        self._under_way: set[str] = set()

    @property
    def has_any(self) -> bool:
        """Whether this device recorded anything of it that is not forgotten."""
        return any(each.session_id == self.session_id for each in self._kept.all())

    def note(self, ask_id: str, file: str, *, finished: bool) -> None:
        """It has begun, or `file` is what was made of it."""
        began_at = self.services.now().isoformat()
        self._kept.note(KeptRecording(self.session_id, ask_id, file, began_at))
        self._under_way = self._under_way - {ask_id} if finished else self._under_way | {ask_id}

    def forget(self, ask_id: str) -> None:
        """The entry alone."""
        self._kept.forget(ask_id)
        self._under_way.discard(ask_id)
        self.shown = tuple(each for each in self.shown if each.ask_id != ask_id)

    async def look(self) -> None:
        """Which files are there now; one that is still written is not offered."""
        kept = [each for each in self._kept.all() if each.session_id == self.session_id]
        ready = [each for each in kept if each.ask_id not in self._under_way]
        self.shown = tuple(await asyncio.to_thread(lambda: [found_file(each) for each in ready]))

    async def open(self, ask_id: str) -> None:
        """With the system's program. What was left behind is first made whole, where that can be done."""

        async def act(file: RecordedFile) -> None:
            path, recover = file.file, self.services.recover_recording
            if path is not None and file.left_behind and recover is not None:
                path = await asyncio.to_thread(recover, path)
                self._kept.note(KeptRecording(self.session_id, ask_id, str(path), file.began_at.isoformat()))
            if path is not None:
                await open_file(path)

        await self._do(ask_id, act)

    async def show(self, ask_id: str) -> None:
        """Its folder, in the system's file manager."""

        async def act(file: RecordedFile) -> None:
            if file.file is not None:
                await show_in_folder(file.file)

        await self._do(ask_id, act)

    async def _do(self, ask_id: str, act: Callable[[RecordedFile], Awaitable[None]]) -> None:
        if self.opening:
            return
        self.opening, self.problems = ask_id, {}
        try:
            await self.look()
            if (found := next((each for each in self.shown if each.ask_id == ask_id), None)) is not None:
                await act(found)
        except AppError as error:
            self.problems = {ask_id: error.detail}
        finally:
            self.opening = ""
        await self.look()


def found_file(kept: KeptRecording) -> RecordedFile:
    """Blocks. Where there is no finished file, what was written before it."""
    file = Path(kept.file)
    written = file.with_suffix(UNFINISHED)
    there = next((each for each in (file, written) if _size(each) is not None), None)
    return RecordedFile(
        kept.ask_id,
        file.name,
        dt.datetime.fromisoformat(kept.began_at),
        there,
        (_size(there) or 0) if there else 0,
        left_behind=there == written != file,
    )


def _size(file: Path) -> int | None:
    try:
        return file.stat().st_size
    except (OSError, ValueError):  # not there, or nothing that can be a path
        return None


@dataclass(eq=False)
class AllRecordedFiles:
    """Those of whoever is signed in, by session: a call and the details show the same."""

    services: Services
    _by_session: dict[str, RecordedFiles] = field(default_factory=dict)

    @staticmethod
    def kept_by(services: Services) -> "AllRecordedFiles":
        """The one of this sign-in."""
        return services.kept(AllRecordedFiles, lambda: AllRecordedFiles(services))

    def of(self, session_id: str) -> RecordedFiles:
        if session_id not in self._by_session:
            self._by_session[session_id] = RecordedFiles(self.services, session_id)
        return self._by_session[session_id]
