"""What a professional sends after a session, and its files."""

from collections.abc import Sequence
from urllib.parse import quote

from app.api import models
from app.api.carrier import Carrier
from app.api.protocol import OnBytes, Request


class FollowUpsApi(Carrier):
    """What a professional sends after a session, and its files."""

    async def follow_up(self, session_id: str) -> models.SentFollowUp:
        """What was sent; for its professional also the files that are uploaded and not sent yet."""
        return await self._get(models.SentFollowUp, Request("GET", f"/sessions/{session_id}/follow-up"))

    async def send_follow_up(self, session_id: str, text: str, file_ids: Sequence[str] = ()) -> models.FollowUp | None:
        """Sends the session's one follow-up, for good, with files that are uploaded. Problem FollowUpSent, FileMissing,
        SessionNotOver, SessionOver, SessionCancelled, NotPaid, InvalidPayload.
        """
        body = {"text": text, "files": list(file_ids)}
        request = Request("PUT", f"/sessions/{session_id}/follow-up", body=body, repeatable=True)
        return (await self._get(models.SentFollowUp, request)).follow_up

    async def put_follow_up_file(
        self, session_id: str, file_id: str, name: str, content: bytes, on_sent: OnBytes | None = None
    ) -> models.FollowUpFile:
        """Uploads a file for the follow-up, at most 10 MB; `file_id` is a UUID of one's own, under which the same file
        may come again. `name` is clean. `on_sent` hears how many bytes have left. Problem FollowUpSent, FileIdTaken,
        TooManyFiles, FilesFull, UploadTooSlow, PayloadTooLarge, SessionNotOver, SessionOver, SessionCancelled, NotPaid.
        """
        headers = {"X-File-Name": quote(name, safe="")}
        path = _path(session_id, file_id)
        request = Request("PUT", path, headers=headers, file=content, on_bytes=on_sent, repeatable=True)
        return await self._get(models.FollowUpFile, request)

    async def delete_follow_up_file(self, session_id: str, file_id: str) -> None:
        """Removes one that is not sent. Problem FollowUpSent."""
        await self._done(Request("DELETE", _path(session_id, file_id), repeatable=True))

    async def follow_up_file(self, session_id: str, file_id: str, on_come: OnBytes | None = None) -> bytes:
        """The content, for either of the two. `on_come` hears how many bytes have come. Problem NotFound."""
        return await self._content(Request("GET", _path(session_id, file_id), on_bytes=on_come))


def _path(session_id: str, file_id: str) -> str:
    return f"/sessions/{session_id}/follow-up/files/{file_id}"
