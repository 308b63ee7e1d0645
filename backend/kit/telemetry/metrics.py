"""Figures of this process for Prometheus, at `/metrics` on a port of its own: never on the one that people reach.

Names and units follow https://prometheus.io/docs/practices/naming/. A route is named by its template, so that no id
and nothing that anybody typed becomes a label.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

Readings = Mapping[str, float] | float
"""One figure, or one for each value of its label."""


class Gauges(Collector):
    """Figures that are read when they are asked for. A reading that fails is left out; the others are there."""

    def __init__(self) -> None:
        self._gauges: list[tuple[str, str, str, Callable[[], Readings]]] = []

    def add(self, name: str, meaning: str, read: Callable[[], Readings], label: str = "") -> None:
        """`read` answers one figure, or with a `label` one for each of its values."""
        self._gauges.append((name, meaning, label, read))

    def collect(self) -> Iterable[Metric]:
        for name, meaning, label, read in self._gauges:
            try:
                found = read()
            except Exception:  # noqa: S112  a database that does not answer shows in its own figure
                continue
            family = GaugeMetricFamily(name, meaning, labels=[label] if label else None)
            for value, reading in found.items() if isinstance(found, Mapping) else [("", found)]:
                family.add_metric([value] if label else [], reading)
            yield family


PROCESS = CollectorRegistry()
"""What is counted where it happens, in whichever part of this process."""
REQUESTS = Counter("rendezvous_requests", "Requests answered.", ["method", "route", "status"], registry=PROCESS)
REQUEST_SECONDS = Histogram(
    "rendezvous_request_seconds",
    "From the request's head to the end of its answer.",
    ["method", "route"],
    buckets=BUCKETS_S,
    registry=PROCESS,
)
PROVIDER_SECONDS = Histogram(
    "rendezvous_provider_seconds",
    "How long another company's server took.",
    ["provider", "outcome"],
    buckets=BUCKETS_S,
    registry=PROCESS,
)
WEBHOOK_FAILURES = Counter(
    "rendezvous_webhook_failures", "Webhooks that were refused or failed.", ["route"], registry=PROCESS
)


@contextmanager
def timed(provider: str) -> Iterator[None]:
    """Measures one request to another company's server: `ok`, or `failed` when it raised."""
    began, outcome = time.perf_counter(), "failed"
    try:
        yield
        outcome = "ok"
    finally:
        PROVIDER_SECONDS.labels(provider, outcome).observe(time.perf_counter() - began)


def serve_metrics(gauges: Gauges, host: str, port: int) -> "MetricsServer":
    """Answers `/metrics` there until it is stopped. Raises OSError where nothing can listen."""
    registry = CollectorRegistry()
    registry.register(_Counted())
    registry.register(gauges)
    server, thread = start_http_server(port, host, registry=registry)
    return MetricsServer(server, thread)


class _Counted(Collector):
    """What the process has counted, as a part of another registry."""

    def collect(self) -> Iterable[Metric]:
        return PROCESS.collect()


class MetricsServer:
    """The thread that answers Prometheus."""

    def __init__(self, server: WSGIServer, thread: threading.Thread) -> None:
        self._server, self._thread = server, thread

    @property
    def port(self) -> int:
        return int(self._server.server_port)

    def stop(self) -> None:
        """Nothing is listened to afterwards."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
