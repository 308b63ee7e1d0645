"""Whether the backend runs, and whether it can serve: for those who start and watch it."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from backend.kit.database import Database
from backend.kit.http import DatabaseDep

ASKED_EVERY_S = 5.0


class Health(BaseModel):
    """The process answers."""

    status: str = "ok"


class Readiness(BaseModel):
    """`database`: requests can be served. `livekit`: calls could be joined when the media server was last asked."""

    database: bool
    livekit: bool


class CachedProbe:
    """Whether a server answers, as of a few seconds ago, so that nobody waits for it.

    When somebody asks and the last answer is old, a thread of its own asks the server again.
    """

    def __init__(self, answers: Callable[[], bool], *, every_s: float = ASKED_EVERY_S) -> None:
        self._ask = answers
        self._every_s = every_s
        self._lock = threading.Lock()
        self._asking: ThreadPoolExecutor | None = None
        self._asked_at: float | None = None
        self._under_way = False
        self._answered = False

    def answers(self) -> bool:
        """The last answer; False before the first."""
        with self._lock:
            now = time.monotonic()
            if not self._under_way and (self._asked_at is None or now - self._asked_at >= self._every_s):
                self._under_way, self._asked_at = True, now
                if self._asking is None:
                    self._asking = ThreadPoolExecutor(1, "watching")
                self._asking.submit(self._probe)
            return self._answered

    def close(self) -> None:
        """Ends the thread once what is under way is over."""
        with self._lock:
            asking, self._asking, self._asked_at, self._under_way = self._asking, None, None, False
        if asking is not None:
            asking.shutdown(wait=True, cancel_futures=True)

    def _probe(self) -> None:
        answered = False
        try:
            answered = self._ask()
        finally:
            with self._lock:
                self._answered, self._under_way = answered, False


def health_router(livekit: CachedProbe) -> APIRouter:
    """`/health` and `/ready`."""
    router = APIRouter(tags=["service"])

    async def health() -> Health:
        """The process runs."""
        return Health()

    def ready(response: Response, database: DatabaseDep) -> Readiness:
        """The database answers. The media server's state is shown, but bookings do not need it."""
        readiness = Readiness(database=_answers(database), livekit=livekit.answers())
        if not readiness.database:
            response.status_code = 503
        return readiness

    unready: dict[int | str, dict[str, Any]] = {
        503: {"model": Readiness, "description": "The database does not answer."}
    }
    router.add_api_route("/health", health, methods=["GET"])
    router.add_api_route("/ready", ready, methods=["GET"], responses=unready)
    for path, endpoint in (("/health", health), ("/ready", ready)):
        router.add_api_route(path, endpoint, methods=["HEAD"], include_in_schema=False)
    return router


def _answers(database: Database) -> bool:
    try:
        with database.read() as session:
            return bool(session.scalar(text("SELECT 1")))
    except (OperationalError, PoolTimeoutError):
        return False
