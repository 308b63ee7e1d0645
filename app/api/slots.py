"""The hours that a professional offers."""

import datetime as dt

from app.api import models
from app.api.carrier import Carrier
from app.api.protocol import Query, Request, decimal_price

AVAILABILITY = "/professional/sessions/availability"


class SlotsApi(Carrier):
    """The hours that a professional offers."""

    async def create_slot(
        self,
        date: dt.date,
        start_time: dt.time,
        end_time: dt.time,
        price_minor: int,
        repeat_weeks: int = 0,
        which: str = "first",
    ) -> models.NewSlots:
        """Wall times in the professional's zone; an `end_time` that is not after the start is on the next day.

        `which` ("first", "second") counts where the clocks go back and `start_time` comes twice.

        Problem InvalidPayload with `fields`, SlotOverlaps, NotOnboarded (409).
        """
        body = {
            "date": date.isoformat(),
            "start_time": start_time.strftime("%H:%M"),
            "end_time": "24:00" if end_time == dt.time(0, 0) else end_time.strftime("%H:%M"),
            "price": decimal_price(price_minor),
            "repeat_weeks": repeat_weeks,
            **({"which": which} if which != "first" else {}),
        }
        return await self._get(models.NewSlots, Request("POST", AVAILABILITY, body=body))

    async def own_slots(
        self,
        date_from: dt.date | None = None,
        date_to: dt.date | None = None,
        cursor: str | None = None,
        limit: int = 100,
    ) -> models.Page[models.Slot]:
        query: Query = {
            "date_from": date_from.isoformat() if date_from else "",
            "date_to": date_to.isoformat() if date_to else "",
            "cursor": cursor or "",
            "limit": limit,
        }
        return await self._get(models.Page[models.Slot], Request("GET", AVAILABILITY, query))

    async def own_slot_days(self, month: dt.date) -> models.OwnDays:
        """The days of `month` (any day of it) that have slots."""
        return await self._get(models.OwnDays, Request("GET", f"{AVAILABILITY}/days", {"month": f"{month:%Y-%m}"}))

    async def delete_slot(self, slot_id: str) -> None:
        """Problem SlotBooked (409)."""
        await self._done(Request("DELETE", f"{AVAILABILITY}/{slot_id}"))

    async def restore_slot(self, slot_id: str) -> models.Slot:
        """Undoes a delete of the last 10 minutes. Problem SlotOverlaps (409)."""
        return await self._get(models.Slot, Request("POST", f"{AVAILABILITY}/{slot_id}/restore"))
