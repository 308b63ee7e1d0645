"""The professional's own slots of the fake backend: what FakeApi adds for SessionSettings."""

import datetime as dt
from collections import Counter
from typing import Any
from zoneinfo import ZoneInfo

from app.api import models
from app.api.protocol import decimal_price
from app.errors import Problem


class OwnSlots:
    """Mixed into FakeApi, whose `slots`, `people` and `account_id` it uses. `deleted` keeps what may be restored."""

    now: dt.datetime
    account_id: str
    people: dict[str, dict[str, Any]]
    slots: dict[str, dict[str, Any]]
    deleted: dict[str, dict[str, Any]]

    async def _enter(self, method: str, *arguments: object) -> None:
        raise NotImplementedError

    def add_slot(
        self,
        slot_id: str,
        starts_at: dt.datetime,
        minutes: int = 45,
        price: str = "45.00",
        professional_id: str = "pro-1",
        status: str = "free",
    ) -> dict[str, Any]:
        raise NotImplementedError

    def _own_zone(self) -> ZoneInfo:
        return ZoneInfo(self.people[self.account_id]["time_zone"])

    def _as_own(self, slot: dict[str, Any]) -> models.Slot:
        zone = self._own_zone()
        starts, ends = (dt.datetime.fromisoformat(slot[name]).astimezone(zone) for name in ("starts_at", "ends_at"))
        wall = {"date": starts.date(), "start_time": f"{starts:%H:%M}", "end_time": f"{ends:%H:%M}"}
        return models.Slot.model_validate(slot | wall | {"time_zone": str(zone)})

    def _own(self) -> list[models.Slot]:
        mine = [self._as_own(each) for each in self.slots.values() if each["professional_id"] == self.account_id]
        return sorted(mine, key=lambda each: each.starts_at)

    def _refuse_overlap(self, starts_at: dt.datetime, ends_at: dt.datetime) -> None:
        for other in self._own():
            if other.starts_at < ends_at and starts_at < other.ends_at:
                words = f"{other.start_time:%H:%M} to {other.end_time:%H:%M}"
                raise Problem("SlotOverlaps", 409, f"This overlaps your slot from {words}.")

    async def create_slot(
        self, date: dt.date, start_time: dt.time, end_time: dt.time, price_minor: int, repeat_weeks: int = 0
    ) -> models.NewSlots:
        await self._enter("create_slot", date, f"{start_time:%H:%M}", f"{end_time:%H:%M}", price_minor, repeat_weeks)
        starts_at = dt.datetime.combine(date, start_time, self._own_zone())
        last_day = date + dt.timedelta(days=1) if end_time == dt.time(0) else date
        ends_at = dt.datetime.combine(last_day, end_time, self._own_zone())
        weeks = [dt.timedelta(weeks=each) for each in range(repeat_weeks + 1)]
        for week in weeks:
            self._refuse_overlap(starts_at + week, ends_at + week)
        made = []
        for week in weeks:
            minutes = int((ends_at - starts_at).total_seconds() // 60)
            price = decimal_price(price_minor)
            slot_id = f"slot-{len(self.slots) + len(self.deleted) + 1}"
            slot = self.add_slot(slot_id, starts_at + week, minutes, price, self.account_id)
            made.append(self._as_own(slot))
        return models.NewSlots(**made[0].model_dump(), repeats=tuple(made[1:]))

    async def own_slots(
        self,
        date_from: dt.date | None = None,
        date_to: dt.date | None = None,
        cursor: str | None = None,
        limit: int = 100,
    ) -> models.Page[models.Slot]:
        await self._enter("own_slots", date_from, date_to)
        first, last = date_from or dt.date.min, date_to or dt.date.max
        return models.Page[models.Slot](items=tuple(each for each in self._own() if first <= each.date <= last))

    async def own_slot_days(self, month: dt.date) -> models.OwnDays:
        await self._enter("own_slot_days", f"{month:%Y-%m}")
        mine = [each for each in self._own() if (each.date.year, each.date.month) == (month.year, month.month)]
        booked = Counter(each.date for each in mine if each.status == "booked")
        days = [
            models.SlotDay(date=date, slots=count, booked=booked[date])
            for date, count in sorted(Counter(each.date for each in mine).items())
        ]
        return models.OwnDays(month=f"{month:%Y-%m}", time_zone=str(self._own_zone()), days=tuple(days))

    async def delete_slot(self, slot_id: str) -> None:
        await self._enter("delete_slot", slot_id)
        if slot_id not in self.slots:
            raise Problem("NotFound", 404, "There is nothing here.")
        if self.slots[slot_id]["status"] != "free":
            raise Problem("SlotBooked", 409, "This time is booked, so it cannot be deleted.")
        self.deleted[slot_id] = self.slots.pop(slot_id)

    async def restore_slot(self, slot_id: str) -> models.Slot:
        await self._enter("restore_slot", slot_id)
        slot = self.deleted[slot_id]
        self._refuse_overlap(*(dt.datetime.fromisoformat(slot[name]) for name in ("starts_at", "ends_at")))
        self.slots[slot_id] = self.deleted.pop(slot_id)
        return self._as_own(self.slots[slot_id])
