"""By which of this machine's addresses the call's server is reached: another one than before means another network."""

import asyncio
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

_PORTS = {"ws": 80, "wss": 443}


@dataclass(frozen=True)
class Destination:
    """Where a server was found when its name was last looked up: what `socket.getaddrinfo` says of it."""

    found: tuple[tuple[Any, ...], ...] = ()

    @classmethod
    async def of(cls, url: str) -> "Destination":
        """Looks the name up. One that cannot be looked up has no way to it."""
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 443)
        try:
            found = await asyncio.get_running_loop().getaddrinfo(parts.hostname or "", port, type=socket.SOCK_DGRAM)
        except OSError:
            return cls()
        return cls(tuple(found))

    def own_address(self) -> str | None:
        """The address from which packets would leave now; None when there is no way there at all.

        Nothing is sent: connecting a datagram socket only asks the system for the route.
        """
        for family, kind, protocol, _, address in self.found:
            try:
                with socket.socket(family, kind, protocol) as asking:
                    asking.connect(address)
                    return str(asking.getsockname()[0])
            except OSError:  # no route by this one
                continue
        return None
