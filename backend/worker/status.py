"""`GET /status`: how the worker of this process is getting on, in figures alone; nothing of anybody's is in them."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from backend.calls.repository import objections_waiting
from backend.kit.http import DatabaseDep, NowDep
from backend.payments.repository import counted_for_operators
from backend.worker.figures import Figures


class TaskAnswer(BaseModel):
    """One kind of work. `lag_s`: for how long the oldest item has been due that is still waiting."""

    model_config = ConfigDict(title="TaskStatus")

    finished_at: datetime | None
    took_s: float
    failed: int
    skipped: bool
    lag_s: float


class StatusAnswer(BaseModel):
    """What wants an operator: `stuck_refunds`, `stuck_payouts`, `open_disputes`, `differences` that were not taken
    over, and `objections` to decisions on who kept an appointment.
    """

    model_config = ConfigDict(title="Status")

    tasks: dict[str, TaskAnswer]
    stuck_refunds: int
    stuck_payouts: int
    open_disputes: int
    differences: int
    objections: int


def status_router(figures: Figures) -> APIRouter:
    """The endpoint, on the figures of this process's worker."""
    router = APIRouter(tags=["service"])

    @router.get("/status")
    def status(database: DatabaseDep, now: NowDep) -> StatusAnswer:
        """Figures for an operator's dashboard and alerts."""
        tasks = {
            name: TaskAnswer(
                finished_at=each.finished_at,
                took_s=round(each.took_s, 3),
                failed=each.failed,
                skipped=each.skipped,
                lag_s=max(0.0, (now - each.oldest_due_at).total_seconds()) if each.oldest_due_at else 0.0,
            )
            for name, each in figures.snapshot().items()
        }
        with database.read() as session:
            counted, objected = counted_for_operators(session), objections_waiting(session)
        return StatusAnswer(tasks=tasks, **counted._asdict(), objections=objected)

    return router
