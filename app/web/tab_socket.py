"""The one WebSocket of a tab: Flet's binary frames, and between them our own words as text.

assets/web/connection.js is the other end. `{"tab": id, "kept": {name: sealed}, "device": {key: text}}` comes first:
who it is, what it keeps of its session, and what is kept on its device for every session. "?" is answered with "!"
in either direction: whoever gets no answer knows that the other end is gone although the connection still stands (a
half-open connection, RFC 1122 4.2.3.6, which TCP itself notices after minutes). The tab's "?" does not come here:
`app/web/tab_protocol.py` answers it. `{"typed": {"email": text, "password": text, "submit": bool}}` is what somebody
typed before the app was there. The server also says `{"keep": {name: sealed}}` for the tab to keep it,
`{"tab": id}` when the tab is a copy of another one and is to have an id of its own, and `{"shown": true}` once the
session has a screen to show.

Frames pass through without a task or a copy of their own: a call sends thirty pictures a second.
"""

import asyncio
import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import URL, Address, Headers
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from app.state.core.sign_in import Typed

ASK, ANSWER = "?", "!"
GREETING_PATIENCE_S = 10.0
ANSWER_PATIENCE_S = 0.5
CLOSE_PATIENCE_S = 1.0
WORK_PATIENCE_S = 30.0
"""For what Flet does with one frame. It stops reading for ever at one that it cannot read (flet 1.0.5)."""
REPLACED = 4001
"""The close code for a tab that has another connection now (4000 to 4999 are free: RFC 6455 7.4.2)."""
ID_LENGTHS = range(20, 65)
LONGEST_EMAIL, LONGEST_PASSWORD = 320, 1000
DEVICE_ENTRIES, DEVICE_TEXT = 64, 1000
"""How much is taken of what a tab says of its device; what is longer is none of ours."""


@dataclass(frozen=True)
class Greeting:
    """The tab's first words."""

    tab: str
    kept: dict[str, str]
    device: dict[str, str]


class TabSocket:
    """What `FletApp.handle` takes for its WebSocket. It is accepted and greeted already."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket
        self._let_go: Callable[[], object] = getattr(websocket.state, "let_go", _nothing)
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._answered: asyncio.Future[None] | None = None
        self._overdue: asyncio.TimerHandle | None = None
        self._words: set[asyncio.Future[None]] = set()
        self.on_typed: Callable[[Typed], None] = _nobody
        self.client: Address | None = None
        """Flet tells sessions apart by it (and the browser's name). It is the tab's id: a phone that changes from Wi-Fi
        to its mobile network has another address and is the same tab."""

    @property
    def ended(self) -> "asyncio.Future[None]":
        """Done as soon as nothing comes from the tab any more."""
        return self._ended

    @property
    def headers(self) -> Headers:
        return self._websocket.headers

    @property
    def cookies(self) -> dict[str, str]:
        return self._websocket.cookies

    @property
    def url(self) -> URL:
        return self._websocket.url

    async def accept(self) -> None:
        """Done by whoever made this."""

    async def greeting(self) -> Greeting:
        """Raises `WebSocketDisconnect` when the tab says anything else."""
        try:
            async with asyncio.timeout(GREETING_PATIENCE_S):
                said = json.loads(await self._websocket.receive_text())
        except (TimeoutError, ValueError, KeyError, RecursionError) as error:
            raise WebSocketDisconnect(1008) from error
        tab, kept = (said.get("tab"), said.get("kept")) if isinstance(said, dict) else (None, None)
        if not isinstance(tab, str) or not isinstance(kept, dict) or len(tab) not in ID_LENGTHS:
            raise WebSocketDisconnect(1008)
        device = _texts(said.get("device"))
        return Greeting(tab, _texts(kept), {key: text for key, text in device.items() if len(text) <= DEVICE_TEXT})

    async def receive_bytes(self) -> bytes:
        """Flet's next frame; our own words are dealt with on the way. Raises `WebSocketDisconnect` at the end."""
        if self._overdue is not None:
            self._overdue.cancel()
        while not self._ended.done():
            message = await self._websocket.receive()
            if self._ended.done():
                break
            if message["type"] == "websocket.disconnect":
                self.end()
                raise WebSocketDisconnect(message.get("code", 1006))
            if (content := message.get("bytes")) is not None:
                self._overdue = asyncio.get_running_loop().call_later(WORK_PATIENCE_S, self.end)
                return bytes(content)
            self._hear(message.get("text") or "")
        raise WebSocketDisconnect(REPLACED)

    async def send_bytes(self, content: bytes) -> None:
        """Returns once the tab's connection has taken it, so that a slow tab is waited for; at once when it has ended.
        Never raises: Flet would not notice then that the tab has left (`FletApp.handle`, flet 1.0.5).
        """
        if self._ended.done():
            return
        try:
            await self._websocket.send_bytes(content)
        except Exception:  # whatever it is: the tab cannot be reached any more
            self.end()

    def say(self, words: dict[str, object] | str) -> None:
        """Sends words of our own, as soon as it can be."""
        text = words if isinstance(words, str) else json.dumps(words)
        sending = asyncio.ensure_future(self._say(text))
        self._words.add(sending)
        sending.add_done_callback(self._words.discard)

    async def is_alive(self) -> bool:
        """Whether the tab is still at the other end: it answers, or it is taken for gone."""
        if self._ended.done():
            return False
        answered = self._answered = self._answered or asyncio.get_running_loop().create_future()
        self.say(ASK)
        await asyncio.wait({answered, self._ended}, timeout=ANSWER_PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
        return answered.done() and not self._ended.done()

    def end(self) -> None:
        """Nothing more is taken from this connection, and nothing sent; `receive_bytes` raises."""
        if not self._ended.done():
            self._ended.set_result(None)
            self._let_go()

    async def close(self, code: int) -> None:
        """Closes the connection itself, as far as that can be done."""
        self.end()
        if self._overdue is not None:
            self._overdue.cancel()
        if self._websocket.application_state is WebSocketState.CONNECTED:
            with contextlib.suppress(Exception):  # whatever it is: it is gone either way
                async with asyncio.timeout(CLOSE_PATIENCE_S):
                    await self._websocket.close(code)

    def _hear(self, text: str) -> None:
        if text == ANSWER and self._answered is not None and not self._answered.done():
            self._answered.set_result(None)
            self._answered = None
        elif text.startswith("{") and (typed := _typed(text)) is not None:
            self.on_typed(typed)

    async def _say(self, text: str) -> None:
        if self._ended.done():
            return
        try:
            await self._websocket.send_text(text)
        except Exception:  # as in `send_bytes`
            self.end()


def _nothing() -> None:
    """For a server without `TabProtocol`: a tab that takes nothing is waited for until its connection is lost."""


def _nobody(typed: Typed) -> None:
    """Until somebody listens."""


def _typed(text: str) -> Typed | None:
    """None for what is not of that form, or longer than its fields take."""
    try:
        said = json.loads(text)["typed"]
        email, password, submit = said["email"], said["password"], said["submit"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if not isinstance(email, str) or not isinstance(password, str) or not isinstance(submit, bool):
        return None
    fits = len(email) <= LONGEST_EMAIL and len(password) <= LONGEST_PASSWORD
    return Typed(email, password, submit) if fits else None


def _texts(said: object) -> dict[str, str]:
    entries = list(said.items())[:DEVICE_ENTRIES] if isinstance(said, dict) else []
    return {name: text for name, text in entries if isinstance(text, str)}
