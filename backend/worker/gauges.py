"""The figures of this process that are read when somebody asks: connections, queues, the worker, what is stuck."""

from backend.calls.repository import objections_waiting
from backend.kit.bulkheads import Bulkheads
from backend.kit.clock import Clock
from backend.kit.database import Database
from backend.kit.telemetry.metrics import Gauges
from backend.mail.repository import mails_waiting
from backend.payments.repository import counted_for_operators
from backend.worker.figures import Figures


def gauges_of(database: Database, bulkheads: Bulkheads, figures: Figures, now: Clock) -> Gauges:
    """For `/metrics`; each is read in the thread that answers it."""
    gauges = Gauges()
    gauges.add(
        "rendezvous_database_connections_in_use",
        "Connections to the database that somebody holds.",
        database.connections_in_use,
        "engine",
    )
    gauges.add("rendezvous_waiting_threads", "Requests that wait for a thread.", bulkheads.waiting, "bulkhead")
    gauges.add(
        "rendezvous_worker_lag_seconds",
        "For how long the oldest item of a task has been due that still waits.",
        lambda: {
            name: max(0.0, (now() - each.oldest_due_at).total_seconds()) if each.oldest_due_at else 0.0
            for name, each in figures.snapshot().items()
        },
        "task",
    )
    gauges.add(
        "rendezvous_worker_round_seconds",
        "How long the last round of a task took.",
        lambda: {name: each.took_s for name, each in figures.snapshot().items()},
        "task",
    )
    gauges.add(
        "rendezvous_worker_failed_items",
        "Items of a task that failed in its last round.",
        lambda: {name: float(each.failed) for name, each in figures.snapshot().items()},
        "task",
    )
    gauges.add("rendezvous_mails_waiting", "Mails that were not sent yet.", lambda: _mails_waiting(database))
    gauges.add("rendezvous_stuck", "What wants an operator.", lambda: _stuck(database), "what")
    return gauges


def _mails_waiting(database: Database) -> float:
    with database.read() as session:
        return float(mails_waiting(session))


def _stuck(database: Database) -> dict[str, float]:
    with database.read() as session:
        counted, objected = counted_for_operators(session), objections_waiting(session)
    return {name: float(count) for name, count in counted._asdict().items()} | {"objections": float(objected)}
