"""What this machine knows of itself: by which of its addresses the server is reached, and whether it was suspended.

Another address than before means another network.
"""

import asyncio
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from app.call.stats.stall_detector import POLL_INTERVAL_S

_PORTS = {"ws": 80, "wss": 443}


@dataclass(frozen=True)
class NetworkRoute:
    """The addresses to which a server's name was last resolved, as `socket.getaddrinfo` gives them."""

    found: tuple[tuple[Any, ...], ...] = ()

    @classmethod
    async def of(cls, url: str) -> "NetworkRoute":
        """Resolves the name. One that cannot be resolved has no route."""
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 443)
        try:
            found = await asyncio.get_running_loop().getaddrinfo(parts.hostname or "", port, type=socket.SOCK_DGRAM)
        except OSError:
            return cls()
        return cls(tuple(found))

    def local_address(self) -> str | None:
        """The address from which packets would leave now; None when there is no route at all.

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


SUSPENDED_AFTER_S = 2.5
"""A poll waits for the statistics for a second at most; one that is later than this was suspended itself."""


class SuspendDetector:
    """How long this program did not run between two polls, by either clock: the monotonic one stands still in the sleep
    of a Linux laptop (clock_gettime(2)), the wall clock does not.
    """

    def __init__(self) -> None:
        self._seen: tuple[float, float] | None = None

    def gap_before(self, monotonic_s: float, wall_s: float) -> float:
        """Seconds that were missed before this poll; 0 when it came about when it should."""
        seen, self._seen = self._seen, (monotonic_s, wall_s)
        if seen is None:
            return 0.0
        gap_s = max(monotonic_s - seen[0], wall_s - seen[1])
        return gap_s - POLL_INTERVAL_S if gap_s > SUSPENDED_AFTER_S else 0.0
