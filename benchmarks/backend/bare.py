"""The yardstick: FastAPI with nothing but handlers that ask the database in SQL and answer the product's very JSON.

The same tables and indexes, the same look at the token; no layers, no rules, no models, no checks of what is sent.
"""

import base64
import json
import sqlite3
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy import make_url

from backend.kit.clock import Clock

Rows = Sequence[tuple[Any, ...]]
_BOOKING = """
    SELECT b.id, b.status, b.payment_status, b.starts_at, b.ends_at, b.time_zone, b.price_minor, b.currency,
           b.slot_id, b.created_at, b.policy_full_until_min, b.policy_half_until_min, b.absent,
           p.id, p.name, p.time_zone, coalesce(f.headline, ''), f.photo_version, u.id, u.name, b.refund_share_cap
    FROM bookings b JOIN accounts p ON p.id = b.professional_id JOIN accounts u ON u.id = b.user_id
    LEFT JOIN profiles f ON f.professional_id = b.professional_id
"""
_TAKEN = """
    EXISTS (SELECT 1 FROM bookings b WHERE b.slot_id = s.id
            AND b.status IN ('held', 'confirmed', 'completed', 'no_show')
            AND (b.status <> 'held' OR b.hold_expires_at > ?))
"""


SHARES = {100: "full", 50: "half", 0: "none"}


class Sql:
    """One connection a thread, either database; a place is a `?`."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._own = threading.local()
        self.is_sqlite = self._url.get_backend_name() == "sqlite"

    def rows(self, query: str, *values: Any) -> Rows:
        if not hasattr(self._own, "connection"):
            self._own.connection = self._connected()
        found: Rows
        if self.is_sqlite:
            found = self._own.connection.execute(query, [self._stored(value) for value in values]).fetchall()
        else:
            found = self._own.connection.execute(query.replace("?", "%s"), values).fetchall()
        return found

    def _connected(self) -> Any:
        if self.is_sqlite:
            return sqlite3.connect(str(self._url.database), isolation_level=None)
        address = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(address, autocommit=True)

    def _stored(self, value: Any) -> Any:
        if isinstance(value, UUID):
            return value.hex
        return f"{value:%Y-%m-%d %H:%M:%S.%f}" if isinstance(value, datetime) else value


def ident(value: Any) -> str:
    return str(value if isinstance(value, UUID) else UUID(value))


def exact(value: Any) -> datetime:
    found = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def instant(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")


def price(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"


def cursor_of(*key: str) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def key_of(cursor: str) -> list[str]:
    found: list[str] = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return found


def page(
    rows: Rows, limit: int, item: Callable[..., dict[str, Any]], key: Callable[..., tuple[str, str]]
) -> JSONResponse:
    cursor = cursor_of(*key(*rows[limit - 1])) if len(rows) > limit else None
    return JSONResponse({"items": [item(*row) for row in rows[:limit]], "next_cursor": cursor})


def booking(now: datetime, *row: Any) -> dict[str, Any]:
    starts_at, ends_at = exact(row[3]), exact(row[4])
    full, half = starts_at - timedelta(minutes=row[10]), starts_at - timedelta(minutes=row[11])
    opens_at = starts_at - timedelta(minutes=15)
    photo = f"/professional/{ident(row[13])}/photo?v={row[17]}" if row[17] else None
    return {
        "id": ident(row[0]),
        "status": row[1],
        "payment_status": row[2],
        "starts_at": instant(starts_at),
        "ends_at": instant(ends_at),
        "time_zone": row[5],
        "price": price(row[6]),
        "currency": row[7],
        "professional": {
            "id": ident(row[13]),
            "name": row[14],
            "headline": row[16],
            "photo_url": photo,
            "time_zone": row[15],
        },
        "user": {"id": ident(row[18]), "name": row[19]},
        "slot_id": ident(row[8]),
        "hold_expires_at": None,
        "checkout_url": None,
        "join_opens_at": instant(opens_at),
        "join_closes_at": instant(ends_at + timedelta(minutes=15)),
        "created_at": instant(exact(row[9])),
        "cancelled_at": None,
        "cancelled_by": None,
        "policy": {"full_until": instant(full), "half_until": instant(half), "at_most": SHARES[row[20]]},
        "reschedule_until": instant(min(half, opens_at))
        if row[1] == "confirmed" and now <= min(half, opens_at)
        else None,
        "moved_from": None,
        "absent": row[12],
        "refund": None,
    }


def booking_key(*row: Any) -> tuple[str, str]:
    return exact(row[3]).isoformat(), ident(row[0])


def slot(zone: ZoneInfo, *row: Any) -> dict[str, Any]:
    starts_at, ends_at = exact(row[1]), exact(row[2])
    begin, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
    return {
        "id": ident(row[0]),
        "starts_at": instant(starts_at),
        "ends_at": instant(ends_at),
        "time_zone": zone.key,
        "date": str(begin.date()),
        "start_time": f"{begin:%H:%M}",
        "end_time": f"{end:%H:%M}",
        "price": price(row[3]),
        "currency": "USD",
        "status": {None: "free", "held": "held"}.get(row[4], "booked"),
    }


class Bare:
    """The handlers; `now` is the servers' clock."""

    def __init__(self, sql: Sql, now: Clock) -> None:
        self._sql, self._now = sql, now

    def who(self, request: Request) -> tuple[Any, ZoneInfo]:
        digest = sha256(request.headers["authorization"].removeprefix("Bearer ").encode()).digest()
        query = "SELECT a.id, a.time_zone, t.expires_at FROM tokens t JOIN accounts a ON a.id = t.account_id"
        account_id, zone, expires_at = self._sql.rows(
            f"{query} WHERE t.digest = ? AND t.expires_at > ?", digest, self._now()
        )[0]
        assert exact(expires_at) - self._now() > timedelta(days=29)  # otherwise it would be renewed
        return (UUID(account_id) if self._sql.is_sqlite else account_id), ZoneInfo(zone)

    def bookings(self, column: str, account_id: Any, when: str, cursor: str) -> JSONResponse:
        past, moment = when == "past", self._now()
        beyond, order = ("<", "DESC") if past else (">", "ASC")
        begin, first = (T_MAX if past else self._now() - timedelta(hours=8)), UUID(int=0)
        if cursor:
            text, row_id = key_of(cursor)
            begin, first = datetime.fromisoformat(text), UUID(row_id)
        rows = self._sql.rows(
            f"{_BOOKING} WHERE b.{column} = ? AND (b.starts_at, b.id) {beyond} (?, ?) AND b.ends_at"
            f" {'<=' if past else '>'} ? AND b.confirmed_at IS NOT NULL"
            f" ORDER BY b.starts_at {order}, b.id {order} LIMIT 21",
            *(account_id, begin, first, self._now()),
        )
        return page(rows, 20, lambda *row: booking(moment, *row), booking_key)

    def my_bookings(self, request: Request, when: str = "upcoming", cursor: str = "") -> Any:
        return self.bookings("user_id", self.who(request)[0], when, cursor)

    def professional_sessions(self, request: Request, when: str = "upcoming", cursor: str = "") -> Any:
        return self.bookings("professional_id", self.who(request)[0], when, cursor)

    def own_slots(self, request: Request, cursor: str = "") -> Any:
        account_id, zone = self.who(request)
        today = datetime.combine(self._now().astimezone(zone).date(), datetime.min.time(), zone).astimezone(UTC)
        begin, first = today, UUID(int=0)
        if cursor:
            text, row_id = key_of(cursor)
            begin, first = datetime.fromisoformat(text), UUID(row_id)
        status = _TAKEN.replace("EXISTS (SELECT 1", "(SELECT b.status")
        rows = self._sql.rows(
            f"SELECT s.id, s.starts_at, s.ends_at, s.price_minor, {status} FROM slots s WHERE s.professional_id = ?"
            " AND s.withdrawn_at IS NULL AND (s.starts_at, s.id) > (?, ?) ORDER BY s.starts_at, s.id LIMIT 21",
            *(self._now(), account_id, begin, first),
        )
        return page(rows, 20, lambda *row: slot(zone, *row), lambda *row: (exact(row[1]).isoformat(), ident(row[0])))

    def professionals(self, cursor: str = "") -> Any:
        name, row_id = key_of(cursor) if cursor else ("", str(UUID(int=0)))
        rows = self._sql.rows(
            "SELECT a.id, a.name, f.headline, f.category, f.photo_version, a.time_zone, a.sort_name"
            " FROM accounts a LEFT JOIN profiles f ON f.professional_id = a.id"
            " WHERE a.role = 'professional' AND (a.sort_name, a.id) > (?, ?)"
            " AND EXISTS (SELECT 1 FROM payees y WHERE y.professional_id = a.id AND y.state = 'ready')"
            " AND EXISTS (SELECT 1 FROM slots s WHERE s.professional_id = a.id AND s.withdrawn_at IS NULL"
            " AND s.starts_at > ?) ORDER BY a.sort_name, a.id LIMIT 21",
            *(name, UUID(row_id), self._now()),
        )
        places = ", ".join("?" * len(rows[:20]))
        free = self._sql.rows(
            "SELECT s.professional_id, min(s.price_minor), min(s.starts_at) FROM slots s WHERE s.professional_id IN"
            f" ({places}) AND s.starts_at > ? AND s.withdrawn_at IS NULL AND NOT {_TAKEN}"
            " AND EXISTS (SELECT 1 FROM payees y WHERE y.professional_id = s.professional_id AND y.state = 'ready')"
            " GROUP BY s.professional_id",
            *(*(row[0] if not self._sql.is_sqlite else UUID(row[0]) for row in rows[:20]), self._now(), self._now()),
        )
        offers = {row[0]: (row[1], row[2]) for row in free}

        def card(*row: Any) -> dict[str, Any]:
            offer = offers.get(row[0])
            return {
                "id": ident(row[0]),
                "name": row[1],
                "headline": row[2],
                "category": row[3],
                "category_label": "Personal training" if row[3] else None,
                "photo_url": f"/professional/{ident(row[0])}/photo?v={row[4]}" if row[4] else None,
                "time_zone": row[5],
                "from_price": price(offer[0]) if offer else None,
                "currency": "USD",
                "next_free_at": instant(exact(offer[1])) if offer else None,
            }

        return page(rows, 20, card, lambda *row: (row[6], ident(row[0])))

    def free_slots(self, professional_id: UUID, date: str) -> Any:
        zone_name = self._sql.rows("SELECT time_zone FROM accounts WHERE id = ?", professional_id)[0][0]
        zone, day = ZoneInfo(zone_name), date_of(date)
        begin, end = (
            datetime.combine(d, datetime.min.time(), zone).astimezone(UTC) for d in (day, day + timedelta(days=1))
        )
        rows = self._sql.rows(
            "SELECT s.id, s.starts_at, s.ends_at, s.price_minor FROM slots s WHERE s.professional_id = ?"
            f" AND s.starts_at >= ? AND s.starts_at < ? AND s.starts_at > ? AND s.withdrawn_at IS NULL AND NOT {_TAKEN}"
            " AND EXISTS (SELECT 1 FROM payees y WHERE y.professional_id = s.professional_id AND y.state = 'ready')"
            " ORDER BY s.starts_at, s.id",
            *(professional_id, begin, end, self._now(), self._now()),
        )
        items = [
            {
                "id": ident(row[0]),
                "starts_at": instant(exact(row[1])),
                "ends_at": instant(exact(row[2])),
                "price": price(row[3]),
                "currency": "USD",
            }
            for row in rows
        ]
        answer = {"date": date, "time_zone": zone_name, "professional_time_zone": zone_name, "items": items}
        return JSONResponse(answer)


def bare_app(url: str, now: Clock) -> FastAPI:
    """The measured addresses of the product, and no others."""
    app, bare = FastAPI(), Bare(Sql(url), now)
    app.get("/sessions/my-bookings")(bare.my_bookings)
    app.get("/professional/sessions")(bare.professional_sessions)
    app.get("/professional/sessions/availability")(bare.own_slots)
    app.get("/professionals")(bare.professionals)
    app.get("/professional/{professional_id}/availability")(bare.free_slots)
    return app


T_MAX = datetime(9999, 1, 1, tzinfo=UTC)


def date_of(text: str) -> date:
    return date.fromisoformat(text)
