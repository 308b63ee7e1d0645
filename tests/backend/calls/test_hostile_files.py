"""Files of a follow-up that come in a way in which none should: strange names, bodies that end early or hang."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import delete

from backend.calls.endpoints import follow_up_files
from backend.calls.tables import FollowUpPieceRow
from backend.kit.bulkheads import Bulkheads
from backend.kit.database import Database
from tests.backend.calls.test_follow_up_files import kept, path, send, upload, uploaded
from tests.backend.stage import Backend, Person

Message = MutableMapping[str, Any]


@pytest.fixture
def over(backend: Backend, booking: dict[str, Any]) -> dict[str, Any]:
    backend.clock.move(minutes=51)
    return booking


@pytest.mark.parametrize(
    ("name", "saved_as"),
    [
        ("Trainingsplan für Zoë.pdf", "Trainingsplan für Zoë.pdf"),
        ("خطة التدريب.pdf", "خطة التدريب.pdf"),
        ("训练计划 👩\u200d🏫.pdf", "训练计划 👩\u200d🏫.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\autoexec.bat", "autoexec.bat"),
        ('a"; filename="evil.exe', "a_; filename=_evil.exe"),
        ("a\r\nSet-Cookie: x=1", "aSet-Cookie_ x=1"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("x" * 1000 + ".pdf", "x" * 120),
        ("👩" * 1000, "👩" * 50),
        ("<img src=x onerror=alert(1)>.png", "_img src=x onerror=alert(1)_.png"),
    ],
)
def test_any_name_is_read_as_its_clean_form(
    professional: Person, user: Person, over: dict[str, Any], name: str, saved_as: str
) -> None:
    file_id = uploaded(professional, over, name=name)
    send(professional, over, file_id)
    answer = user.get(path(over, file_id))
    assert user.get(f"/sessions/{over['id']}/follow-up").json()["follow_up"]["files"][0]["name"] == saved_as
    assert answer.headers["Content-Disposition"].endswith(f"filename*=UTF-8''{quote(saved_as, safe='')}")
    assert "Set-Cookie" not in answer.headers


async def asked(app: FastAPI, person: Person, to: str, receive: Callable[[], Awaitable[Message]]) -> list[Message]:
    """What the backend answers to an upload whose body comes by `receive`."""
    sent: list[Message] = []

    async def note(message: Message) -> None:
        sent.append(message)

    headers = [(b"authorization", person.headers["Authorization"].encode()), (b"x-file-name", b"a.txt")]
    scope: Message = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "PUT", "path": to}
    scope.update(raw_path=to.encode(), query_string=b"", headers=headers, scheme="http", root_path="")
    scope.update(client=("127.0.0.1", 1), server=("backend.test", 80))
    await app(scope, receive, note)
    return sent


def places_taken(app: FastAPI) -> int:
    bulkheads: Bulkheads = app.state.bulkheads
    return bulkheads.uploads._taken.total()


def test_of_a_body_that_is_cut_off_nothing_is_kept(
    app: FastAPI, database: Database, professional: Person, over: dict[str, Any]
) -> None:
    body: Iterator[Message] = iter(
        [{"type": "http.request", "body": b"x" * 1000, "more_body": True}, {"type": "http.disconnect"}]
    )

    async def receive() -> Message:
        return next(body)

    answer = asyncio.run(asked(app, professional, path(over, uuid4()), receive))
    assert answer[0]["status"] == 422, "which nobody reads"
    assert kept(database) == (0, 0)
    assert places_taken(app) == 0


def test_a_body_that_hangs_is_given_up(
    app: FastAPI,
    database: Database,
    professional: Person,
    over: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(follow_up_files, "UPLOAD_WITHIN_S", 0.2)

    async def receive() -> Message:
        await asyncio.sleep(30)
        raise AssertionError("somebody waited for this")

    answer = asyncio.run(asked(app, professional, path(over, uuid4()), receive))
    assert answer[0]["status"] == 408
    assert kept(database) == (0, 0)
    assert places_taken(app) == 0


def test_one_person_has_three_under_way_and_others_still_upload(
    app: FastAPI, professional: Person, over: dict[str, Any]
) -> None:
    """Bodies that hang take places of their own person's; `over` is not asked for a fourth."""

    async def act() -> list[int]:
        end, begun = asyncio.Event(), asyncio.Semaphore(0)

        async def hang() -> Message:
            begun.release()
            await end.wait()
            return {"type": "http.disconnect"}

        async def whole() -> Message:
            return {"type": "http.request", "body": b"x", "more_body": False}

        to = [path(over, uuid4()) for _ in range(4)]
        hanging = [asyncio.ensure_future(asked(app, professional, each, hang)) for each in to[:3]]
        async with asyncio.timeout(10):
            for _ in hanging:
                await begun.acquire()
        refused = await asked(app, professional, to[3], whole)
        with app.state.bulkheads.uploads.one_for("somebody else"):
            assert places_taken(app) == 4
        end.set()
        await asyncio.gather(*hanging)
        return [int(refused[0]["status"]), int((await asked(app, professional, to[3], whole))[0]["status"])]

    assert asyncio.run(act()) == [503, 200]


def test_who_may_not_is_refused_before_anything_is_read(
    app: FastAPI, backend: Backend, professional: Person, user: Person, over: dict[str, Any]
) -> None:
    async def receive() -> Message:
        raise AssertionError("the body was asked for")

    stranger = backend.professional("Vera Stein")
    send(professional, over)
    for person, status in ((stranger, 404), (user, 403), (professional, 409)):
        answer = asyncio.run(asked(app, person, path(over, uuid4()), receive))
        assert answer[0]["status"] == status


def test_a_download_that_loses_its_file_is_not_whole(
    database: Database, professional: Person, over: dict[str, Any]
) -> None:
    file_id = upload(professional, over, b"x" * 600_000).json()["id"]
    with database.write() as session:
        session.execute(delete(FollowUpPieceRow).where(FollowUpPieceRow.number == 1))
    answer = professional.get(path(over, file_id))
    assert answer.headers["Content-Length"] == "600000"
    assert len(answer.content) == 256 * 1024, "what came is less than what was announced: a real client raises"
