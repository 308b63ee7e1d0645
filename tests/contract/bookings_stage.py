"""Hours offered and booked over the real backend."""

import datetime as dt

from app.api.client import ApiClient
from app.api.models import Booking
from tests.contract.conftest import Pay

DAY = dt.date(2027, 3, 2)


async def offer(client: ApiClient, hour: int = 14, weeks: int = 0) -> str:
    slot = await client.create_slot(DAY, dt.time(hour), dt.time(hour, 45), 4500, weeks)
    return slot.id


async def confirmed(nora: ApiClient, sam: ApiClient, pay: Pay, hour: int = 14) -> Booking:
    held = await sam.book(await offer(nora, hour))
    await pay(held.checkout_url or "")
    return await sam.session(held.id)
