"""What the backend's lists, free times and bookings cost, with few bookings in the database and with a million.

    python -m benchmarks.bench_backend [--sizes 1000,100000,1000000] [--databases sqlite,postgresql] [--rounds 4]

Everything goes through real server processes over HTTP. Each answer of the product is compared with that of the
yardstick (`benchmarks/backend/bare.py`), then both are asked in turn, on every size of database, a third of a second
each: what the machine does meanwhile hits all of them. Before that, what a search of 30,000 profiles takes (only that
with `--sizes ""`). SQLite's databases are kept in build/bench for the next time.
"""

import argparse
import json
import os
import platform
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks.backend import hanging
from benchmarks.backend.cases import Case, deep, free_times, lists
from benchmarks.backend.crowd import Crowd, crowd
from benchmarks.backend.filling import fill_postgres, sqlite_with, tokens_for
from benchmarks.backend.load import CLIENTS, ROOT, Client, Measured, Server, get, load, post, serving
from benchmarks.backend.searching import search_of_many
from tests.stage.postgres import PostgresServer

KEPT = ROOT / "build" / "bench"
RESULTS = Path(__file__).resolve().parent / "results"
STRETCH_S = 0.35


@dataclass
class Stand:
    """The product and the yardstick on one database."""

    crowd: Crowd
    tokens: dict[str, str]
    customers: list[str]
    product: Server
    bare: Server
    booked: Iterator[int] = field(default_factory=lambda: count())


def stand(stack: ExitStack, people: Crowd, url: str, logs: Path) -> Stand:
    """Both servers, ready."""
    customers = tokens_for(url, [people.customer(number) for number in range(people.customers)])
    busy = tokens_for(url, [people.busy_professional, people.busy_user])
    product, bare = (
        stack.enter_context(serving(kind, url, logs / f"{kind}-{people.bookings}.log")) for kind in ("product", "bare")
    )
    return Stand(people, dict(zip(("professional", "user"), busy, strict=True)), customers, product, bare)


def measured(stands: list[Stand], cases: list[Case], rounds: int) -> list[dict[str, Any]]:
    """One question, of every database by turns; `cases` has it once a stand."""
    for each, case in zip(stands, cases, strict=True):
        token = each.tokens.get(case.who, "")
        product, bare = (json.loads(Client(server.port).get(case.path, token)) for server in (each.product, each.bare))
        assert product == bare, f"{case.path}: the yardstick answers something else"
        assert product["items"], f"{case.path}: an empty answer measures nothing"
    found = [{"product": Measured(), "bare": Measured()} for _ in stands]
    for _ in range(rounds):
        for each, case, into in zip(stands, cases, found, strict=True):
            request = get(case.path, each.tokens.get(case.who, ""))
            for kind, server in (("product", each.product), ("bare", each.bare)):
                load(server, lambda request=request: request, STRETCH_S, into[kind])  # type: ignore[misc]  # bound now
    return [{kind: one.row() for kind, one in into.items()} for into in found]


def bookings(stands: list[Stand], rounds: int) -> list[dict[str, Any]]:
    """Holds made a second: each by a customer who holds at most one other, of a slot that is nobody's."""
    found = [Measured() for _ in stands]
    for _ in range(rounds):
        for each, into in zip(stands, found, strict=True):
            slots = each.crowd.bookable

            def following(each: Stand = each, slots: list[str] = slots) -> bytes | None:
                number = next(each.booked)
                if number >= len(slots):
                    return None
                body = json.dumps({"slot_id": slots[number]})
                return post("/sessions/book", each.customers[number // 2], body)

            load(each.product, following, 2 * STRETCH_S, into, expected=201)
    return [{"product": one.row()} for one in found]


def measure(name: str, urls: dict[int, str], rounds: int) -> list[dict[str, Any]]:
    """Every question on one kind of database, with each size of crowd."""
    logs = KEPT / "logs" / name
    logs.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, Any]] = []

    def row(what: str, pages: list[int] | None, figures: list[dict[str, Any]]) -> None:
        sizes = {str(size): one for size, one in zip(urls, figures, strict=True)}
        rows.append({"database": name, "what": what, "pages": pages, "sizes": sizes})
        print(line(rows[-1]), flush=True)

    with ExitStack() as stack:
        stands = [stand(stack, crowd(size), url, logs) for size, url in urls.items()]
        for case in lists():
            row(case.name, [1] * len(stands), measured(stands, [case] * len(stands), rounds))
            deeper = [deep(case, Client(one.product.port), one.tokens.get(case.who, "")) for one in stands]
            row(case.name, [page for _, page in deeper], measured(stands, [found for found, _ in deeper], rounds))
        row("free times of a date", None, measured(stands, [free_times(one.crowd) for one in stands], rounds))
        row("booking", None, bookings(stands, rounds))
    return rows


def line(row: dict[str, Any]) -> str:
    """A row of the table: of each size answers a second, p50, p99, and the share of the yardstick's."""
    pages = f"page {row['pages'][-1]:,}" if row["pages"] else ""
    cells = [f"{row['what']:26} {pages:10}"]
    least = next(iter(row["sizes"].values()))["product"]["server_cpu_ms"]
    for figures in row["sizes"].values():
        product, bare = figures["product"], figures.get("bare")
        share = f"{_share(product, bare)}" if bare else f"{'':11}"
        cells.append(f"{product['per_s']:6.0f}/s {product['p50_ms']:5.1f} {product['p99_ms']:6.1f} {share}")
    return " | ".join(cells) + f" | x{product['server_cpu_ms'] / least:4.2f}"


def _share(product: dict[str, float], bare: dict[str, float]) -> str:
    """Of the yardstick's throughput, and what that would be with nothing else on the machine: by processor time."""
    by_time, by_processor = product["per_s"] / bare["per_s"], bare["server_cpu_ms"] / product["server_cpu_ms"]
    return f"{100 * by_time:3.0f} % {100 * by_processor:3.0f} %"


def head(name: str, sizes: list[int]) -> str:
    """The table's head."""
    columns = [f"{f'{size:,} bookings':34}" for size in sizes]
    return (
        f"\n{name}: answers a second, p50 and p99 in ms with {CLIENTS} clients, the yardstick's share, the same"
        f" by processor time; last: processor time against the fewest\n{'':37} | " + " | ".join(columns)
    )


def databases(names: list[str], sizes: list[int], rounds: int) -> Iterator[dict[str, Any]]:
    """Fills, measures and forgets one kind after the other."""
    for name in names:
        print(f"Filling {name}", flush=True)
        began = time.monotonic()
        server = PostgresServer(durable=True).start() if name == "postgresql" else None
        try:
            urls = {size: _filled(server, size) for size in sizes}
            print(f"took {time.monotonic() - began:.0f} s\n{head(name, sizes)}", flush=True)
            yield from measure(name, urls, rounds)
        finally:
            if server is not None:
                server.stop()


def _filled(server: PostgresServer | None, size: int) -> str:
    if server is None:
        return sqlite_with(crowd(size), KEPT)
    url = server.new_database()
    fill_postgres(crowd(size), url)
    return url


def one_hangs(names: list[str], size: int, rounds: int) -> Iterator[dict[str, Any]]:
    """What the lists take with one of the slow things saturated or hanging."""
    logs = KEPT / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    print("\nOne provider hangs: p99 of the lists, and how many times calm's that is", flush=True)
    for name in names:
        server = PostgresServer(durable=True).start() if name == "postgresql" else None
        try:
            for row in hanging.hanging(name, crowd(size), _filled(server, size), logs, rounds):
                print(hanging.line(row), flush=True)
                yield row
        finally:
            if server is not None:
                server.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1000,100000,1000000")
    parser.add_argument("--databases", default="sqlite,postgresql")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument(
        "--parts", default="lists,search,hanging", help="which tables to make; the others' figures are kept"
    )
    asked = parser.parse_args()
    RESULTS.mkdir(exist_ok=True)
    kept = RESULTS / "bench_backend.json"
    report = json.loads(kept.read_text()) if kept.exists() else {}
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "clients": CLIENTS}
    if "lists" in asked.parts.split(","):
        report |= {"machine": machine, "stretch_s": STRETCH_S, "rounds": asked.rounds, "rows": all_lists(asked)}
    if "search" in asked.parts.split(","):
        searches = [row for name in asked.databases.split(",") for row in search_of_many(name, KEPT)]
        measured_now = {row["database"] for row in searches}
        report["search"] = [row for row in report.get("search", []) if row["database"] not in measured_now] + searches
    if "hanging" in asked.parts.split(","):
        names, size = asked.databases.split(","), int(asked.sizes.split(",")[0])
        report["one_hangs"] = {"machine": machine, "rows": list(one_hangs(names, size, asked.rounds))}
    kept.write_text(json.dumps(report, indent=1) + "\n")


def all_lists(asked: argparse.Namespace) -> list[dict[str, Any]]:
    """The tables of what lists and bookings cost."""
    sizes = [int(size) for size in asked.sizes.split(",")]
    rows = list(databases(asked.databases.split(","), sizes, asked.rounds))
    most = max(
        figures["client_cpu_share"] for row in rows for size in row["sizes"].values() for figures in size.values()
    )
    print(f"\nThe clients used at most {100 * most:.0f} % of a core: they are not what was measured.")
    return rows


if __name__ == "__main__":
    main()
