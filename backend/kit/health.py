"""Whether the backend runs, and whether it can serve: for those who start and watch it."""

from collections.abc import Callable

from fastapi import APIRouter, Response
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from backend.kit.database import Database
from backend.kit.http import DatabaseOf


class Health(BaseModel):
    """The process answers."""

    status: str = "ok"


class Readiness(BaseModel):
    """What the backend stands on answers."""

    database: bool
    livekit: bool


def health_router(livekit_answers: Callable[[], bool]) -> APIRouter:
    """`/health` and `/ready`; `livekit_answers` asks the media server."""
    router = APIRouter(tags=["service"])

    @router.get("/health")
    async def health() -> Health:
        """The process runs."""
        return Health()

    @router.get("/ready", responses={503: {"model": Readiness, "description": "Something does not answer."}})
    def ready(response: Response, database: DatabaseOf) -> Readiness:
        """Everything that requests need answers."""
        readiness = Readiness(database=_answers(database), livekit=livekit_answers())
        if not (readiness.database and readiness.livekit):
            response.status_code = 503
        return readiness

    return router


def _answers(database: Database) -> bool:
    try:
        with database.read() as session:
            return bool(session.scalar(text("SELECT 1")))
    except (OperationalError, PoolTimeoutError):
        return False
