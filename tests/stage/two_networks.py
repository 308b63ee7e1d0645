"""Two networks of their own, joined by a wire that a test can make slow, narrow, lossy or dead under a call.

Linux as root, without any further package: a thread moves itself into a network namespace (unshare(2)), makes a TUN
device there (tun(4)) and keeps its open file; this process carries the packets between two such files. What a thread
of a namespace starts or connects lives in that namespace, and the namespaces end with the threads.
"""

import ctypes
import errno
import fcntl
import heapq
import itertools
import os
import random
import select
import socket
import struct
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

Result = TypeVar("Result")

_CLONE_NEWNET = 0x40000000
_TUNSETIFF = 0x400454CA
_IFF_TUN, _IFF_NO_PI = 0x0001, 0x1000
_SIOCSIFADDR, _SIOCSIFNETMASK, _SIOCSIFFLAGS, _SIOCSIFTXQLEN = 0x8916, 0x891C, 0x8914, 0x8943
_IFF_UP, _IFF_RUNNING = 0x1, 0x40
_PACKET_MOST = 65_536
_WAITING_MOST = 2_000
"""Packets under way in one direction; a router's queue is not endless either."""


def why_no_networks() -> str:
    """The kernel's reason why this stage cannot be built here; empty when it can."""
    try:
        networks = TwoNetworks()
    except OSError as error:
        return f"network namespaces or TUN devices are refused: {error}"
    networks.close()
    return ""


class Network:
    """A network namespace with loopback and one TUN device."""

    def __init__(self, name: str, address: str) -> None:
        self.address = address
        self.device = f"rdv-{name}"
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"network-{name}")
        try:
            self.file = self.run(self._build)
        except OSError:
            self._thread.shutdown()
            raise

    def run(self, work: Callable[[], Result]) -> Result:
        """Runs `work` inside: its sockets and its child processes belong to this network."""
        return self.start(work).result()

    def start(self, work: Callable[[], Result]) -> "Future[Result]":
        return self._thread.submit(work)

    def readdress(self, address: str) -> None:
        """Gives the device another address, as another access point would; the old one is gone at once."""
        self.address = address
        self.run(lambda: set_address(self.device, address))

    def plug(self, plugged: bool) -> None:
        """False takes the device down, as a pulled cable or a switched off radio does; True brings it back."""
        flags = _IFF_UP | _IFF_RUNNING if plugged else 0
        self.run(lambda: _configure(self.device, _SIOCSIFFLAGS, struct.pack("h", flags)))

    def close(self) -> None:
        os.close(self.file)
        self._thread.shutdown()

    def _build(self) -> int:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(_CLONE_NEWNET):
            number = ctypes.get_errno()
            raise OSError(number, f"unshare: {os.strerror(number)}")
        file = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        try:
            fcntl.ioctl(file, _TUNSETIFF, _request(self.device, struct.pack("H", _IFF_TUN | _IFF_NO_PI)))
            set_address(self.device, self.address)
            _configure(self.device, _SIOCSIFTXQLEN, struct.pack("i", _WAITING_MOST))
            _configure("lo", _SIOCSIFFLAGS, struct.pack("h", _IFF_UP | _IFF_RUNNING))
        except OSError:
            os.close(file)
            raise
        return file


def set_address(device: str, address: str) -> None:
    """Of a device, or a further one by a label behind it (`lo:1`), with the /24 that it is in."""
    _configure(device, _SIOCSIFADDR, _internet(address))
    _configure(device, _SIOCSIFNETMASK, _internet("255.255.255.0"))
    _configure(device, _SIOCSIFFLAGS, struct.pack("h", _IFF_UP | _IFF_RUNNING))


def _internet(address: str) -> bytes:
    return struct.pack("HH4s", socket.AF_INET, 0, socket.inet_aton(address))


def _request(device: str, value: bytes) -> bytes:
    """struct ifreq of netdevice(7)."""
    return struct.pack("16s24s", device.encode(), value)


def _configure(device: str, what: int, value: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        fcntl.ioctl(asking, what, _request(device, value))


@dataclass(frozen=True)
class Weather:
    """What happens to every packet, each way. `loss` is a share, 0 to 1; `jitter_ms` adds up to that much delay.

    `up_bits` from the client to the server and `down_bits` back are what the wire takes in a second; 0 is without end.
    What comes faster stands in a queue of `QUEUE_MS` before it, one each way, and what finds that full is dropped.
    """

    delay_ms: float = 0.0
    jitter_ms: float = 0.0
    loss: float = 0.0
    dead: bool = False
    """A black hole: nothing arrives, nothing is refused."""
    up_bits: int = 0
    down_bits: int = 0


FAIR = Weather()
QUEUE_MS = 300
"""As routers at home have it, by their present rate."""


class Narrow:
    """One way of the wire as a line that takes so many bits a second, with its queue. Times in monotonic seconds."""

    def __init__(self) -> None:
        self._free_at = 0.0

    def through_at(self, now: float, size: int, bits_per_s: int) -> float | None:
        """When a packet of `size` bytes that comes `now` is through; None: the queue is full."""
        if not bits_per_s:
            self._free_at = now
            return now
        begins = max(now, self._free_at)
        if begins - now > QUEUE_MS / 1000:
            return None
        self._free_at = begins + 8 * size / bits_per_s
        return self._free_at


class Wire:
    """Carries packets between two TUN files, in order, in a thread of its own. `weather` may change at any time."""

    def __init__(self, server: int, client: int) -> None:
        self.weather = FAIR
        self.carried = 0
        self._ends = {server: client, client: server}
        self._client = client
        self._chance = random.Random(5)
        self._under_way: list[tuple[float, int, int, bytes]] = []
        self._narrow = {end: Narrow() for end in self._ends}
        self._last_due = dict.fromkeys(self._ends, 0.0)
        self._numbers = itertools.count()
        self._woken, self._wake = os.pipe()
        self._thread = threading.Thread(target=self._carry, name="wire", daemon=True)
        self._thread.start()

    def close(self) -> None:
        os.write(self._wake, b"x")
        self._thread.join(5)
        os.close(self._wake)
        os.close(self._woken)

    def _carry(self) -> None:
        waiting_for = [self._woken, *self._ends]
        while True:
            due_in_s = self._under_way[0][0] - time.monotonic() if self._under_way else 1.0
            ready, _, _ = select.select(waiting_for, [], [], max(due_in_s, 0))
            if self._woken in ready:
                return
            for end in ready:
                self._take(end)
            self._deliver()

    def _take(self, end: int) -> None:
        while True:
            try:
                packet = os.read(end, _PACKET_MOST)
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in (errno.EBADFD, errno.EIO):  # the device is down
                    return
                raise
            weather = self.weather
            if weather.dead or self._chance.random() < weather.loss or len(self._under_way) > 2 * _WAITING_MOST:
                continue
            bits_per_s = weather.up_bits if end == self._client else weather.down_bits
            through = self._narrow[end].through_at(time.monotonic(), len(packet), bits_per_s)
            if through is None:
                continue
            delay_s = (weather.delay_ms + self._chance.random() * weather.jitter_ms) / 1000
            due = self._last_due[end] = max(self._last_due[end], through + delay_s)
            heapq.heappush(self._under_way, (due, next(self._numbers), self._ends[end], packet))

    def _deliver(self) -> None:
        while self._under_way and self._under_way[0][0] <= time.monotonic():
            _, _, end, packet = heapq.heappop(self._under_way)
            if self.weather.dead:
                continue
            try:
                os.write(end, packet)
            except OSError:  # the receiver's queue is full, or its device is down for a moment: lost, as on a real wire
                continue
            self.carried += 1


class TwoNetworks:
    """`server` and `client`, with the `wire` between them, until `close`. Raises OSError where the kernel refuses."""

    def __init__(self) -> None:
        self.server = Network("server", "10.77.0.1")
        try:
            self.client = Network("client", "10.77.0.2")
        except OSError:
            self.server.close()
            raise
        self.wire = Wire(self.server.file, self.client.file)

    def weather(self, weather: Weather) -> None:
        self.wire.weather = weather

    def close(self) -> None:
        self.wire.close()
        for each in (self.client, self.server):
            each.close()
