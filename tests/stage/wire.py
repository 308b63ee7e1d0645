"""A TCP connection's way through our hands: it can be cut, be held up, or go silent without anybody being told."""

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable
from typing import TypeVar

CHUNK = 65536
Answer = TypeVar("Answer")


class Wire:
    """Relays `127.0.0.1:port` to `target`, from a thread of its own."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._ways: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()
        self._silent: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()
        self._open = True
        self._flows = asyncio.Event()
        self._flows.set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._do(lambda: asyncio.start_server(self._carry, "127.0.0.1", 0))
        self.port = int(self._server.sockets[0].getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cut(self) -> None:
        """Every connection ends for both sides; new ones are carried."""
        self._do(self._cut)

    def fall_silent(self) -> None:
        """Nothing passes on the connections of this moment any more, and neither side hears of it; new ones are
        carried: as after a change from Wi-Fi to a mobile network.
        """
        self._do(self._fall_silent)

    def hold_up(self) -> None:
        """What is sent from now on waits here until `deliver`."""
        self._loop.call_soon_threadsafe(self._flows.clear)

    def deliver(self) -> None:
        self._loop.call_soon_threadsafe(self._flows.set)

    def close_for(self, closed: bool = True) -> None:
        """Whether new connections are refused."""
        self._open = not closed

    def stop(self) -> None:
        self._do(self._cut)
        self._server.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _do(self, what: Callable[[], Awaitable[Answer]]) -> Answer:
        async def done() -> Answer:
            return await what()

        return asyncio.run_coroutine_threadsafe(done(), self._loop).result(10)

    async def _cut(self) -> None:
        for way in list(self._ways):
            for end in way:
                end.transport.abort()

    async def _fall_silent(self) -> None:
        self._silent |= self._ways

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._open:
            writer.transport.abort()
            return
        try:
            there_reader, there = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        if not self._open:  # by now: what was on its way when everything was cut would outlive the cut
            writer.transport.abort()
            there.transport.abort()
            return
        way = (writer, there)
        self._ways.add(way)
        try:
            await asyncio.gather(self._pass(way, reader, there), self._pass(way, there_reader, writer))
        finally:
            self._ways.discard(way)
            for end in way:
                end.transport.abort()

    async def _pass(
        self,
        way: tuple[asyncio.StreamWriter, asyncio.StreamWriter],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        with contextlib.suppress(OSError):
            while content := await reader.read(CHUNK):
                await self._flows.wait()
                if way not in self._silent:
                    writer.write(content)
                    await writer.drain()
        if way in self._silent:  # the end is not told either, as long as the test lasts
            await asyncio.Event().wait()
        with contextlib.suppress(OSError):
            writer.close()
