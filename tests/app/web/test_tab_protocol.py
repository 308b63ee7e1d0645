"""A tab's socket by itself, over a real connection: questions, pictures, and a tab that takes nothing any more."""

import asyncio
import contextlib
import secrets
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect

from app.settings import AppSettings
from app.web.server import server_config
from app.web.tab_protocol import TabProtocol
from app.web.tab_socket import TabSocket
from tests.stage.livekit_server import free_ports
from tests.waiting import until

LARGE = 2_000_000  # bytes; more than any buffer between two ends of a connection on this machine
PICTURE, PATCH = b"\x01", b"\x00"
Serve = Callable[[TabSocket], Awaitable[None]]


@contextlib.asynccontextmanager
async def served(serve: Serve) -> AsyncIterator[uvicorn.Server]:
    """A server whose one app is `serve`."""

    async def accept(websocket: WebSocket) -> None:
        await websocket.accept()
        await serve(TabSocket(websocket))

    (port,) = free_ports(1)
    settings = AppSettings(port=port)
    server = uvicorn.Server(server_config(settings, Starlette(routes=[WebSocketRoute("/ws", accept)])))
    serving = asyncio.create_task(server.serve())
    await until(lambda: server.started, "the server has started")
    yield server
    server.should_exit = True
    await serving


def open_tab(server: uvicorn.Server, **how: Any) -> connect:
    return connect(f"ws://127.0.0.1:{server.config.port}/ws", proxy=None, ping_interval=None, **how)


def protocol_of(server: uvicorn.Server) -> TabProtocol:
    """The one connection's."""
    (protocol,) = server.server_state.connections
    assert isinstance(protocol, TabProtocol)
    return protocol


@contextlib.contextmanager
def deaf_tab(server: uvicorn.Server) -> Iterator[None]:
    """A tab that is connected and takes nothing, as one whose network has gone; its own buffer is small."""
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.connect(("127.0.0.1", server.config.port))
        headers = {
            "Host": "127.0.0.1",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        sock.sendall(f"GET /ws HTTP/1.1\r\n{lines}\r\n".encode())
        yield


async def test_whether_the_server_is_there_is_answered_without_the_app() -> None:
    finish = asyncio.Event()

    async def busy(tab: TabSocket) -> None:
        await finish.wait()

    async with served(busy) as server, open_tab(server) as tab:
        for _ in range(3):
            await tab.send("?")
            assert await tab.recv() == "!"
        finish.set()


async def test_words_and_frames_come_in_their_order_and_questions_are_none_of_them() -> None:
    heard: list[bytes] = []

    async def listen(tab: TabSocket) -> None:
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                heard.append(await tab.receive_bytes())

    async with served(listen) as server, open_tab(server) as tab:
        for sent in (b"one", "?", "no word of ours", b"two", "?", b"three"):
            await tab.send(sent)
        await until(lambda: len(heard) == 3, "the frames have come")
    assert heard == [b"one", b"two", b"three"]


@pytest.mark.parametrize(("kind", "at_least", "at_most"), [(PICTURE, 50_000, 60_000), (PATCH, 0, 5_000)])
async def test_pictures_are_sent_as_they_are_and_screens_compressed(kind: bytes, at_least: int, at_most: int) -> None:
    content, done = kind + b"\0" * 50_000, asyncio.Event()

    async def send(tab: TabSocket) -> None:
        await tab.send_bytes(content)
        await done.wait()

    read: list[int] = []

    class Counting(ClientConnection):
        def data_received(self, data: bytes) -> None:
            read.append(len(data))
            super().data_received(data)

    async with served(send) as server, open_tab(server, create_connection=Counting) as tab:
        assert await tab.recv() == content
        assert at_least <= sum(read) <= at_most
        done.set()


@pytest.mark.parametrize("kind", [PICTURE, PATCH])
async def test_a_tab_that_takes_nothing_is_waited_for_and_is_let_go_at_once(kind: bytes) -> None:
    """Half open, as after a change of networks: what is sent to it must not pile up, and its session must hear."""
    sent, tabs, over = list[int](), list[TabSocket](), asyncio.Event()

    async def send(tab: TabSocket) -> None:
        tabs.append(tab)
        while not tab.ended.done():
            await tab.send_bytes(kind + secrets.token_bytes(LARGE))
            sent.append(1)
        with pytest.raises(WebSocketDisconnect):
            await tab.receive_bytes()
        over.set()

    async with served(send) as server:
        with deaf_tab(server):
            await until(lambda: bool(tabs) and not protocol_of(server).writable.is_set(), "nothing more is taken")
            assert len(sent) <= 3
            tabs[0].end()
            await asyncio.wait_for(over.wait(), 2)
            assert len(sent) <= 4


async def test_a_session_that_waits_for_its_tab_hears_of_its_end() -> None:
    tabs, heard = list[TabSocket](), asyncio.Event()

    async def listen(tab: TabSocket) -> None:
        tabs.append(tab)
        with pytest.raises(WebSocketDisconnect):
            await tab.receive_bytes()
        heard.set()
        await tab.close(4001)

    async with served(listen) as server, open_tab(server) as tab:
        await until(lambda: bool(tabs), "the tab is there")
        tabs[0].end()
        await asyncio.wait_for(heard.wait(), 2)
        await tab.wait_closed()
        assert tab.close_code == 4001


async def test_no_answers_are_kept_for_a_tab_that_takes_nothing() -> None:
    kept, heard = list[bytes](), list[bytes]()

    async def listen(tab: TabSocket) -> None:
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                heard.append(await tab.receive_bytes())

    async with served(listen) as server, open_tab(server) as tab:
        await tab.send("?")
        assert await tab.recv() == "!"
        protocol = protocol_of(server)
        protocol.pause_writing()  # as its transport does when the tab takes nothing
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(protocol.transport, "write", kept.append)
            for sent in ("?", "?", "?", b"the last"):
                await tab.send(sent)
            await until(lambda: heard == [b"the last"], "all of it has come")
        protocol.resume_writing()
        await tab.send("?")
        assert await tab.recv() == "!"
    assert kept == []
