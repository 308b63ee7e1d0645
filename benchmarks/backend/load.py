"""Server processes, and clients that keep them busy: blocking sockets in threads, kept open, and nothing besides.

httpx takes longer for a request than these servers do for some answers; it would measure itself.
"""

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = 4
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Server:
    """A running one; `port` on loopback."""

    port: int
    process: subprocess.Popen[bytes]

    def cpu_s(self) -> float:
        """Processor time that it has used so far: what another program's noise does not lengthen."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(kind: str, url: str, log: Path) -> Iterator[Server]:
    """A server process, ready, ended afterwards."""
    with socket.socket() as listener, log.open("wb") as out:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        words = [sys.executable, "-m", "benchmarks.backend.serve", kind, url, str(listener.fileno())]
        process = subprocess.Popen(words, cwd=ROOT, stdout=out, stderr=out, pass_fds=[listener.fileno()])
        server = Server(listener.getsockname()[1], process)
    try:
        Client(server.port).get("/openapi.json" if kind == "bare" else "/health")
        yield server
    finally:
        if kind == "hanging":
            process.kill()  # it would end what hangs first
        else:
            process.terminate()
        process.wait(20)


class Client:
    """One kept-open connection."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body."""
        self._socket.sendall(request)
        answer = self._socket.recv(262_144)
        while (end := answer.find(b"\r\n\r\n")) < 0:
            answer += self._more()
        length = _LENGTH.search(answer, 0, end)
        assert length is not None, answer[:end]
        whole = end + 4 + int(length[1])
        while len(answer) < whole:
            answer += self._more()
        return int(answer[9:12]), answer[end + 4 :]

    def get(self, path: str, token: str = "") -> bytes:
        """The body of a 200."""
        status, body = self.ask(get(path, token))
        assert status == 200, (path, status, body)
        return body

    def close(self) -> None:
        self._socket.close()

    def _more(self) -> bytes:
        part = self._socket.recv(262_144)
        assert part, "the server closed the connection"
        return part


def get(path: str, token: str = "", *, gzip: bool = False) -> bytes:
    """A request as the app's client sends it, without a body."""
    bearer = f"Authorization: Bearer {token}\r\n" if token else ""
    packed = "Accept-Encoding: gzip, deflate\r\n" if gzip else ""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n{packed}{bearer}\r\n".encode()


def post(path: str, token: str, body: str) -> bytes:
    """A request with a JSON body."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


@dataclass
class Measured:
    """What came of some stretches of load."""

    took_s: float = 0.0
    server_cpu_s: float = 0.0
    client_cpu_s: float = 0.0
    latencies_s: list[float] = field(default_factory=list)

    @property
    def per_s(self) -> float:
        """Answers a second."""
        return len(self.latencies_s) / self.took_s

    def percentile_ms(self, percent: float) -> float:
        """Of the times from request to whole answer."""
        ordered = sorted(self.latencies_s)
        return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]

    def row(self) -> dict[str, float]:
        """As it is written down."""
        return {
            "per_s": round(self.per_s, 1),
            "p50_ms": round(self.percentile_ms(50), 2),
            "p99_ms": round(self.percentile_ms(99), 2),
            "server_cpu_ms": round(1000 * self.server_cpu_s / len(self.latencies_s), 3),
            "client_cpu_share": round(self.client_cpu_s / self.took_s, 3),
            "answers": len(self.latencies_s),
        }


def load(
    server: Server, next_request: Callable[[], bytes | None], seconds: float, into: Measured, *, expected: int = 200
) -> None:
    """`CLIENTS` clients ask again as soon as they are answered, for so long or until there is nothing left to ask."""
    latencies: list[list[float]] = [[] for _ in range(CLIENTS)]
    faults: list[BaseException] = []
    clients = [Client(server.port) for _ in range(CLIENTS)]
    until = time.perf_counter() + seconds

    def run(client: Client, own: list[float]) -> None:
        try:
            while (began := time.perf_counter()) < until and (request := next_request()):
                status, body = client.ask(request)
                own.append(time.perf_counter() - began)
                assert status == expected, (status, body)
        except BaseException as error:  # of a thread: raised again below
            faults.append(error)

    threads = [threading.Thread(target=run, args=pair) for pair in zip(clients, latencies, strict=True)]
    began, server_cpu, own_cpu = time.perf_counter(), server.cpu_s(), time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    into.took_s += time.perf_counter() - began
    into.server_cpu_s += server.cpu_s() - server_cpu
    into.client_cpu_s += time.process_time() - own_cpu
    into.latencies_s += [latency for own in latencies for latency in own]
    for client in clients:
        client.close()
    if faults:
        raise faults[0]
