"""What Prometheus is told, asked as Prometheus asks."""

import urllib.request
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from backend.kit.telemetry.metrics import Gauges, MetricsServer, serve_metrics, timed
from tests.backend.stage import Backend

Readings = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture
def metrics(app: FastAPI) -> Iterator[MetricsServer]:
    server = serve_metrics(app.state.gauges, "127.0.0.1", 0)
    yield server
    server.stop()


def read(server: MetricsServer) -> Readings:
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/metrics", timeout=10) as answer:
        families = text_string_to_metric_families(answer.read().decode())
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def value(readings: Readings, name: str, **labels: str) -> float:
    return readings.get((name, tuple(sorted(labels.items()))), 0.0)


def test_requests_are_counted_by_route_and_never_by_what_was_asked_for(
    client: TestClient, backend: Backend, metrics: MetricsServer
) -> None:
    labels = {"method": "GET", "route": "/sessions/{session_id}", "status": "404"}
    before = value(read(metrics), "rendezvous_requests_total", **labels)
    user = backend.user("Sam Vale")
    for _ in range(3):
        user.get("/sessions/0b9e4d2a-5a0c-4d61-9a43-1f1d35f0a9c1")
    client.get("/nora@example.com")
    after = read(metrics)
    assert value(after, "rendezvous_requests_total", **labels) == before + 3
    assert "nora" not in str(after)
    assert "0b9e4d2a" not in str(after)
    count = value(after, "rendezvous_request_seconds_count", method="GET", route="/sessions/{session_id}")
    assert count >= 3


def test_the_worker_the_queues_and_what_is_stuck_are_there(client: TestClient, metrics: MetricsServer) -> None:
    client.get("/categories")
    readings = read(metrics)
    names = {name for name, _ in readings}
    assert {
        "rendezvous_worker_lag_seconds",
        "rendezvous_worker_round_seconds",
        "rendezvous_worker_failed_items",
        "rendezvous_waiting_threads",
        "rendezvous_database_connections_in_use",
        "rendezvous_stuck",
    } <= names
    assert value(readings, "rendezvous_stuck", what="stuck_refunds") == 0
    assert ("rendezvous_mails_waiting", ()) in readings
    assert ("rendezvous_worker_lag_seconds", (("task", "send refunds"),)) in readings
    assert ("rendezvous_waiting_threads", (("bulkhead", "passwords"),)) in readings


def test_a_webhook_that_is_refused_is_counted(client: TestClient, metrics: MetricsServer) -> None:
    before = value(read(metrics), "rendezvous_webhook_failures_total", route="/livekit/webhook")
    assert client.post("/livekit/webhook", content=b"{}").status_code >= 400
    assert value(read(metrics), "rendezvous_webhook_failures_total", route="/livekit/webhook") == before + 1


def test_how_long_a_provider_took_is_measured_by_its_outcome(metrics: MetricsServer) -> None:
    def count(outcome: str) -> float:
        return value(read(metrics), "rendezvous_provider_seconds_count", provider="stripe", outcome=outcome)

    before = count("ok"), count("failed")
    with timed("stripe"):
        pass
    with pytest.raises(TimeoutError), timed("stripe"):
        raise TimeoutError
    assert (count("ok"), count("failed")) == (before[0] + 1, before[1] + 1)


def test_a_figure_that_cannot_be_read_takes_no_other_with_it() -> None:
    def fails() -> float:
        raise OSError

    gauges = Gauges()
    gauges.add("rendezvous_broken", "Fails.", fails)
    gauges.add("rendezvous_whole", "Works.", lambda: 7.0)
    server = serve_metrics(gauges, "127.0.0.1", 0)
    try:
        readings = read(server)
    finally:
        server.stop()
    assert value(readings, "rendezvous_whole") == 7.0
    assert not [name for name, _ in readings if "broken" in name]
