"""Calls whose one side is on another network: Anna behind a wire, Ben beside the server.

Both are processes of their own in their own network namespaces (tests/stage/two_networks.py).
"""

import asyncio
import itertools
import time
from dataclasses import dataclass
from pathlib import Path

from app.call.contract.call_state import CallState
from tests.live.peers import Backend, Peer
from tests.stage.livekit_server import LivekitServer
from tests.stage.sound_cards import SoundCards
from tests.stage.tokens import create_room, credentials
from tests.stage.two_networks import FAIR, Network, TwoNetworks

SETTLING_S = 1.5
"""Frames and audio have then been counted more than once: what has only just begun is given longer."""


@dataclass
class Call:
    """Anna on the far side of the wire, Ben on the near one."""

    anna: Peer
    ben: Peer
    server: LivekitServer
    networks: TwoNetworks

    @property
    def is_well(self) -> bool:
        """Whether another test can go on with it."""
        alive = self.anna.process.poll() is None and self.ben.process.poll() is None
        return alive and self.anna.state == self.ben.state == CallState.IN_CALL

    def moves(self) -> float:
        """Anna's device is on another network from now on; the moment (monotonic)."""
        here = self.networks.client.address
        self.networks.client.readdress("10.77.0.3" if here == "10.77.0.2" else "10.77.0.2")
        return time.monotonic()

    async def goes_on(self, limit_s: float = 30.0) -> None:
        """Both are in the call and see each other, from now on."""
        for one in (self.anna, self.ben):
            await one.is_in(CallState.IN_CALL, limit_s)
        await asyncio.gather(self.anna.sees(limit_s), self.ben.sees(limit_s))


class Calls:
    """Gives each test a call: the same one as long as both are still in it, for two processes take seconds to start."""

    def __init__(
        self, networks: TwoNetworks, server: LivekitServer, videos: tuple[Path, Path], cards: SoundCards
    ) -> None:
        self._networks, self._server, self._videos, self._cards = networks, server, videos, cards
        self._backend = Backend(server.http_url, server.key, server.secret)
        self._call: Call | None = None
        self._numbers = itertools.count(1)

    async def ready(self) -> Call:
        self._networks.weather(FAIR)
        call = self._call
        if call is None or not call.is_well:
            self.close()
            room = f"session_abroad_{next(self._numbers)}"
            self._networks.server.run(lambda: asyncio.run(create_room(self._server, room)))
            anna = self._person(room, "anna", self._networks.client)
            call = self._call = Call(
                anna, self._person(room, "ben", self._networks.server), self._server, self._networks
            )
        await call.goes_on(40)
        await asyncio.sleep(SETTLING_S)
        for one in (call.anna, call.ben):
            one.forget()
        return call

    def _person(self, room: str, identity: str, network: Network) -> Peer:
        card, video = ("a", self._videos[0]) if identity == "anna" else ("b", self._videos[1])
        given = credentials(self._server, room, identity)
        return Peer(given, video, self._cards, card, network=network, backend=self._backend)

    def close(self) -> None:
        if self._call is not None:
            self._call.anna.close()
            self._call.ben.close()
            self._call = None
