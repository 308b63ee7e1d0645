"""The same request several times at the same moment, as from an impatient finger or two devices."""

import asyncio
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.backend.stage import Backend, Person

TIMES = 8
SLOT = {"date": "2027-03-02", "start_time": "10:00", "end_time": "10:45", "price": "45.00", "repeat_weeks": 4}


async def pressed(app: FastAPI, person: Person, requests: list[tuple[str, str, dict[str, Any] | None]]) -> list[int]:
    """The statuses of the answers, all asked for at once."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://backend.test") as client:
        asked = (client.request(method, path, json=body, headers=person.headers) for method, path, body in requests)
        return sorted(answer.status_code for answer in await asyncio.gather(*asked))


async def test_the_same_hours_are_published_once(app: FastAPI, professional: Person) -> None:
    request = ("POST", "/professional/sessions/availability", SLOT)
    assert await pressed(app, professional, [request] * TIMES) == [201] + [409] * (TIMES - 1)


async def test_of_hours_that_overlap_one_is_published_and_the_others_are_told(
    app: FastAPI, professional: Person
) -> None:
    starts = [f"10:{minute:02}" for minute in range(TIMES)]
    requests = [("POST", "/professional/sessions/availability", SLOT | {"start_time": start}) for start in starts]
    assert await pressed(app, professional, [*requests]) == [201] + [409] * (TIMES - 1)


async def test_a_deleted_slot_is_brought_back_once(app: FastAPI, backend: Backend, professional: Person) -> None:
    path = f"/professional/sessions/availability/{backend.slot(professional)['id']}"
    professional.delete(path)
    assert await pressed(app, professional, [("POST", f"{path}/restore", None)] * TIMES) == [200] + [404] * (TIMES - 1)


async def test_payouts_are_set_up_once(app: FastAPI, backend: Backend) -> None:
    professional = backend.professional(onboarded=False)
    assert (
        await pressed(app, professional, [("POST", "/professional/payouts", {"country": "DE"})] * TIMES)
        == [200] * TIMES
    )


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/professional/cancellation-policy", {"full_until_minutes": 60, "half_until_minutes": 30}),
        ("PATCH", "/professional/profile", {"headline": "Calm"}),
    ],
)
async def test_what_is_written_down_for_the_first_time_is_written_once(
    app: FastAPI, professional: Person, method: str, path: str, body: dict[str, Any]
) -> None:
    assert await pressed(app, professional, [(method, path, body)] * TIMES) == [200] * TIMES
