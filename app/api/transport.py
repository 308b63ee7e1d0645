"""Carries a Request to the backend and its answer back: one httpx client, timeouts, retries of what is safe.

Nothing here logs: a request carries a token, mail addresses and passwords.
"""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx

from app.api.protocol import OnBytes, Request, read_server_time
from app.api.route import ProxyUnusable, open_route
from app.api.server_clock import ServerClock
from app.errors import Offline
from app.settings import VERSION

TIMEOUT = httpx.Timeout(15.0, connect=5.0)  # seconds; a photo and a file have their own
LARGE_TIMEOUT = httpx.Timeout(60.0, connect=5.0)
PIECE_BYTES = 64 * 1024
RETRY_DELAYS_S = (0.3, 1.0)
HEADERS = {"Accept": "application/json", "X-Rendezvous-App": VERSION}
"""The version: a backend tells an app that is too old for it to update (426)."""
RETRIED_STATUSES = frozenset({502, 503, 504})


class Transport:
    """One person's connection: the address, their token and the server's clock. Raises Offline, nothing else."""

    def __init__(self, base_url: str, transport: httpx.AsyncBaseTransport | None, token: str | None) -> None:
        self._base_url = base_url.rstrip("/")
        self.token = token
        self.visitor = ""
        """The network address of whoever this process asks for, where it serves others (X-Forwarded-For): the
        backend's limits count them, if it trusts this process."""
        self.language = ""
        """The tag of the device's language (BCP 47): mails write dates in its region's order."""
        self.device = ""
        """What the person knows this device by: sign-ins that begin here are listed as that."""
        self._clock = ServerClock()
        self.on_reached: Callable[[bool], None] = lambda reached: None  # after every request: was there an answer?
        self._given = transport
        self._http: httpx.AsyncClient | None = None
        self._left: list[httpx.AsyncClient] = []
        self._through = ""  # the proxy, if any

    @property
    def clock_ahead(self) -> dt.timedelta:
        """The server's clock minus this machine's."""
        return self._clock.ahead

    @property
    def base_url(self) -> str:
        """Without a trailing slash."""
        return self._base_url

    def use_base_url(self, base_url: str) -> None:
        """Asks another backend from now on; the way there may be another one too."""
        self._base_url = base_url.rstrip("/")
        self._clock = ServerClock()
        if self._http is not None:
            self._left.append(self._http)
            self._http = None

    async def close(self) -> None:
        for client in (*self._left, *([self._http] if self._http else [])):
            await client.aclose()
        self._left, self._http = [], None

    def _client(self) -> httpx.AsyncClient:
        """Opened by the first request, whose error can be shown: ProxyUnusable, Offline for no address at all."""
        if self._http is None:
            try:
                route, self._through = (self._given, "") if self._given else open_route(self._base_url)
            except httpx.InvalidURL:
                raise Offline(
                    f"{self._base_url} is not an address of Rendezvous. Correct the server's address."
                ) from None
            self._http = httpx.AsyncClient(timeout=TIMEOUT, transport=route, headers=HEADERS)
        return self._http

    async def send(self, request: Request) -> tuple[int, bytes]:
        """Status and content of the answer. Repeats a safe request twice when there was none, or 502 to 504."""
        try:
            status, content = await self._send_with_retries(request)
        except Offline:
            self.on_reached(False)
            raise
        self.on_reached(status not in (502, 504))  # a proxy speaks for a silent backend; 503 is its own word
        return status, content

    async def _send_with_retries(self, request: Request) -> tuple[int, bytes]:
        for delay_s in RETRY_DELAYS_S if request.safe else ():
            try:
                status, content = await self._send_once(request)
            except ProxyUnusable:
                raise
            except Offline:
                await asyncio.sleep(delay_s)
                continue
            if status not in RETRIED_STATUSES:
                return status, content
            await asyncio.sleep(delay_s)
        return await self._send_once(request)

    async def _send_once(self, request: Request) -> tuple[int, bytes]:
        headers = dict(request.headers)
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.language:
            headers["Accept-Language"] = self.language
        if self.device:
            headers["X-Rendezvous-Device"] = self.device
        if self.visitor:
            headers["X-Forwarded-For"] = self.visitor
        sent_at = dt.datetime.now(dt.UTC)
        url = self.base_url + request.path
        body = _body_of(request, headers)
        try:
            async with self._client().stream(
                request.method, url, params=request.query_given(), headers=headers, **body
            ) as answer:
                content = await _content_of(answer, request)
        except (httpx.HTTPError, httpx.InvalidURL):  # also an answer that cannot be decoded, being cut off
            raise self._out_of_reach() from None  # the cause names the request
        self._note_clock(answer.headers.get("X-Server-Time"), sent_at)
        return answer.status_code, content

    def _out_of_reach(self) -> Offline:
        if not self._through:
            return Offline()
        return Offline(
            f"Rendezvous cannot be reached through the proxy {self._through}. "
            "Check your connection and the proxy's address, then try again."
        )

    def _note_clock(self, server_time: str | None, sent_at: dt.datetime) -> None:
        answered_at = read_server_time(server_time)
        if answered_at:
            self._clock.note(answered_at, sent_at, dt.datetime.now(dt.UTC))


def _body_of(request: Request, headers: dict[str, str]) -> dict[str, Any]:
    """What httpx is told of it."""
    if request.photo:
        data, content_type = request.photo
        return {"files": {"photo": ("photo", data, content_type)}, "timeout": LARGE_TIMEOUT}
    if request.file is not None:
        headers |= {"Content-Type": "application/octet-stream", "Content-Length": str(len(request.file))}
        return {"content": _in_pieces(request.file, request.on_bytes), "timeout": LARGE_TIMEOUT}
    if request.on_bytes:
        return {"timeout": LARGE_TIMEOUT}
    return {} if request.body is None else {"json": request.body}


async def _in_pieces(file: bytes, on_sent: OnBytes | None) -> AsyncIterator[bytes]:
    for begin in range(0, len(file), PIECE_BYTES):
        yield file[begin : begin + PIECE_BYTES]
        if on_sent:
            on_sent(min(len(file), begin + PIECE_BYTES))


async def _content_of(answer: httpx.Response, request: Request) -> bytes:
    if request.on_bytes is None or request.file is not None:
        return await answer.aread()
    content = bytearray()
    async for piece in answer.aiter_bytes():
        content += piece
        request.on_bytes(len(content))
    return bytes(content)
