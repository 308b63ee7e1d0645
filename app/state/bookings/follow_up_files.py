"""Files with a follow-up: what the professional adds to it, and saving what was sent."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import flet as ft

from app.api.models import FollowUpFile
from app.call.contract.files import clean_file_name
from app.errors import AppError
from app.state.core.picked_files import OnShare
from app.state.core.services import Services
from app.state.core.sizes import size_words

MOST_FILES = 5
LARGEST_FILE = 10 * 1024 * 1024
"""Bytes (both: backend/calls/rules/files.py)."""
LARGEST = size_words(LARGEST_FILE)
ADD, AGAIN, SAVE = "Add files", "Try again", "Save"
ADD_TITLE, SAVE_TITLE = "Add files to the follow-up", "Save the file"
LIMITS = f"Up to {MOST_FILES} files of {LARGEST} each."
TOO_MANY = f"A follow-up can have {MOST_FILES} files."
WAITING, GONE = "Waiting", "This file is not there any more. Add it again."
WAIT = "Wait until your files are uploaded."
NOT_ALL = "A file is not uploaded. Try it again or remove it."
FROM_BROWSER = 0.5
"""Of an upload, the way from a browser to its server."""


def too_large_words(name: str) -> str:
    return f"{name} is larger than {LARGEST}. Send a link instead."


def uploading_words(percent: int) -> str:
    return f"Uploading, {percent} %"


def saving_words(percent: int) -> str:
    return f"Downloading, {percent} %"


def files_words(many: int) -> str:
    """ "1 file", "3 files"."""
    return "1 file" if many == 1 else f"{many} files"


@dataclass(frozen=True)
class Chosen:
    """A file that the person chose; `read` may be asked again, and hears how much has come from a browser."""

    name: str = field(repr=False)
    size: int
    read: Callable[[OnShare], Awaitable[bytes]] = field(repr=False)


class FileState(StrEnum):
    WAITING = "waiting"
    UPLOADING = "uploading"
    UPLOADED = "uploaded"
    FAILED = "failed"


@dataclass(frozen=True)
class Attached:
    """A file of the follow-up that is being written. `problem`: why it failed, or why it could not be removed."""

    id: str
    name: str = field(repr=False)
    size: int
    state: FileState
    percent: int = 0
    problem: str = ""
    may_try_again: bool = False

    @property
    def words(self) -> str:
        """How large it is, and how it stands."""
        if self.state is FileState.UPLOADING:
            return f"{size_words(self.size)} · {uploading_words(self.percent)}"
        return f"{size_words(self.size)} · {WAITING}" if self.state is FileState.WAITING else size_words(self.size)


@ft.observable
@dataclass(eq=False)
class FollowUpFiles:
    """They are uploaded one after another, so that one at a time is in memory. `refused`: why some were not added."""

    services: Services
    session_id: str
    attached: tuple[Attached, ...] = ()
    refused: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self._chosen: dict[str, Chosen] = {}
        self._under_way: dict[str, asyncio.Task[Any]] = {}

    @property
    def why_not_send(self) -> str:
        """Why the follow-up has to wait for its files; empty when it does not."""
        if any(each.state in (FileState.WAITING, FileState.UPLOADING) for each in self.attached):
            return WAIT
        return NOT_ALL if any(each.state is FileState.FAILED for each in self.attached) else ""

    @property
    def why_not_add(self) -> str:
        return TOO_MANY if len(self.attached) >= MOST_FILES else ""

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(each.id for each in self.attached if each.state is FileState.UPLOADED)

    def take(self, unsent: Sequence[FollowUpFile]) -> None:
        """What the backend has of before: from another device, or from before this page was opened."""
        known = {each.id for each in self.attached}
        found = (Attached(each.id, each.name, each.size, FileState.UPLOADED) for each in unsent if each.id not in known)
        self.attached = (*found, *self.attached)

    def forget_missing(self, unsent: Sequence[FollowUpFile]) -> None:
        """The backend does not have them any more: what can be uploaded again is offered."""
        there = {each.id for each in unsent}
        for each in self.attached:
            if each.state is FileState.UPLOADED and each.id not in there:
                self._fail(each.id, GONE)

    def forget(self) -> None:
        """They were sent."""
        self.attached, self.refused = (), ()
        self._chosen.clear()

    def refuse(self, words: str) -> None:
        self.refused = (words,)

    async def add(self, chosen: Sequence[Chosen]) -> None:
        """Adds those that may be added, and uploads them."""
        refused: list[str] = []
        for each in chosen:
            if each.size > LARGEST_FILE:
                refused.append(too_large_words(clean_file_name(each.name)))
            elif len(self.attached) >= MOST_FILES:
                refused.append(TOO_MANY)
            else:
                file_id = str(uuid.uuid4())
                self._chosen[file_id] = each
                new = Attached(file_id, clean_file_name(each.name), each.size, FileState.WAITING)
                self.attached = (*self.attached, new)
        self.refused = tuple(dict.fromkeys(refused))
        await self._upload_all()

    async def try_again(self, file_id: str) -> None:
        if file_id in self._chosen:
            self._change(file_id, state=FileState.WAITING, percent=0, problem="", may_try_again=False)
            await self._upload_all()

    async def remove(self, file_id: str) -> None:
        """Takes it out; one that the backend has goes there first. Nothing is asked: it is on the person's device."""
        file = self._file(file_id)
        if file is None:
            return
        self.refused = ()
        if upload := self._under_way.get(file_id):
            upload.cancel()
        try:
            if file.state is not FileState.WAITING:
                await self.services.api.delete_follow_up_file(self.session_id, file_id)
        except AppError as error:
            if file.state is FileState.UPLOADED:
                self._change(file_id, problem=error.detail)
                return
        self.attached = tuple(each for each in self.attached if each.id != file_id)
        self._chosen.pop(file_id, None)

    async def _upload_all(self) -> None:
        """Those that wait, in their order; if that is under way already, it takes the new ones too."""
        while not self._under_way:
            waiting = next((each for each in self.attached if each.state is FileState.WAITING), None)
            if waiting is None:
                return
            task = asyncio.ensure_future(self._upload(waiting.id, self._chosen[waiting.id], waiting.name))
            self._under_way[waiting.id] = task
            try:
                await asyncio.wait([task])
            finally:
                task.cancel()  # where whoever waits was stopped itself
                del self._under_way[waiting.id]
            if not task.cancelled():
                task.result()

    async def _upload(self, file_id: str, chosen: Chosen, name: str) -> None:
        first = FROM_BROWSER if self.services.upload_dir is not None else 0.0
        self._change(file_id, state=FileState.UPLOADING)
        try:
            content = await chosen.read(lambda share: self._show(file_id, first * share))
            if len(content) > LARGEST_FILE:
                raise AppError(too_large_words(name))
            whole = max(1, len(content))
            await self.services.api.put_follow_up_file(
                self.session_id,
                file_id,
                name,
                content,
                lambda sent: self._show(file_id, first + (1 - first) * sent / whole),
            )
        except AppError as error:
            self._fail(file_id, error.detail)
        else:
            self._change(file_id, state=FileState.UPLOADED, size=len(content), percent=100)

    def _fail(self, file_id: str, problem: str) -> None:
        self._change(file_id, state=FileState.FAILED, problem=problem, may_try_again=file_id in self._chosen)

    def _show(self, file_id: str, share: float) -> None:
        file = self._file(file_id)
        if file is not None and file.percent != (percent := int(100 * share)):
            self._change(file_id, percent=percent)

    def _file(self, file_id: str) -> Attached | None:
        return next((each for each in self.attached if each.id == file_id), None)

    def _change(self, file_id: str, **facts: Any) -> None:
        self.attached = tuple(replace(each, **facts) if each.id == file_id else each for each in self.attached)


@ft.observable
@dataclass(eq=False)
class SavingFiles:
    """Of a follow-up that was sent: which files are on their way here, and why one could not be had."""

    services: Services
    session_id: str
    percents: dict[str, int] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)

    async def content(self, file: FollowUpFile) -> bytes | None:
        """To be saved; None when it cannot be had, and `problems` says why."""
        self.note(file, "")
        self.percents = self.percents | {file.id: 0}
        try:
            return await self.services.api.follow_up_file(self.session_id, file.id, lambda come: self._show(file, come))
        except AppError as error:
            self.note(file, error.detail)
            return None
        finally:
            self.percents = {each: percent for each, percent in self.percents.items() if each != file.id}

    def note(self, file: FollowUpFile, problem: str) -> None:
        others = {each: words for each, words in self.problems.items() if each != file.id}
        self.problems = others | ({file.id: problem} if problem else {})

    def _show(self, file: FollowUpFile, come: int) -> None:
        percent = int(100 * come / max(1, file.size))
        if self.percents.get(file.id) != percent:
            self.percents = self.percents | {file.id: percent}
