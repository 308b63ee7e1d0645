"""The frame of a client that uses the SDK alone: one order, one room, one answer, as lines of JSON."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from livekit import rtc

from app.call.contract.engine import CallCredentials

Role = Callable[[rtc.Room, dict[str, Any]], Awaitable[dict[str, Any]]]


async def take_part(publish: Role, receive: Role) -> None:
    """In the room of the order's `credentials`, as its `role`: "publish" or the other."""
    loop = asyncio.get_running_loop()
    told = json.loads(await loop.run_in_executor(None, sys.stdin.readline))
    credentials = CallCredentials(**told["credentials"])
    room = rtc.Room(loop=loop)
    await room.connect(credentials.livekit_url, credentials.access_token)
    print(json.dumps(await (publish if told["role"] == "publish" else receive)(room, told)), flush=True)
    await room.disconnect()
