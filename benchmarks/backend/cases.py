"""What is asked of the backend, and the first and the thousandth page of it."""

import json
from dataclasses import dataclass
from uuid import UUID

from benchmarks.backend.crowd import DATE, PAGE, Crowd
from benchmarks.backend.load import Client

DEEP = 1_000
"""Which page, counted from 1, stands for a deep one; where there are fewer, the middle one does."""


@dataclass(frozen=True)
class Case:
    """One address. `who`: whose token it is asked with."""

    name: str
    path: str
    who: str = ""


def lists() -> list[Case]:
    """Every list, from its first page."""
    return [
        Case("professional's sessions", "/professional/sessions", "professional"),
        Case("professional's past sessions", "/professional/sessions?when=past", "professional"),
        Case("my bookings", "/sessions/my-bookings", "user"),
        Case("my past bookings", "/sessions/my-bookings?when=past", "user"),
        Case("own hours", "/professional/sessions/availability", "professional"),
        Case("professionals", "/professionals"),
    ]


def free_times(crowd: Crowd) -> Case:
    """The free times of a date of the busy professional: half of that date's 48 slots."""
    return Case("free times of a date", f"/professional/{UUID(crowd.busy_professional)}/availability?date={DATE}")


def deep(case: Case, client: Client, token: str) -> tuple[Case, int]:
    """The same list from the thousandth page on, or the middle one of fewer, and which it is."""
    wanted = (DEEP - 1) * PAGE
    cursor = _after(case, client, token, wanted)
    if cursor is not None:
        return _from(case, cursor), DEEP
    cursors = [""]
    while following := json.loads(client.get(_at(case, cursors[-1], PAGE), token))["next_cursor"]:
        cursors.append(following)
    middle = len(cursors) // 2
    return _from(case, cursors[middle]), middle + 1


def _after(case: Case, client: Client, token: str, rows: int) -> str | None:
    cursor, seen = "", 0
    while seen < rows:
        step = min(100, rows - seen)
        cursor = json.loads(client.get(_at(case, cursor, step), token))["next_cursor"]
        if cursor is None:
            return None
        seen += step
    return cursor


def _from(case: Case, cursor: str) -> Case:
    return Case(case.name, _at(case, cursor, 0), case.who)


def _at(case: Case, cursor: str, limit: int) -> str:
    asked = [part for part in (f"cursor={cursor}" if cursor else "", f"limit={limit}" if limit else "") if part]
    return case.path + ("?" if asked and "?" not in case.path else "&" if asked else "") + "&".join(asked)
