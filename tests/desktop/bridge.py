"""Stands where flet 1.0.5 looks for its desktop client; shows the app in the last one that PyPI carries (0.82.2).

    flet 1.0.5 (the app)  <-- length, packet type, MessagePack -->  this  <-- bare MessagePack -->  client 0.82.2

Each picture of a `RawImage`'s channel is offered by HTTP on loopback under a new address, the old client's image is
pointed there, and the picture is acknowledged once the client has fetched it. Environment: OLD_CLIENT, its executable;
FRAMES_LOG, a file that gets a line for each picture: the image's number, the packet's first byte, its length; and for
each event of the client's: "event" and its name.
"""

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgpack  # type: ignore[import-untyped]  # ships no types

from tests.desktop.translation import CLEAR, EVENT, OURS, PATCH, REGISTER, REPLACE, Node, Tree, picture_of, shown

MESSAGE, CHANNEL = b"\x00", b"\x01"  # 1.0.5's packet types
DRAWN = b"\xff"
UNSEEN_S = 1.0
"""A window that is minimised fetches no picture; the real client acknowledges it all the same."""


class Pictures:
    """What is on offer by HTTP: each picture under a name of its own, and what is to be called once it was fetched."""

    def __init__(self) -> None:
        self.port = 0
        self._given = 0
        self._waiting: dict[str, tuple[bytes, Callable[[], None]]] = {}

    async def serve(self) -> None:
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]

    def offer(self, picture: bytes, fetched: Callable[[], None]) -> str:
        """The picture's address."""
        self._given += 1
        name = f"/{self._given}"
        self._waiting[name] = picture, fetched
        asyncio.get_running_loop().call_later(UNSEEN_S, self._done_with, name)
        return f"http://127.0.0.1:{self.port}{name}"

    def _done_with(self, name: str) -> None:
        if name in self._waiting:
            self._waiting.pop(name)[1]()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                name = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)[1].decode()
                picture = self._waiting[name][0] if name in self._waiting else CLEAR
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(picture) + picture)
                await writer.drain()
                self._done_with(name)
        writer.close()


class Bridge:
    """One connection of the old client, and one to the app."""

    def __init__(self, app: asyncio.StreamWriter, client: asyncio.StreamWriter, pictures: Pictures) -> None:
        self._app = app
        self._client = client
        self._pictures = pictures
        self._tree = Tree()
        self._page: Any = None  # held: the tree refers to it weakly
        self._log = open(os.environ.get("FRAMES_LOG", os.devnull), "a", buffering=1)  # noqa: SIM115  as long as this

    async def to_app(self, reader: asyncio.StreamReader) -> None:
        stream = msgpack.Unpacker(strict_map_key=False)
        while chunk := await reader.read(1 << 20):
            stream.feed(chunk)
            for action, body in stream:
                if action == EVENT:
                    self._log.write(f"event {body['name']}\n")
                known = {name: body[name] % OURS for name in ("target", "id") if name in body}
                self._send_app(MESSAGE + msgpack.packb([action, body | known]))
            await self._app.drain()

    async def to_client(self, reader: asyncio.StreamReader) -> None:
        while True:
            packet = await reader.readexactly(int.from_bytes(await reader.readexactly(4), "little"))
            if packet[:1] == CHANNEL:
                self._draw(int.from_bytes(packet[1:5], "little"), packet[5:])
            else:
                self._send_client(*msgpack.unpackb(packet[1:], strict_map_key=False, object_hook=Node))
            await self._client.drain()

    def _send_app(self, packet: bytes) -> None:
        self._app.write(len(packet).to_bytes(4, "little") + packet)

    def _send_client(self, action: int, body: Any) -> None:
        if action == REGISTER:
            self._page = self._tree.keep(body["page_patch"])
            body["page_patch"] = shown(self._page)
        self._client.write(msgpack.packb([action, self._tree.patch(body) if action == PATCH else body]))
        while self._tree.new_images:
            image = self._tree.new_images.pop(0)
            opened = {"channel_name": "frames", "channel_id": image}
            event = {"target": image, "name": "data_channel_open", "data": opened}
            self._send_app(MESSAGE + msgpack.packb([EVENT, event]))

    def _draw(self, image: int, packet: bytes) -> None:
        self._log.write(f"{image} {packet[0]} {len(packet)}\n")
        if image in self._tree.nodes:
            drawn = CHANNEL + image.to_bytes(4, "little") + DRAWN
            address = self._pictures.offer(picture_of(packet), lambda: self._send_app(drawn))
            self._client.write(msgpack.packb([PATCH, {"id": image, "patch": [[0], [REPLACE, 0, "src", address]]}]))


async def carry(page_url: str, pictures: Pictures, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
    """One session, until either side has gone."""
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):  # the app has gone: the client tries again
        app_reader, app = await asyncio.open_unix_connection(page_url, limit=1 << 22)
        bridge = Bridge(app, client, pictures)
        ways = [asyncio.create_task(way) for way in (bridge.to_app(reader), bridge.to_client(app_reader))]
        done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        app.close()
        client.close()
        done.pop().result()
    client.close()


async def main(page_url: str, *rest: str) -> int:
    """Runs the old client until it ends or this is asked to."""
    pictures = Pictures()
    await pictures.serve()
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "bridge.sock")
        await asyncio.start_unix_server(lambda r, w: carry(page_url, pictures, r, w), path)
        name = os.environ.get("FLET_APP_ID", "flet")  # GTK takes the window's class from it
        client = await asyncio.create_subprocess_exec(name, path, *rest, executable=os.environ["OLD_CLIENT"])
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, client.kill)
        return await client.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*sys.argv[1:])))
