"""A small backend in memory behind ApiClient's methods: for view models and screens. Shared; extend it additively.

Put people and times in by `add_professional` and `add_slot`, let a method fail by `fail["book"] = Offline()` (until
taken out), hold its answer back by `hold("session")` until the returned event is set. `calls` names every call.
"""

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from app.api import models
from app.errors import AppError, Problem
from tests.fakes.account_security import NothingSecured
from tests.fakes.changing import Changing, policy_of
from tests.fakes.follow_ups import FollowUps
from tests.fakes.instants import wire_time
from tests.fakes.mails import Mails
from tests.fakes.meetings import Meetings
from tests.fakes.own_slots import OwnSlots
from tests.fakes.payouts import Paying
from tests.fakes.profiles import Profiles

NOW = dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC)
BASE_URL = "http://backend.test"
HOLD = dt.timedelta(minutes=10)


class FakeApi(Profiles, OwnSlots, Meetings, FollowUps, Changing, Mails, Paying, NothingSecured):
    """`now` is the server's clock and moves only when a test moves it. `account_id` is who is signed in."""

    def __init__(self, now: dt.datetime = NOW) -> None:
        super().__init__()
        self.now = now
        self.account_id = "user-1"
        self.token: str | None = "token"
        self.base_url = BASE_URL
        self.calls: list[str] = []
        self.fail: dict[str, AppError] = {}
        self.people: dict[str, dict[str, Any]] = {}
        self.slots: dict[str, dict[str, Any]] = {}
        self.bookings: dict[str, dict[str, Any]] = {}
        self.known_categories = (
            models.Category(id="personal-training", label="Personal training"),
            models.Category(id="coaching", label="Coaching"),
        )
        self.deleted: dict[str, dict[str, Any]] = {}
        self.present: dict[str, tuple[str, ...]] = {}  # session id -> roles in its room
        self.quality: dict[str, models.SessionQuality] = {}
        self.decisions: dict[str, models.Attendance] = {}
        self.kept_messages: dict[str, tuple[models.Message, ...]] = {}
        self.kept_recordings: dict[str, tuple[models.RecordingConsentRecord, ...]] = {}
        self.notes: dict[tuple[str, str], models.Note] = {}  # (session id, account id) -> that person's
        self.follow_ups: dict[str, models.FollowUp] = {}
        self.unsent_files: dict[str, tuple[models.FollowUpFile, ...]] = {}
        self.file_contents: dict[str, bytes] = {}
        self._gates: dict[str, asyncio.Event] = {}
        self._came = asyncio.Event()

    # what a test sets up

    def add_professional(self, professional_id: str = "pro-1", **fields: Any) -> dict[str, Any]:
        person = {
            "id": professional_id,
            "name": "Ada Lovelace",
            "headline": "Strength for busy people",
            "about": "Ten years of coaching.",
            "category": "personal-training",
            "category_label": "Personal training",
            "photo_url": None,
            "time_zone": "Europe/Berlin",
            "from_price": None,
            "currency": "USD",
            "cancellation_policy": {"full_until_minutes": 720, "half_until_minutes": 120},
        } | fields
        self.people[professional_id] = person
        return person

    def add_slot(
        self,
        slot_id: str,
        starts_at: dt.datetime,
        minutes: int = 45,
        price: str = "45.00",
        professional_id: str = "pro-1",
        status: str = "free",
    ) -> dict[str, Any]:
        ends_at = starts_at + dt.timedelta(minutes=minutes)
        slot = {
            "id": slot_id,
            "starts_at": wire_time(starts_at),
            "ends_at": wire_time(ends_at),
            "price": price,
            "currency": "USD",
            "professional_id": professional_id,
            "status": status,
        }
        self.slots[slot_id] = slot
        return slot

    def add_booking(self, booking_id: str, slot_id: str, **fields: Any) -> models.Booking:
        """A booking of a known slot; confirmed and paid unless `fields` say otherwise (wire names and values)."""
        slot = self.slots[slot_id]
        person = self.people[slot["professional_id"]]
        starts_at, ends_at = (dt.datetime.fromisoformat(slot[name]) for name in ("starts_at", "ends_at"))
        policy = policy_of(starts_at, **person["cancellation_policy"])
        booking = {
            "id": booking_id,
            "status": "confirmed",
            "payment_status": "paid",
            "starts_at": slot["starts_at"],
            "ends_at": slot["ends_at"],
            "time_zone": person["time_zone"],
            "price": slot["price"],
            "currency": slot["currency"],
            "professional": {key: person[key] for key in ("id", "name", "headline", "photo_url", "time_zone")},
            "user": {"id": "user-1", "name": "Grace Hopper"},
            "slot_id": slot_id,
            "hold_expires_at": None,
            "checkout_url": None,
            "join_opens_at": wire_time(starts_at - dt.timedelta(minutes=15)),
            "join_closes_at": wire_time(ends_at + dt.timedelta(minutes=15)),
            "created_at": wire_time(self.now),
            "policy": policy,
            "reschedule_until": policy["half_until"] if fields.get("status", "confirmed") == "confirmed" else None,
        } | fields
        self.bookings[booking_id] = booking
        slot["status"] = {"held": "held", "confirmed": "booked"}.get(booking["status"], "free")
        return models.Booking.model_validate(booking)

    def pay(self, booking_id: str) -> None:
        """What the webhook would do."""
        self.bookings[booking_id] |= {
            "status": "confirmed",
            "payment_status": "paid",
            "hold_expires_at": None,
            "checkout_url": None,
            "reschedule_until": self.bookings[booking_id]["policy"]["half_until"],
        }
        self.slots[self.bookings[booking_id]["slot_id"]]["status"] = "booked"

    def hold(self, method: str) -> asyncio.Event:
        """Calls of `method` wait until the event is set (calls that were made before it stay untouched)."""
        gate = self._gates[method] = asyncio.Event()
        return gate

    def let(self, method: str) -> None:
        """Calls of `method` from now on are answered at once; those already held wait for their event."""
        self._gates.pop(method, None)

    def late(self, method: str) -> asyncio.Event:
        """The next call of `method` is answered as things are now, and the answer arrives when the event is set."""
        ask, arrives = getattr(self, method), asyncio.Event()

        async def answer(*arguments: Any, **named: Any) -> Any:
            setattr(self, method, ask)
            found = await ask(*arguments, **named)
            await arrives.wait()
            return found

        setattr(self, method, answer)
        return arrives

    async def until_called(self, method: str, times: int = 1) -> None:
        """Waits until `method` was called so often in all."""
        while self.count(method) < times:
            self._came.clear()
            await self._came.wait()

    def count(self, method: str) -> int:
        return Counter(name.split(" ")[0] for name in self.calls)[method]

    async def _enter(self, method: str, *arguments: object) -> None:
        self.calls.append(" ".join([method, *(str(each) for each in arguments)]))
        self._came.set()
        gate = self._gates.get(method)
        if gate is not None:
            await gate.wait()
        if method in self.fail:
            raise self.fail[method]
        self._check_verified(method)

    # the connection

    def server_now(self) -> dt.datetime:
        return self.now

    def photo_url(self, path: str) -> str:
        return BASE_URL + path

    def use_token(self, token: str | None) -> None:
        self.token = token

    # finding and booking a time

    def _free(self, professional_id: str) -> list[models.FreeSlot]:
        slots = [each for each in self.slots.values() if each["professional_id"] == professional_id]
        free = [models.FreeSlot.model_validate(each) for each in slots if each["status"] == "free"]
        return sorted((each for each in free if each.starts_at > self.now), key=lambda each: each.starts_at)

    async def free_slots(self, professional_id: str, date: dt.date, tz: str) -> models.FreeSlots:
        await self._enter("free_slots", date)
        zone = ZoneInfo(tz)
        items = tuple(each for each in self._free(professional_id) if each.starts_at.astimezone(zone).date() == date)
        return models.FreeSlots(
            date=date,
            time_zone=tz,
            professional_time_zone=self.people[professional_id]["time_zone"],
            items=items,
        )

    async def free_days(self, professional_id: str, month: dt.date, tz: str) -> models.FreeDays:
        await self._enter("free_days", f"{month:%Y-%m}")
        zone = ZoneInfo(tz)
        dates = Counter(each.starts_at.astimezone(zone).date() for each in self._free(professional_id))
        days = [
            models.FreeDay(date=date, free=free)
            for date, free in sorted(dates.items())
            if (date.year, date.month) == (month.year, month.month)
        ]
        return models.FreeDays(month=f"{month:%Y-%m}", time_zone=tz, days=tuple(days))

    async def book(self, slot_id: str) -> models.Booking:
        await self._enter("book", slot_id)
        slot = self.slots.get(slot_id)
        if slot is None:
            raise Problem("NotFound", 404, "This time is no longer offered.")
        if any(
            each["slot_id"] == slot_id and each["status"] in ("held", "confirmed") for each in self.bookings.values()
        ):
            raise Problem("OverlappingSession", 409, "You are already holding this time.")
        if slot["status"] != "free":
            later = tuple(self._free(slot["professional_id"])[:3])
            raise Problem("SlotAlreadyTaken", 409, "This time was just booked by someone else.", next_free=later)
        booking_id = f"booking-{len(self.bookings) + 1}"
        return self.add_booking(
            booking_id,
            slot_id,
            status="held",
            payment_status="pending",
            hold_expires_at=wire_time(self.now + HOLD),
            checkout_url=f"{BASE_URL}/sandbox/checkout/{booking_id}",
        )

    async def session(self, session_id: str) -> models.Booking:
        await self._enter("session", session_id)
        if session_id not in self.bookings:
            raise Problem("NotFound", 404, "There is nothing here.")
        return models.Booking.model_validate(self.bookings[session_id])

    async def release(self, session_id: str) -> models.Booking:
        await self._enter("release", session_id)
        booking = self.bookings[session_id]
        if booking["status"] != "held":
            raise Problem("NotHeld", 409, "This time is not held any more.")
        booking |= {"status": "cancelled", "hold_expires_at": None, "checkout_url": None}
        self.slots[booking["slot_id"]]["status"] = "free"
        return models.Booking.model_validate(booking)

    async def my_bookings(
        self, when: str = "upcoming", cursor: str | None = None, limit: int = 20
    ) -> models.Page[models.Booking]:
        await self._enter("my_bookings", when, cursor or "")
        return self._page_of(self.bookings, when, cursor, limit)

    async def professional_sessions(
        self, when: str = "upcoming", cursor: str | None = None, limit: int = 20
    ) -> models.Page[models.Booking]:
        await self._enter("professional_sessions", when, cursor or "")
        shown = {k: b for k, b in self.bookings.items() if b["status"] not in ("held", "expired")}
        return self._page_of(shown, when, cursor, limit)

    def _page_of(
        self, bookings: Mapping[str, dict[str, Any]], when: str, cursor: str | None, limit: int
    ) -> models.Page[models.Booking]:
        def is_past(booking: models.Booking) -> bool:
            return booking.ends_at <= self.now or booking.status in ("cancelled", "expired", "completed", "no_show")

        all_of_them = [models.Booking.model_validate(each) for each in bookings.values()]
        chosen = [each for each in all_of_them if is_past(each) == (when == "past")]
        chosen.sort(key=lambda each: each.starts_at, reverse=when == "past")
        start = int(cursor or 0)
        more = str(start + limit) if start + limit < len(chosen) else None
        return models.Page[models.Booking](items=tuple(chosen[start : start + limit]), next_cursor=more)
