"""A machine that knows nobody: a network namespace with a public address, the network of deploy/compose.yaml and names
for both. What is started in it has deploy's own names and ports, and can reach nothing else.
"""

import ctypes
import ipaddress
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from tests.stage.two_networks import Network, set_address

Result = TypeVar("Result")

_CLONE_NEWNS = 0x00020000
_MS_BIND, _MS_REC, _MS_PRIVATE = 0x1000, 0x4000, 0x40000


class LoneMachine:
    """`run` does something inside, in the one thread that lives there; `close` ends it. Linux, as root.

    `names` are pairs of an address and a name; one name may have several addresses, as compose's services do. They are
    read from a file in `folder` that stands for /etc/hosts, in a mount namespace: the system's own stays as it is.
    Raises OSError where the kernel refuses.
    """

    def __init__(self, folder: Path, public: str, inside: str, names: Iterable[tuple[str, str]]) -> None:
        self._hosts = folder / "hosts"
        self._hosts.write_text("".join(f"{address} {name}\n" for address, name in [("127.0.0.1", "localhost"), *names]))
        self._gateway = str(next(ipaddress.ip_network(inside).hosts()))
        self._network = Network("lone", public)
        try:
            self.run(self._furnish)
        except OSError:
            self.close()
            raise

    def run(self, work: Callable[[], Result]) -> Result:
        """Its sockets, names and child processes are this machine's."""
        return self._network.run(work)

    def close(self) -> None:
        self._network.close()

    def _furnish(self) -> None:
        set_address("lo:1", self._gateway)  # on loopback the whole network behind an address is this machine's
        libc = ctypes.CDLL(None, use_errno=True)
        _check(libc.unshare(_CLONE_NEWNS))
        _check(libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None))
        _check(libc.mount(bytes(self._hosts), b"/etc/hosts", None, _MS_BIND, None))


def _check(result: int) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, f"a mount namespace: {os.strerror(number)}")
