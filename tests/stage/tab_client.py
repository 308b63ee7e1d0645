"""A browser's tab by hand: speaks to the web process as Flet's client and assets/web/connection.js do, and draws
nothing. For many people at once, and for what a browser does not do on purpose.
"""

import asyncio
import contextlib
import json
import secrets
import ssl
from typing import Any

import msgpack  # type: ignore[import-untyped]  # ships no types
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

REGISTER, PATCH, EVENT, UPDATE, INVOKE = 1, 2, 3, 4, 5
WAIT_S = 15.0


class TabClient:
    """One tab. `kept` and `cookie` are what its browser kept of an earlier time, `device` what its device keeps.

    `origin` is where the page is, if not on loopback; https needs `trust`.
    """

    def __init__(
        self,
        port: int,
        *,
        route: str = "/",
        kept: dict[str, str] | None = None,
        cookie: str = "",
        tab: str = "",
        device: dict[str, str] | None = None,
        origin: str = "",
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self.tab, self.kept, self.cookie = tab or secrets.token_hex(24), kept or {}, cookie
        self.device = device or {}
        self.shown = False
        """Whether the server said that there is something to be seen."""
        self.session = ""
        self.received = b""
        """All that Flet has sent, one packet after the other."""
        self.asked = 0
        """How often the server asked the client for something."""
        self._origin = origin or f"http://127.0.0.1:{port}"
        self._trust, self._route = trust, route
        self._socket: ClientConnection | None = None
        self._reading: asyncio.Task[None] | None = None
        self._heard = asyncio.Event()
        self.closed_with: int | None = None

    async def open(self) -> "TabClient":
        """Connects and registers; returns once the session has an id."""
        headers = {"Cookie": f"rendezvous={self.cookie}"} if self.cookie else {}
        origin: Any = self._origin
        self._socket = await connect(
            f"{self._origin.replace('http', 'ws', 1)}/ws",
            origin=origin,
            additional_headers=headers,
            user_agent_header="test",
            max_size=None,
            ping_interval=None,
            proxy=None,
            ssl=self._trust,
        )
        self.received, self.closed_with = b"", None
        await self._socket.send(json.dumps({"tab": self.tab, "kept": self.kept, "device": self.device}))
        page = {"route": self._route, "platform": "linux", "width": 1280, "height": 800, "web": True}
        await self._send([REGISTER, {"session_id": self.session or None, "page_name": "", "page": page}])
        self.session = ""
        self._reading = asyncio.create_task(self._read())
        await self.until(lambda: self.session)
        return self

    async def shows(self, text: str) -> None:
        """Waits until the text was among what Flet has sent."""
        await self.until(lambda: text.encode() in self.received)

    async def until(self, look: Any) -> None:
        """Waits for a condition that what is received can bring about."""
        async with asyncio.timeout(WAIT_S):
            while not look():
                self._heard.clear()
                await self._heard.wait()

    async def ask_every(self, pause_s: float) -> None:
        """As a tab that somebody looks at does, for ever."""
        while self._socket is not None and self.closed_with is None:
            await self._socket.send("?")
            await asyncio.sleep(pause_s)

    def go_silent(self) -> None:
        """Half open: nothing is read and nothing answered any more, and the server is not told."""
        assert self._reading is not None
        self._reading.cancel()

    async def close(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
        if self._socket is not None:
            await self._socket.close()

    def drop(self) -> None:
        """The connection is cut."""
        assert self._socket is not None
        self._socket.transport.abort()

    async def _send(self, message: list[Any]) -> None:
        assert self._socket is not None
        with contextlib.suppress(ConnectionClosed):
            await self._socket.send(b"\0" + msgpack.packb(message))

    async def _read(self) -> None:
        assert self._socket is not None
        try:
            async for packet in self._socket:
                await self._take(packet)
                self._heard.set()
        except ConnectionClosed:
            pass
        self.closed_with = self._socket.close_code
        self._heard.set()

    async def _take(self, packet: str | bytes) -> None:
        if isinstance(packet, str):
            await self._hear(packet)
            return
        self.received += packet
        action, body = msgpack.unpackb(packet[1:], ext_hook=lambda code, data: data, strict_map_key=False)
        if action == REGISTER:
            self.session = body["session_id"]
        elif action == INVOKE:
            self.asked += 1
            answer = {"control_id": body["control_id"], "call_id": body["call_id"], "result": None, "error": None}
            await self._send([INVOKE, answer])

    async def _hear(self, words: str) -> None:
        assert self._socket is not None
        if words == "?":
            await self._socket.send("!")
        elif words.startswith("{"):
            said = json.loads(words)
            self.kept, self.tab = self.kept | said.get("keep", {}), said.get("tab", self.tab)
            self.shown = self.shown or "shown" in said
