"""What endpoints count with, and where their request came from."""

from typing import Annotated, cast

from fastapi import Depends, Request

from backend.kit.limits.counting import Limits


async def _limits(request: Request) -> Limits:
    return limits_in(request)


async def _address(request: Request) -> str:
    return address_in(request)


def limits_in(request: Request) -> Limits:
    """For endpoints whose cost is counted in microseconds: FastAPI takes long to solve a dependency."""
    return cast(Limits, request.app.state.limits)


def address_in(request: Request) -> str:
    """The client's address; behind a trusted proxy the one that the proxy names. Empty on a Unix socket."""
    return request.client.host if request.client else ""


LimitsDep = Annotated[Limits, Depends(_limits)]
Address = Annotated[str, Depends(_address)]
