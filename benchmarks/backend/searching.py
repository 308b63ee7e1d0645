"""What a search of 30,000 profiles takes over HTTP, for words that all, some, few and none of them have."""

import json
import random
import statistics
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import insert, text

from backend.auth.rules import name_look, sort_name
from backend.auth.tables import AccountRow, SearchTextRow
from backend.availability.tables import SlotRow
from backend.kit.database import Database
from backend.kit.text import searchable
from backend.migrations import upgrade
from backend.payments.tables import ConnectedAccountRow
from backend.profiles.tables import ProfileRow
from benchmarks.backend.crowd import T0
from benchmarks.backend.load import Client, Server, serving
from tests.stage.postgres import PostgresServer

PROFILES = 30_000
COMMON = ("training", "strength", "with", "years", "teaching", "online")
REPEATS = 30
_RANDOM = random.Random(30_000)
_WORDS = ["".join(_RANDOM.choice("abcdefghijklmnoprstuvwz") for _ in range(_RANDOM.randint(3, 9))) for _ in range(3000)]

SEARCHES = {
    "everyone": "",
    "six words that all have": " ".join(COMMON),
    "a word that nobody has": "qqxqqx",
    "six common words and one that nobody has": " ".join((*COMMON, "qqxqqx")),
    "a word that some have": _WORDS[5],
    "two words that few have together": f"{_WORDS[5]} {_WORDS[9]}",
    "common beginnings, together nowhere": _WORDS[5][:3] + _WORDS[6][:3],
    "two letters that nobody has": "qz",
    "two letters that many have": "tr",
    "a sign": "%",
    "two ideographs that nobody has": "张伟",
}


def search_of_many(name: str, kept: Path) -> Iterator[dict[str, Any]]:
    """A row for each search on one kind of database, printed as it is measured."""
    server = PostgresServer().start() if name == "postgresql" else None
    path = kept / "searching.db"
    kept.mkdir(parents=True, exist_ok=True)
    for ending in ("", "-wal", "-shm"):
        Path(f"{path}{ending}").unlink(missing_ok=True)
    try:
        url = server.empty_database() if server else f"sqlite:///{path}"
        _fill(url)
        print(f"\n{name}: search of {PROFILES:,} profiles, ms of {REPEATS} requests one after the other", flush=True)
        with serving("product", url, kept / f"searching-{name}.log") as product:
            client = Client(product.port)
            for what, words in SEARCHES.items():
                yield _measured(name, what, product, client, f"/professionals?{urlencode({'q': words})}")
            client.close()
    finally:
        if server is not None:
            server.stop()


def _measured(name: str, what: str, product: Server, client: Client, path: str) -> dict[str, Any]:
    found = len(json.loads(client.get(path))["items"])
    took_ms, cpu_s = [], product.cpu_s()
    for _ in range(REPEATS):
        began = time.perf_counter()
        client.get(path)
        took_ms.append((time.perf_counter() - began) * 1000)
    cpu_ms = round((product.cpu_s() - cpu_s) * 1000 / REPEATS, 1)  # of the backend, which SQLite is a part of
    p50, most = round(statistics.median(took_ms), 1), round(max(took_ms), 1)
    print(f"{what:42} {found:3} found  p50 {p50:6.1f}  max {most:6.1f}  processor {cpu_ms:5.1f}", flush=True)
    figures = {"found": found, "p50_ms": p50, "max_ms": most, "server_cpu_ms": cpu_ms}
    return {"database": name, "what": what, "profiles": PROFILES} | figures


def _fill(url: str) -> None:
    database = Database(url)
    upgrade(database)
    tables: tuple[Any, ...] = (AccountRow, ProfileRow, ConnectedAccountRow, SlotRow, SearchTextRow)
    rows = list(zip(*(_professional(number) for number in range(PROFILES)), strict=True))
    with database.write() as session:
        for table, of_it in zip(tables, rows, strict=True):
            session.execute(insert(table), list(of_it))
    with database.write_engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("VACUUM ANALYZE"))  # SQLite's is not run in production
    database.dispose()


def _professional(number: int) -> tuple[dict[str, Any], ...]:
    row_id, now = UUID(int=number + 1), T0
    name = f"{_RANDOM.choice(_WORDS).title()} {_RANDOM.choice(_WORDS).title()}"
    words = [*_RANDOM.choices(_WORDS, k=90), *COMMON]
    _RANDOM.shuffle(words)
    about = " ".join(words)
    starts_at: datetime = now + timedelta(days=30)
    return (
        {
            "id": row_id,
            "role": "professional",
            "email": f"{number}@example.com",
            "email_form": f"{number}@example.com",
            "name": name,
            "sort_name": sort_name(name),
            "name_look": name_look(name),
            "time_zone": "Europe/Berlin",
            "password_hash": "!",
            "created_at": now,
        },
        {"professional_id": row_id, "headline": "", "about": about, "category": "languages"},
        {
            "professional_id": row_id,
            "gateway": "sandbox",
            "account_reference": f"account-{number}",
            "state": "ready",
            "created_at": now,
            "updated_at": now,
        },
        {
            "id": row_id,
            "professional_id": row_id,
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(hours=1),
            "price_minor": 4500,
            "created_at": now,
        },
        {"account_id": row_id, "text": f"{searchable(name)}\n{searchable(about)}"},
    )
