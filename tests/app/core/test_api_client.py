"""How the client carries requests: retries, the idempotency key, the server's clock, lost sign-ins, secrets."""

import datetime as dt
import logging
from collections.abc import Callable

import httpx
import pytest

from app.api import transport
from app.api.client import ApiClient
from app.errors import NotSignedIn, Offline, Problem, Unavailable

ACCOUNT = {"id": "a", "role": "user", "email": "ada@example.com", "name": "Ada", "time_zone": "UTC"}
Answer = Callable[[httpx.Request], httpx.Response]


class Server:
    """Plays answers one after the other (the last one again and again) and keeps the requests."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.requests: list[httpx.Request] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return answer(request)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "RETRY_DELAYS_S", (0.0, 0.0))


def client_of(server: Server, token: str | None = "secret-token") -> ApiClient:
    return ApiClient("http://backend.test", httpx.MockTransport(server), token)


def ok(body: object = ACCOUNT, **headers: str) -> Answer:
    return lambda request: httpx.Response(200, json=body, headers=headers)


def status(code: int, error: str = "", detail: str = "No.") -> Answer:
    return lambda request: httpx.Response(code, json={"error": error, "detail": detail})


def lost(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("no answer", request=request)


async def test_a_read_is_tried_again_when_no_answer_came() -> None:
    server = Server(lost, lost, ok())
    assert (await client_of(server).me()).name == "Ada"
    assert len(server.requests) == 3


async def test_a_read_is_tried_again_when_the_backend_was_down() -> None:
    server = Server(status(503), ok())
    assert (await client_of(server).me()).name == "Ada"


async def test_a_read_without_any_answer_is_offline() -> None:
    server = Server(lost)
    with pytest.raises(Offline):
        await client_of(server).me()
    assert len(server.requests) == 3


async def test_a_write_is_sent_once_only() -> None:
    server = Server(lost)
    with pytest.raises(Offline):
        await client_of(server).create_slot(dt.date(2026, 11, 24), dt.time(9), dt.time(10), 4500)
    assert len(server.requests) == 1


async def test_a_booking_is_repeated_with_the_same_key() -> None:
    server = Server(lost, lost, status(404, "NotFound"))
    with pytest.raises(Problem):
        await client_of(server).book("slot-1")
    keys = {request.headers["Idempotency-Key"] for request in server.requests}
    assert (len(server.requests), len(keys)) == (3, 1)


async def test_cancelling_is_repeated_because_a_repeat_gives_the_cancelled_booking() -> None:
    server = Server(lost, status(409, "NotCancellable"))
    with pytest.raises(Problem):
        await client_of(server).cancel("session-1", 2250)
    assert [request.content for request in server.requests] == [b'{"expected_refund":"22.50"}'] * 2


async def test_two_bookings_have_two_keys() -> None:
    server = Server(status(404, "NotFound"))
    client = client_of(server)
    for _ in range(2):
        with pytest.raises(Problem):
            await client.book("slot-1")
    assert len({request.headers["Idempotency-Key"] for request in server.requests}) == 2


async def test_a_conflict_is_an_answer_and_not_tried_again() -> None:
    server = Server(status(409, "SlotAlreadyTaken"))
    with pytest.raises(Problem) as caught:
        await client_of(server).book("slot-1")
    assert (caught.value.error, len(server.requests)) == ("SlotAlreadyTaken", 1)


async def test_countdowns_follow_the_servers_clock() -> None:
    ahead = dt.datetime.now(dt.UTC) + dt.timedelta(hours=3)
    client = client_of(Server(ok(ACCOUNT, **{"X-Server-Time": ahead.isoformat()})))
    await client.me()
    assert abs(client.server_now() - ahead) < dt.timedelta(seconds=5)


async def test_a_token_that_is_not_taken_any_more_is_forgotten_and_told() -> None:
    client = client_of(Server(status(401, "NotSignedIn")))
    told: list[str] = []
    client.watch(lambda reached: None, lambda: told.append("signed out"))
    with pytest.raises(NotSignedIn):
        await client.me()
    assert (client.token, told) == (None, ["signed out"])


async def test_every_request_tells_whether_the_backend_was_reached() -> None:
    client = client_of(Server(lost, lost, lost, ok()))
    told: list[bool] = []
    client.watch(told.append, lambda: None)
    with pytest.raises(Offline):
        await client.me()
    await client.me()
    assert told == [False, True]


async def test_a_backend_that_lacks_a_part_of_its_own_is_not_silent() -> None:
    client = client_of(Server(status(503, "ServiceUnavailable")))
    told: list[bool] = []
    client.watch(told.append, lambda: None)
    with pytest.raises(Unavailable) as said:
        await client.presence("session-1")
    assert told == [True]
    assert said.value.detail, "and says what it lacks"


async def test_signing_out_forgets_the_token_even_offline() -> None:
    client = client_of(Server(lost))
    with pytest.raises(Offline):
        await client.sign_out()
    assert client.token is None


async def test_another_backend_never_sees_the_token() -> None:
    server = Server(ok())
    client = client_of(server)
    client.use_base_url("http://elsewhere.test/")
    await client.me()
    assert "Authorization" not in server.requests[0].headers


async def test_an_address_that_is_none_is_offline() -> None:
    with pytest.raises(Offline):
        await ApiClient("nonsense").me()


async def test_nothing_secret_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client = client_of(Server(status(401, "WrongEmailOrPassword")))
    with pytest.raises(Problem):
        await client.sign_in("ada@example.com", "correct horse")
    assert not [word for word in ("secret-token", "ada@example.com", "correct horse") if word in caplog.text]


async def test_a_slot_that_ends_at_midnight_is_sent_as_24_00() -> None:
    server = Server(status(422, "InvalidPayload"))
    with pytest.raises(Problem):
        await client_of(server).create_slot(dt.date(2026, 11, 24), dt.time(23), dt.time(0), 105)
    assert b'"end_time":"24:00"' in server.requests[0].content
    assert b'"price":"1.05"' in server.requests[0].content


def test_a_photos_path_becomes_an_address_on_the_backend() -> None:
    client = ApiClient("http://backend.test/")
    assert client.photo_url("/professional/1/photo?v=2") == "http://backend.test/professional/1/photo?v=2"


async def test_the_backend_is_told_for_whom_a_page_asks_and_nothing_where_an_app_asks_for_itself() -> None:
    server = Server(ok(), ok())
    api = client_of(server)
    await api.me()
    api.ask_for("203.0.113.7")
    await api.me()
    own, for_a_visitor = (request.headers.get("X-Forwarded-For") for request in server.requests)
    assert (own, for_a_visitor) == (None, "203.0.113.7")


async def test_the_backend_is_told_what_the_device_is_known_by() -> None:
    server = Server(ok(), ok())
    api = client_of(server)
    await api.me()
    api.use_device("Firefox on Windows")
    await api.me()
    named = [request.headers.get("X-Rendezvous-Device") for request in server.requests]
    assert named == [None, "Firefox on Windows"]
