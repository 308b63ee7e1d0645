"""What the endpoints of calls, and the worker, are wired with."""

from datetime import timedelta
from typing import Annotated, cast

from fastapi import Depends, Request

from backend.calls.ports import CallRooms, RoomWebhooks
from backend.calls.rules.attendance import AttendanceLimits
from backend.kit.errors import ServiceUnavailable
from backend.settings import Settings

NO_CALLS = "Calls are not available at the moment. Please try again shortly."


def limits_of(settings: Settings) -> AttendanceLimits:
    """When someone counts as absent, as the rules take it."""
    return AttendanceLimits(
        gap=timedelta(seconds=settings.attendance_gap_seconds),
        after=timedelta(minutes=settings.attendance_decided_after_minutes),
        open_for=timedelta(hours=settings.attendance_open_hours),
        objected_for=timedelta(days=settings.attendance_objected_days),
    )


async def _rooms(request: Request) -> CallRooms:
    rooms = cast("CallRooms | None", request.app.state.call_rooms)
    if rooms is None:
        raise ServiceUnavailable(NO_CALLS)
    return rooms


async def _room_webhooks(request: Request) -> RoomWebhooks:
    webhooks = cast("RoomWebhooks | None", request.app.state.room_webhooks)
    if webhooks is None:
        raise ServiceUnavailable(NO_CALLS)
    return webhooks


CallRoomsDep = Annotated[CallRooms, Depends(_rooms)]
RoomWebhooksDep = Annotated[RoomWebhooks, Depends(_room_webhooks)]
