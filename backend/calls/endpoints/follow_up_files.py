"""The files of a follow-up over HTTP: uploaded one by one before it is sent, and read by the session's two people.

A file is never opened here, and goes out as bytes to be saved: nothing of it becomes a page or a script.
"""

import asyncio
import hashlib
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import Annotated, Any, BinaryIO, cast
from uuid import UUID

from fastapi import APIRouter, Header, Request, Response, UploadFile
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from starlette.requests import ClientDisconnect

from backend.auth.access import CurrentAccount, CurrentProfessional
from backend.auth.rules import Account, NotSignedIn, WrongRole
from backend.calls.rules import NotPaid, SessionCancelled, SessionOver
from backend.calls.rules.file_names import as_attachment, name_in_header
from backend.calls.rules.files import (
    LARGEST_FILE,
    PIECE_BYTES,
    UPLOAD_WITHIN_S,
    FileIdTaken,
    FilesFull,
    TooManyFiles,
    UploadTooSlow,
)
from backend.calls.rules.notes import FollowUpSent, SessionNotOver
from backend.calls.schemas import FollowUpFileAnswer
from backend.calls.service import follow_up_files
from backend.calls.service.follow_up_files import Upload
from backend.kit.bulkheads import FILES as FILES_BULKHEAD
from backend.kit.bulkheads import Bulkheads
from backend.kit.database import Database
from backend.kit.errors import InvalidPayload, NotFound, ServiceUnavailable, TooManyAttempts, error_responses
from backend.kit.http import DatabaseDep, NowDep
from backend.kit.limits.access import Address, LimitsDep, limits_in
from backend.kit.limits.counting import Counted, by_line
from backend.kit.limits.table import FILES, FILES_LINE, FILES_SAVED, NOTES

router = APIRouter(tags=["calls"])
PATH = "/sessions/{session_id:uuid}/follow-up/files/{file_id:uuid}"
_BYTES: dict[str, Any] = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


@router.put(
    PATH,
    max_body_size=LARGEST_FILE,
    openapi_extra={"requestBody": {"content": _BYTES, "required": False}},
    responses=error_responses(
        *(NotSignedIn, WrongRole, NotFound, UploadTooSlow, NotPaid, SessionCancelled, SessionNotOver, SessionOver),
        *(FollowUpSent, FileIdTaken, TooManyFiles, FilesFull, TooManyAttempts),
    ),
)
async def upload_file(
    session_id: UUID,
    file_id: UUID,
    professional: CurrentProfessional,
    database: DatabaseDep,
    limits: LimitsDep,
    address: Address,
    now: NowDep,
    request: Request,
    x_file_name: Annotated[str, Header(description="In UTF-8, percent-encoded.")] = "",
) -> FollowUpFileAnswer:
    """Keeps the body as a file of the session's follow-up until that is sent. `file_id` is the sender's own: the same
    file again changes nothing.

    Whether it may come is asked before anything of it is read. It waits in a temporary file until it is whole, so that
    a slow line holds neither memory nor the database.
    """
    counted = Counted(FILES, str(professional.id)), *by_line(address, FILES_LINE)
    await run_in_threadpool(limits.count, *counted)
    await run_in_threadpool(_check, database, professional, session_id, file_id, now)
    bulkheads = cast(Bulkheads, request.app.state.bulkheads)
    name = name_in_header(x_file_name)
    with bulkheads.uploads.one_for(str(professional.id)), SpooledTemporaryFile(max_size=PIECE_BYTES) as spool:
        waiting = UploadFile(cast(BinaryIO, spool))  # its `write` waits in a thread for the disk
        size, digest = await _received(request, waiting)
        pieces = iter(partial(spool.read, PIECE_BYTES), b"")
        upload = Upload(file_id, name, size, digest, pieces)
        # Not cancelled with the request: its thread reads the temporary file until it is done.
        kept = bulkheads[FILES_BULKHEAD].run(_attach, database, professional, session_id, upload, now)
        return await _to_its_end(asyncio.ensure_future(kept))


def _check(database: Database, professional: Account, session_id: UUID, file_id: UUID, now: datetime) -> None:
    with database.read() as session:
        follow_up_files.check_may_attach(session, professional, session_id, file_id, now)


async def _received(request: Request, spool: UploadFile) -> tuple[int, bytes]:
    """The body, rewound, with its size and digest. UploadTooSlow, ServiceUnavailable; InvalidPayload for one that is
    cut off.
    """
    digest, size = hashlib.sha256(), 0
    try:
        async with asyncio.timeout(UPLOAD_WITHIN_S):
            async for chunk in request.stream():
                digest.update(chunk)
                size += len(chunk)
                await spool.write(chunk)
    except TimeoutError as error:
        raise UploadTooSlow from error
    except OSError as error:  # the disk of temporary files is full
        raise ServiceUnavailable from error
    except ClientDisconnect as error:
        raise InvalidPayload(detail="The file did not arrive whole.") from error  # for the log: nobody hears it
    await spool.seek(0)
    return size, digest.digest()


async def _to_its_end(kept: "asyncio.Future[FollowUpFileAnswer]") -> FollowUpFileAnswer:
    try:
        return await asyncio.shield(kept)
    finally:
        await asyncio.wait([kept])


def _attach(
    database: Database, professional: Account, session_id: UUID, upload: Upload, now: datetime
) -> FollowUpFileAnswer:
    with database.write() as session:
        return follow_up_files.attach(session, professional, session_id, upload, now)


@router.delete(
    PATH,
    status_code=204,
    responses=error_responses(NotSignedIn, WrongRole, NotFound, FollowUpSent, TooManyAttempts),
)
def remove_file(
    session_id: UUID, file_id: UUID, professional: CurrentProfessional, database: DatabaseDep, request: Request
) -> Response:
    """Removes a file before the follow-up is sent; one that is not there is removed already."""
    limits_in(request).count_look(NOTES, str(professional.id))
    with database.write() as session:
        follow_up_files.detach(session, professional, session_id, file_id)
    return Response(status_code=204)


@router.get(
    PATH,
    response_class=Response,
    responses={
        200: {"content": _BYTES, "description": "The file, to be saved."},
        **error_responses(NotSignedIn, NotFound, TooManyAttempts),
    },
)
def read_file(
    session_id: UUID, file_id: UUID, account: CurrentAccount, database: DatabaseDep, limits: LimitsDep
) -> Response:
    """The content, for either of the two once it was sent; for its professional before as well."""
    limits.count(Counted(FILES_SAVED, str(account.id)))
    with database.read() as session:
        row = follow_up_files.file_for(session, account, session_id, file_id)
    headers = {
        "Content-Disposition": as_attachment(row.name),
        "Content-Length": str(row.size),
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "no-store",
    }
    pieces = _pieces(database, session_id, file_id, -(-row.size // PIECE_BYTES))
    return StreamingResponse(pieces, media_type="application/octet-stream", headers=headers)


def _pieces(database: Database, session_id: UUID, file_id: UUID, many: int) -> Iterator[bytes]:
    """One at a time, so that a slow line holds neither memory nor a connection. A file that is deleted meanwhile ends
    early: its length was announced, so its reader notices.
    """
    for number in range(many):
        with database.read() as session:
            content = follow_up_files.piece_of(session, session_id, file_id, number)
        if content is None:
            return
        yield content
