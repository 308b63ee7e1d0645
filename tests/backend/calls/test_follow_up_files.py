"""Files with a follow-up: uploaded before it is sent, seen by the user once it is, and read by the two alone."""

import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import func, select

from backend.calls.rules import files
from backend.calls.rules.files import LARGEST_FILE, MOST_FILES, PIECE_BYTES, ROOM_FOR_FILES
from backend.calls.service import follow_up_files
from backend.calls.tables import FollowUpFileRow, FollowUpPieceRow
from backend.kit.database import Database
from tests.backend.bookings.acting import confirmed
from tests.backend.stage import Backend, Person

PDF = b"%PDF-1.7\n\x00\xff<script>"


@pytest.fixture
def over(backend: Backend, booking: dict[str, Any]) -> dict[str, Any]:
    """The session, a minute after its end."""
    backend.clock.move(minutes=51)
    return booking


def path(booking: dict[str, Any], file_id: object) -> str:
    return f"/sessions/{booking['id']}/follow-up/files/{file_id}"


def upload(
    person: Person,
    booking: dict[str, Any],
    content: bytes | Iterator[bytes] = PDF,
    name: str = "plan.pdf",
    file_id: object = "",
) -> httpx.Response:
    headers = {"X-File-Name": quote(name), "Content-Type": "application/octet-stream"}
    return person.put(path(booking, file_id or uuid4()), content=content, headers=headers)


def uploaded(person: Person, booking: dict[str, Any], content: bytes = PDF, name: str = "plan.pdf") -> str:
    answer = upload(person, booking, content, name)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def send(person: Person, booking: dict[str, Any], *file_ids: str, text: str = "Thank you") -> httpx.Response:
    return person.put(f"/sessions/{booking['id']}/follow-up", json={"text": text, "files": list(file_ids)})


def seen(person: Person, booking: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = person.get(f"/sessions/{booking['id']}/follow-up").json()
    return found


def kept(database: Database) -> tuple[int, int]:
    """How many files and pieces there are."""
    with database.read() as session:
        tables = (FollowUpFileRow, FollowUpPieceRow)
        many = [session.scalars(select(func.count()).select_from(table)).one() for table in tables]
    return many[0], many[1]


def test_both_read_what_was_sent_and_it_is_equal(professional: Person, user: Person, over: dict[str, Any]) -> None:
    content = bytes(range(256)) * (3 * PIECE_BYTES // 256) + b"end"
    ids = [uploaded(professional, over, content, "plan.pdf"), uploaded(professional, over, PDF, "scan.png")]
    assert send(professional, over, *ids).status_code == 200
    told = [
        {"id": ids[0], "name": "plan.pdf", "size": len(content)},
        {"id": ids[1], "name": "scan.png", "size": len(PDF)},
    ]
    for person in (professional, user):
        assert seen(person, over)["follow_up"]["files"] == told
        assert seen(person, over)["unsent"] == []
        assert person.get(path(over, ids[0])).content == content


def test_it_comes_as_bytes_to_be_saved_and_never_as_a_page(
    professional: Person, user: Person, over: dict[str, Any]
) -> None:
    file_id = uploaded(professional, over, b"<script>alert(1)</script>" * 100, "page.html")
    send(professional, over, file_id)
    answer = user.get(path(over, file_id), headers={"Accept-Encoding": "gzip"})
    told = {name: answer.headers.get(name) for name in ("Content-Type", "X-Content-Type-Options", "Cache-Control")}
    assert told == {
        "Content-Type": "application/octet-stream",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Content-Length"] == "2500", "packing would take the length away"


def test_until_it_is_sent_the_user_sees_nothing_of_it(professional: Person, user: Person, over: dict[str, Any]) -> None:
    file_id = uploaded(professional, over)
    assert [each["id"] for each in seen(professional, over)["unsent"]] == [file_id]
    assert professional.get(path(over, file_id)).content == PDF
    assert seen(user, over) == {"follow_up": None, "unsent": []}
    assert refusal(user.get(path(over, file_id))) == (404, "NotFound")


def test_what_is_not_named_is_not_sent_and_goes(
    database: Database, professional: Person, user: Person, over: dict[str, Any]
) -> None:
    left, sent = uploaded(professional, over), uploaded(professional, over)
    send(professional, over, sent)
    assert [each["id"] for each in seen(user, over)["follow_up"]["files"]] == [sent]
    assert refusal(professional.get(path(over, left))) == (404, "NotFound")
    assert kept(database) == (1, 1)


def test_others_are_told_of_nothing(backend: Backend, professional: Person, user: Person, over: dict[str, Any]) -> None:
    file_id = uploaded(professional, over)
    send(professional, over, file_id)
    stranger, other_user = backend.professional("Vera Stein"), backend.user("Toni Okello")
    for person in (stranger, other_user):
        assert refusal(person.get(path(over, file_id))) == (404, "NotFound")
    assert refusal(upload(stranger, over)) == (404, "NotFound")
    assert refusal(stranger.delete(path(over, file_id))) == (404, "NotFound")
    assert refusal(upload(user, over)) == (403, "WrongRole")
    assert refusal(user.delete(path(over, file_id))) == (403, "WrongRole")


def test_a_file_of_another_session_cannot_be_sent_or_read_with_this_one(
    backend: Backend, professional: Person, user: Person, over: dict[str, Any]
) -> None:
    file_id = uploaded(professional, over)
    other = confirmed(user, backend.slot(professional, "2027-03-05"))
    backend.clock.move(days=5)
    assert refusal(professional.get(path(other, file_id))) == (404, "NotFound")
    assert refusal(send(professional, other, file_id)) == (409, "FileMissing")


@pytest.mark.parametrize("in_chunks", [False, True], ids=["announced", "in chunks"])
def test_the_largest_is_taken_and_one_byte_more_is_not(
    database: Database, professional: Person, over: dict[str, Any], in_chunks: bool
) -> None:
    def body(size: int) -> bytes | Iterator[bytes]:
        if not in_chunks:
            return b"x" * size
        return (b"x" * (min(size, at + 65_536) - at) for at in range(0, size, 65_536))

    assert refusal(upload(professional, over, body(LARGEST_FILE + 1))) == (413, "PayloadTooLarge")
    assert kept(database) == (0, 0)
    answer = upload(professional, over, body(LARGEST_FILE))
    assert (answer.status_code, answer.json()["size"]) == (200, LARGEST_FILE)
    assert kept(database) == (1, LARGEST_FILE // PIECE_BYTES)


def test_an_empty_file_is_one(professional: Person, user: Person, over: dict[str, Any]) -> None:
    file_id = uploaded(professional, over, b"", "empty.txt")
    send(professional, over, file_id)
    answer = user.get(path(over, file_id))
    assert (answer.status_code, answer.content, answer.headers["Content-Length"]) == (200, b"", "0")


def test_a_follow_up_has_five_at_most(professional: Person, over: dict[str, Any]) -> None:
    ids = [uploaded(professional, over) for _ in range(MOST_FILES)]
    assert refusal(upload(professional, over)) == (409, "TooManyFiles")
    assert professional.delete(path(over, ids[0])).status_code == 204
    assert upload(professional, over).status_code == 200


def test_an_account_has_room_for_so_much(
    database: Database, professional: Person, over: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow_up_files, "ROOM_FOR_FILES", 100)
    uploaded(professional, over, b"x" * 60)
    assert refusal(upload(professional, over, b"x" * 41)) == (409, "FilesFull")
    assert upload(professional, over, b"x" * 40).status_code == 200
    assert ROOM_FOR_FILES == 1024**3
    assert "1 GB" in files.FilesFull.detail


def test_so_many_are_uploaded_in_an_hour(professional: Person, over: dict[str, Any]) -> None:
    for _ in range(60):
        assert upload(professional, over, file_id=UUID(int=5)).status_code == 200
    assert refusal(upload(professional, over, file_id=UUID(int=5))) == (429, "TooManyAttempts")


def test_the_same_again_changes_nothing_and_another_content_or_name_is_refused(
    database: Database, professional: Person, over: dict[str, Any]
) -> None:
    file_id = uploaded(professional, over)
    again = upload(professional, over, file_id=file_id)
    assert (again.status_code, again.json()) == (200, {"id": file_id, "name": "plan.pdf", "size": len(PDF)})
    assert refusal(upload(professional, over, PDF[:-1] + b"x", file_id=file_id)) == (409, "FileIdTaken")
    assert refusal(upload(professional, over, PDF, "other.pdf", file_id=file_id)) == (409, "FileIdTaken")
    assert kept(database) == (1, 1)


def test_the_same_again_is_answered_alike_after_sending_and_with_five_others(
    professional: Person, over: dict[str, Any]
) -> None:
    ids = [uploaded(professional, over) for _ in range(MOST_FILES)]
    assert upload(professional, over, file_id=ids[0]).status_code == 200
    send(professional, over, *ids)
    assert upload(professional, over, file_id=ids[0]).status_code == 200


def test_once_it_is_sent_nothing_comes_and_nothing_goes(professional: Person, over: dict[str, Any]) -> None:
    file_id = uploaded(professional, over)
    send(professional, over, file_id)
    assert refusal(upload(professional, over)) == (409, "FollowUpSent")
    assert refusal(professional.delete(path(over, file_id))) == (409, "FollowUpSent")
    assert refusal(send(professional, over)) == (409, "FollowUpSent"), "the same text without the file is another one"
    assert send(professional, over, file_id).status_code == 200, "the same may come again"


def test_one_that_is_removed_is_gone_and_may_be_removed_again(
    database: Database, professional: Person, over: dict[str, Any]
) -> None:
    file_id = uploaded(professional, over)
    assert [professional.delete(path(over, file_id)).status_code for _ in range(2)] == [204, 204]
    assert kept(database) == (0, 0)
    assert refusal(send(professional, over, file_id)) == (409, "FileMissing")
    assert seen(professional, over)["follow_up"] is None, "nothing was sent without it"


def test_it_may_come_from_the_end_of_the_session_for_a_month(
    backend: Backend, professional: Person, user: Person, booking: dict[str, Any]
) -> None:
    assert refusal(upload(professional, booking)) == (409, "SessionNotOver")
    shown = professional.get(f"/sessions/{booking['id']}/cancellation").json()
    professional.post(f"/sessions/{booking['id']}/cancel", json={"expected_refund": shown["refund"]})
    backend.clock.move(hours=2)
    assert refusal(upload(professional, booking)) == (409, "SessionCancelled")


def test_sending_and_uploading_at_once_leaves_nothing_that_was_not_sent(
    database: Database, professional: Person, user: Person, over: dict[str, Any]
) -> None:
    """Whatever comes first: a file is sent with it, or refused, or deleted as one that was not named."""
    together = threading.Barrier(4)

    def upload_one() -> int:
        together.wait()
        return upload(professional, over, b"x" * PIECE_BYTES).status_code

    def send_it() -> int:
        together.wait()
        return send(professional, over).status_code

    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(act) for act in (upload_one, send_it, upload_one, upload_one)]
    assert done[1].result() == 200
    assert {each.result() for each in (done[0], *done[2:])} <= {200, 409}
    assert kept(database) == (0, 0)
    assert seen(user, over)["follow_up"]["files"] == []


def test_two_devices_that_upload_at_once_have_five_files_together(
    database: Database, professional: Person, over: dict[str, Any]
) -> None:
    together = threading.Barrier(MOST_FILES - 2)
    for _ in range(MOST_FILES - 1):
        uploaded(professional, over)

    def upload_one() -> int:
        together.wait()
        return upload(professional, over).status_code

    with ThreadPoolExecutor(MOST_FILES - 2) as pool:
        statuses = sorted(each.result() for each in [pool.submit(upload_one) for _ in range(MOST_FILES - 2)])
    assert statuses == [200, 409, 409]
    assert kept(database)[0] == MOST_FILES


def test_what_is_kept_is_what_came(database: Database, professional: Person, over: dict[str, Any]) -> None:
    uploaded(professional, over)
    with database.read() as session:
        assert session.scalars(select(FollowUpFileRow.digest)).one() == hashlib.sha256(PDF).digest()
