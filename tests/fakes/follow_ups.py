"""What the fake backend does with follow-ups and their files."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from app.api import models
from app.errors import Problem

MOST_FILES, LARGEST_FILE = 5, 10 * 1024 * 1024


class FollowUps:
    """Mixed into FakeApi. `unsent_files` and `file_contents`: by session; by file."""

    account_id: str
    follow_ups: dict[str, models.FollowUp]
    unsent_files: dict[str, tuple[models.FollowUpFile, ...]]
    file_contents: dict[str, bytes]
    bookings: dict[str, dict[str, Any]]
    now: dt.datetime

    async def _enter(self, method: str, *arguments: object) -> None:
        raise NotImplementedError

    async def follow_up(self, session_id: str) -> models.SentFollowUp:
        await self._enter("follow_up", session_id)
        sent = self.follow_ups.get(session_id)
        unsent = () if sent or not self.account_id.startswith("pro") else self.unsent_files.get(session_id, ())
        return models.SentFollowUp(follow_up=sent, unsent=unsent)

    async def send_follow_up(self, session_id: str, text: str, file_ids: Sequence[str] = ()) -> models.FollowUp | None:
        await self._enter("send_follow_up", session_id, *file_ids)
        known = self.follow_ups.get(session_id)
        if known is not None:
            if known.text != text or {each.id for each in known.files} != set(file_ids):
                raise Problem("FollowUpSent", 409, "You have sent a follow-up for this session already.")
            return known
        self._check_over(session_id)
        unsent = self.unsent_files.pop(session_id, ())
        if set(file_ids) - {each.id for each in unsent}:
            self.unsent_files[session_id] = unsent
            raise Problem("FileMissing", 409, "A file of this follow-up is not there any more. Add it again.")
        files = tuple(each for each in unsent if each.id in file_ids)
        self.follow_ups[session_id] = models.FollowUp(text=text, sent_at=self.now, files=files)
        return self.follow_ups[session_id]

    async def put_follow_up_file(
        self, session_id: str, file_id: str, name: str, content: bytes, on_sent: Callable[[int], None] | None = None
    ) -> models.FollowUpFile:
        if on_sent:
            on_sent(len(content) // 2)
        await self._enter("put_follow_up_file", session_id, file_id, len(content))
        file = models.FollowUpFile(id=file_id, name=name, size=len(content))
        if len(content) > LARGEST_FILE:
            raise Problem("PayloadTooLarge", 413, "This is too large. A photo may have up to 5 MB, a file up to 10 MB.")
        if file_id in self.file_contents:
            if self.file_contents[file_id] != content:
                raise Problem("FileIdTaken", 409, "This is not the file that was uploaded before. Add it again.")
            return file
        if session_id in self.follow_ups:
            raise Problem("FollowUpSent", 409, "You have sent a follow-up for this session already.")
        self._check_over(session_id)
        known = self.unsent_files.get(session_id, ())
        if len(known) >= MOST_FILES:
            raise Problem("TooManyFiles", 409, "A follow-up can have 5 files. Remove one first.")
        self.unsent_files[session_id] = (*known, file)
        self.file_contents[file_id] = content
        if on_sent:
            on_sent(len(content))
        return file

    async def delete_follow_up_file(self, session_id: str, file_id: str) -> None:
        await self._enter("delete_follow_up_file", session_id, file_id)
        if session_id in self.follow_ups and file_id in self.file_contents:
            raise Problem("FollowUpSent", 409, "You have sent a follow-up for this session already.")
        left = tuple(each for each in self.unsent_files.get(session_id, ()) if each.id != file_id)
        self.unsent_files[session_id] = left
        self.file_contents.pop(file_id, None)

    async def follow_up_file(
        self, session_id: str, file_id: str, on_come: Callable[[int], None] | None = None
    ) -> bytes:
        await self._enter("follow_up_file", session_id, file_id)
        shown = (await self.follow_up(session_id)).follow_up
        known = (*(shown.files if shown else ()), *(await self.follow_up(session_id)).unsent)
        if file_id not in {each.id for each in known}:
            raise Problem("NotFound", 404, "This does not exist.")
        content = self.file_contents[file_id]
        if on_come:
            on_come(len(content))
        return content

    def _check_over(self, session_id: str) -> None:
        if self.now < dt.datetime.fromisoformat(self.bookings[session_id]["ends_at"]):
            raise Problem("SessionNotOver", 409, "You can send a follow-up once the session has ended.")
