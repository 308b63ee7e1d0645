"""Where counts are kept, for all backends together: storages of the `limits` library.

Redis where there is one, else a table of the application's database (https://limits.readthedocs.io/en/stable/
custom-storage.html).
"""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple, TypeVar

from limits.storage import RedisStorage, Storage
from sqlalchemy import Integer, String, TextClause, bindparam, delete, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from backend.kit.clock import Clock
from backend.kit.database import Base, Database, UtcDateTime

T = TypeVar("T")
logger = logging.getLogger(__name__)

REDIS_TIMEOUT_S = 0.5
REDIS_LEFT_ALONE_S = 30.0
"""After Redis did not answer, so long it is not asked: each request would wait for it."""


class Step(NamedTuple):
    """What is added to one count, whose window lasts `expiry` seconds from the first."""

    key: str
    expiry: int
    amount: int = 1


class LimitCountRow(Base):
    """A count until `ends_at`. The key names a limit and a keyed digest of whom it counts, never an address."""

    __tablename__ = "limit_counts"

    key: Mapped[str] = mapped_column(String(160), primary_key=True)
    count: Mapped[int] = mapped_column(Integer)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


@cache
def _upsert(rows: int) -> TextClause:
    """The same words on both databases; as text, because SQLAlchemy compiles an insert of several rows each time."""
    values = ", ".join(f"(:key{n}, :count{n}, :ends{n})" for n in range(rows))
    statement = text(
        f"INSERT INTO limit_counts (key, count, ends_at) VALUES {values}"  # noqa: S608  numbers of parameters alone
        " ON CONFLICT (key) DO UPDATE SET"
        " count = CASE WHEN limit_counts.ends_at <= :now THEN 0 ELSE limit_counts.count END + excluded.count,"
        " ends_at = CASE WHEN limit_counts.ends_at <= :now THEN excluded.ends_at ELSE limit_counts.ends_at END"
        " RETURNING key, count"
    )
    instants = [bindparam("now", type_=UtcDateTime), *(bindparam(f"ends{n}", type_=UtcDateTime) for n in range(rows))]
    return statement.bindparams(*instants)


class DatabaseStorage(Storage):
    """In the application's database: one upsert counts and answers, so that many at once cannot slip by.

    Opens its own short transactions: what was counted stays, however the request ends.
    """

    STORAGE_SCHEME = ["rendezvous-database"]  # noqa: RUF012  as the library declares it; no address makes one

    def __init__(self, database: Database, now: Clock) -> None:
        super().__init__()
        self._database = database
        self._now = now

    @property
    def base_exceptions(self) -> type[Exception]:
        """What it raises when the database does not answer."""
        return SQLAlchemyError

    def add(self, steps: Sequence[Step]) -> list[int]:
        """Adds to several counts in one statement; answers them in the same order."""
        now = self._now()
        asked: dict[str, Any] = {"now": now}
        for n, (key, expiry, amount) in enumerate(sorted(steps)):  # those that share counts lock them in one order
            asked |= {f"key{n}": key, f"count{n}": amount, f"ends{n}": now + timedelta(seconds=expiry)}
        with self._database.write_engine.begin() as connection:
            counts = {key: count for key, count in connection.execute(_upsert(len(steps)), asked)}
        return [counts[step.key] for step in steps]

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """One count after adding to it."""
        return self.add([Step(key, expiry, amount)])[0]

    def get(self, key: str) -> int:
        """A count; 0 once its window is over."""
        found = self._found(key)
        return found[0] if found else 0

    def get_expiry(self, key: str) -> float:
        """When the window of a count ends, in seconds since 1970; now if there is none."""
        found = self._found(key)
        return (found[1] if found else self._now()).timestamp()

    def _found(self, key: str) -> tuple[int, datetime] | None:
        query = select(LimitCountRow.count, LimitCountRow.ends_at)
        with self._database.one_query_engine.connect() as connection:
            row = connection.execute(query.where(LimitCountRow.key == key, LimitCountRow.ends_at > self._now())).first()
        return None if row is None else (row[0], row[1])

    def check(self) -> bool:
        """Whether the database answers."""
        try:
            self.get("")
        except SQLAlchemyError:
            return False
        return True

    def clear(self, key: str) -> None:
        """Forgets one count."""
        with self._database.write_engine.begin() as connection:
            connection.execute(delete(LimitCountRow).where(LimitCountRow.key == key))

    def reset(self) -> int | None:
        """Forgets every count."""
        with self._database.write_engine.begin() as connection:
            return connection.execute(delete(LimitCountRow)).rowcount


class Storages:
    """Redis if there is one and it answers, else the database, which the backend cannot be without."""

    def __init__(self, database: Database, now: Clock, redis_url: str = "") -> None:
        self.database = DatabaseStorage(database, now)
        self.redis = _redis(redis_url) if redis_url else None
        self._now = now
        self._left_alone_until = 0.0

    def now_s(self) -> float:
        """The clock by which windows end: Redis has its own."""
        return time.time() if self._asks_redis() else self._now().astimezone(UTC).timestamp()

    def run(self, ask: Callable[[Storage], T]) -> T:
        """What one of the two says."""
        if self.redis is not None and self._asks_redis():
            try:
                return ask(self.redis)
            except self.redis.base_exceptions as fault:
                self._left_alone_until = time.monotonic() + REDIS_LEFT_ALONE_S
                logger.error("limits are counted in the database, as Redis does not answer: %s", type(fault).__name__)
        return ask(self.database)

    def _asks_redis(self) -> bool:
        return self.redis is not None and time.monotonic() >= self._left_alone_until


def add_to(storage: Storage, steps: Sequence[Step]) -> list[int]:
    """The counts after adding to each; in the database with one statement for all."""
    if isinstance(storage, DatabaseStorage):
        return storage.add(steps)
    return [storage.incr(*step) for step in steps]


def _redis(url: str) -> RedisStorage:
    return RedisStorage(
        url, key_prefix="rendezvous", socket_timeout=REDIS_TIMEOUT_S, socket_connect_timeout=REDIS_TIMEOUT_S
    )
