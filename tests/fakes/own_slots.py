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
        self,
        date: dt.date,
        start_time: dt.time,
        end_time: dt.time,
        price_minor: int,
        repeat_weeks: int = 0,
        which: str = "first",
    ) -> models.NewSlots:
        words = (f"{start_time:%H:%M}", f"{end_time:%H:%M}", price_minor, repeat_weeks)
        await self._enter("create_slot", date, *words, *([which] if which != "first" else []))
        midnight = dt.datetime.combine(date, dt.time())
        length = (dt.datetime.combine(date, end_time) - dt.datetime.combine(date, start_time)) % dt.timedelta(days=1)
        days = [midnight + dt.timedelta(weeks=each) for each in range(repeat_weeks + 1)]
        starts = {day.date(): self._instant(day.date(), start_time, which) for day in days}
        left_out = [
            models.LeftOut(date=day, detail=f"{start_time:%H:%M} does not exist on {day.day} {day:%B %Y}.")
            for day, starts_at in starts.items()
            if starts_at is None
        ]
        there = [starts_at for starts_at in starts.values() if starts_at is not None]
        if not there:
            raise Problem("InvalidPayload", 422, left_out[0].detail, fields={"start_time": left_out[0].detail})
        for starts_at in there:
            self._refuse_overlap(starts_at, starts_at + length)
        made = []
        for starts_at in there:
            slot_id = f"slot-{len(self.slots) + len(self.deleted) + 1}"
            minutes = int(length.total_seconds() // 60)
            slot = self.add_slot(slot_id, starts_at, minutes, decimal_price(price_minor), self.account_id)
            made.append(self._as_own(slot))
        return models.NewSlots(**made[0].model_dump(), repeats=tuple(made[1:]), left_out=tuple(left_out))

    def _instant(self, day: dt.date, wall: dt.time, which: str) -> dt.datetime | None:
        """None where a clock change skips it."""
        zone = self._own_zone()
        local = dt.datetime.combine(day, wall.replace(fold=int(which == "second")), zone)
        instant = local.astimezone(dt.UTC)
        return instant if instant.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None) else None

    async def own_slots(
        self,
        date_from: dt.date | None = None,
        date_to: dt.date | None = None,
        cursor: str | None = None,
        limit: int = 100,
    ) -> models.Page[models.Slot]:
        await self._enter("own_slots", date_from, date_to)
        first, last = date_from or dt.date.min, date_to or dt.date.max
        found = [each for each in self._own() if first <= each.date <= last]
        begin = int(cursor or 0)
        following = str(begin + limit) if begin + limit < len(found) else None
        return models.Page[models.Slot](items=tuple(found[begin : begin + limit]), next_cursor=following)

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
