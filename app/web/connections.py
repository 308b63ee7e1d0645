"""One tab's connection to its Flet session, from the first word to the last."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol, cast

from flet.app import AppCallable
from flet_web.fastapi import FletApp, app_manager
from starlette.datastructures import Address
from starlette.websockets import WebSocket, WebSocketDisconnect

from app.state.core.kept.drafts import LARGEST_UNSAVED, Drafts
from app.web.photos import BELOW
from app.web.tab_socket import REPLACED, TabSocket
from app.web.tabs import DRAFTS, UNSAVED, KeptByDevice, KeptByTab, Tab, Tabs

SESSION_WITHOUT_TAB_S = 60
"""How long a session waits for its tab to come back; then it ends, with all that it asks the backend."""
LETS_GO_S = 2.0


class Served(Protocol):
    """What is to be known of a client of the backend here."""

    photos_below: str

    def ask_for(self, visitor: str) -> None: ...


class TabConnection(FletApp):  # type: ignore[misc]  # Flet declares no types here
    """Flet's connection, which knows the tab at its other end."""

    has_fonts = True
    """The page has loaded the app's fonts before its first picture (`app.web.client_files`)."""

    def __init__(self, tab: Tab, main: AppCallable, upload_key: str) -> None:
        super().__init__(
            loop=asyncio.get_running_loop(),
            executor=app_manager.executor,
            main=main,
            before_main=None,
            session_timeout_seconds=SESSION_WITHOUT_TAB_S,
            secret_key=upload_key,
        )
        self.tab = tab
        self.sign_in_store = KeptByTab(tab)
        self.early = tab.early

    def serve(self, api: Served) -> Drafts:
        """Fits a session's client of the backend to a browser: it is asked on the visitor's behalf. Returns what was
        typed in this tab when it was last connected.
        """
        api.photos_below = BELOW
        api.ask_for(self.tab.address)
        return Drafts(self.tab.text(DRAFTS), partial(self.tab.keep, DRAFTS))

    def unsaved(self) -> Drafts:
        """What the backend did not have yet when this tab was last connected."""
        return Drafts(self.tab.text(UNSAVED), partial(self.tab.keep, UNSAVED), LARGEST_UNSAVED)

    def device_store(self, write: Callable[[str, str], Awaitable[object]]) -> KeptByDevice:
        """What is kept on the tab's device; `write` keeps a text there."""
        return KeptByDevice(self.tab, write)

    def first_screen(self) -> None:
        """The session has something to show: the page's first picture has done its part."""
        self.tab.shown = True
        if self.tab.send is not None:
            self.tab.send({"shown": True})


class Connections:
    """Every tab's connection in this process. A tab has one at a time."""

    def __init__(self, main: AppCallable, upload_key: str, cookie: str) -> None:
        self._main, self._upload_key, self._cookie = main, upload_key, cookie
        self._tabs = Tabs()
        self._sockets: dict[str, TabSocket] = {}
        self._left: dict[str, asyncio.Event] = {}

    async def serve(self, websocket: WebSocket) -> None:
        """From the accepted connection until it is gone and its session knows it."""
        await websocket.accept()
        socket = TabSocket(websocket)
        try:
            said = await socket.greeting()
        except WebSocketDisconnect as refusal:
            await socket.close(refusal.code)
            return
        tab_id = await self._id_for(said.tab, socket)
        tab = self._tabs.greet(tab_id, websocket.cookies.get(self._cookie, ""), said.kept)
        tab.address, tab.device = websocket.client.host if websocket.client else "", said.device
        await self._carry(tab, socket, said.kept)

    async def _id_for(self, wanted: str, socket: TabSocket) -> str:
        """The tab's own id, once its former connection is over: a half-open one is ended here. A tab that is a copy of
        another, which is still there, gets a new one.
        """
        while (former := self._sockets.get(wanted)) is not None:
            left = self._left[wanted]
            if await former.is_alive():
                fresh = secrets.token_urlsafe(24)
                socket.say({"tab": fresh})
                return fresh
            former.end()
            await left.wait()
        return wanted

    async def _carry(self, tab: Tab, socket: TabSocket, kept: dict[str, str]) -> None:
        socket.client = Address(tab.id, 0)
        left = asyncio.Event()
        self._sockets[tab.id], self._left[tab.id] = socket, left
        tab.send, socket.on_typed = socket.say, tab.early.give
        if tab.kept != kept:
            socket.say({"keep": tab.kept})
        if tab.shown:
            socket.say({"shown": True})
        connection = TabConnection(tab, self._main, self._upload_key)
        try:
            await self._handle(connection, socket)
        finally:
            socket.end()
            if self._sockets.get(tab.id) is socket:
                del self._sockets[tab.id], self._left[tab.id]
                tab.send = None
            left.set()
            await socket.close(REPLACED)

    @staticmethod
    async def _handle(connection: TabConnection, socket: TabSocket) -> None:
        """Flet's own handling. It never returns for a tab that goes before it has asked for a session (flet 1.0.5)."""
        handling = asyncio.ensure_future(connection.handle(cast(WebSocket, socket)))
        try:
            await asyncio.wait({handling, socket.ended}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({handling}, timeout=LETS_GO_S)
        finally:
            if not handling.done():
                handling.cancel()
            await asyncio.gather(handling, return_exceptions=True)
