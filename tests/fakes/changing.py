"""Cancelling and moving sessions in the fake backend, by the rules of docs/api.md."""

import datetime as dt
from typing import Any

from app.api import models
from app.api.protocol import decimal_price
from app.errors import Problem
from tests.fakes.instants import wire_time

SHARES = {"full": 100, "half": 50, "none": 0}


def policy_of(starts_at: dt.datetime, full_until_minutes: int, half_until_minutes: int) -> dict[str, str]:
    """A policy's deadlines for a session that begins at `starts_at`, as they stand on the wire."""
    full, half = dt.timedelta(minutes=full_until_minutes), dt.timedelta(minutes=half_until_minutes)
    return {"full_until": wire_time(starts_at - full), "half_until": wire_time(starts_at - half), "at_most": "full"}


class Changing:
    """Mixed into FakeApi. Who is signed in as one of `people` acts as the professional, anybody else as the user."""

    now: dt.datetime
    account_id: str
    people: dict[str, dict[str, Any]]
    slots: dict[str, dict[str, Any]]
    bookings: dict[str, dict[str, Any]]

    async def _enter(self, method: str, *arguments: object) -> None:
        raise NotImplementedError

    def _free(self, professional_id: str) -> list[models.FreeSlot]:
        raise NotImplementedError

    async def cancellation(self, session_id: str) -> models.Cancellation:
        await self._enter("cancellation", session_id)
        return self._cancellation(session_id)

    async def cancel(self, session_id: str, expected_refund_minor: int) -> models.Booking:
        await self._enter("cancel", session_id, expected_refund_minor)
        if self.bookings[session_id]["status"] == "cancelled":
            return self.booking(session_id)
        wanted = self._cancellation(session_id)
        if wanted.refund_minor != expected_refund_minor:
            told = "Your refund has changed. Please check it again."
            raise Problem("RefundChanged", 409, told, cancellation=wanted)
        self._carry_out(self.bookings[session_id], wanted)
        return self.booking(session_id)

    async def reschedule(self, session_id: str, slot_id: str) -> models.Booking:
        await self._enter("reschedule", session_id, slot_id)
        known, slot = self.booking(session_id), self.slots.get(slot_id)
        if slot is None:
            raise Problem("NotFound", 404, "This time is no longer offered.")
        if known.reschedule_until is None or self.now > known.reschedule_until:
            raise Problem("NotReschedulable", 409, "It is too late to move this session.")
        if slot["status"] != "free":
            later = tuple(self._free(slot["professional_id"])[:3])
            raise Problem("SlotAlreadyTaken", 409, "This time was just booked by someone else.", next_free=later)
        if slot["price"] != self.bookings[session_id]["price"]:
            told = "This time has another price, so the session cannot be moved there."
            raise Problem("DifferentPrice", 409, told)
        self._move(self.bookings[session_id], slot)
        return self.booking(session_id)

    def booking(self, session_id: str) -> models.Booking:
        """The booking as it is now."""
        return models.Booking.model_validate(self.bookings[session_id])

    def settle_refund(self, session_id: str, status: str = "done") -> None:
        """What the worker would do: the refund arrives, or fails and is tried again."""
        booking = self.bookings[session_id]
        whole = booking["refund"]["amount"] == booking["price"]
        done = "refunded" if whole else "partially_refunded"
        booking["payment_status"] = done if status == "done" else "refund_failed"
        booking["refund"] |= {"status": status, "settled_at": wire_time(self.now) if status == "done" else None}

    def _cancellation(self, session_id: str) -> models.Cancellation:
        known = self.booking(session_id)
        professional = self.account_id in self.people
        if known.status != "confirmed" or self.now >= known.ends_at:
            raise Problem("NotCancellable", 409, "This session is over.")
        if not professional and self.now >= known.starts_at:
            raise Problem("NotCancellable", 409, "This session has begun, so it can no longer be cancelled.")
        until = known.policy
        assert until is not None
        share = "full" if self.now <= until.full_until else "half" if self.now <= until.half_until else "none"
        if professional:
            share = "full"
        elif share == "full":
            share = until.at_most
        changes_at = {"full": until.full_until, "half": until.half_until}.get(share)
        return models.Cancellation(
            refund_minor=(known.price_minor * SHARES[share] + 99) // 100,
            share=share,
            because="professional_cancels" if professional else "user_cancels",
            full_until=until.full_until,
            half_until=until.half_until,
            changes_at=None if professional else changes_at,
            price_minor=known.price_minor,
            currency=known.currency,
        )

    def _carry_out(self, booking: dict[str, Any], wanted: models.Cancellation) -> None:
        professional = wanted.because == "professional_cancels"
        by = "professional" if professional else "user"
        booking |= {"status": "cancelled", "cancelled_at": wire_time(self.now), "cancelled_by": by}
        booking["reschedule_until"] = None
        if professional:
            self.slots.pop(booking["slot_id"], None)
        else:
            self.slots[booking["slot_id"]]["status"] = "free"
        if wanted.refund_minor:
            booking["payment_status"] = "refund_pending"
            booking["refund"] = {
                "amount": decimal_price(wanted.refund_minor),
                "status": "pending",
                "reason": f"{by}_cancelled",
                "asked_at": wire_time(self.now),
                "settled_at": None,
            }

    def _move(self, booking: dict[str, Any], slot: dict[str, Any]) -> None:
        before = models.Booking.model_validate(booking)
        starts_at, ends_at = (dt.datetime.fromisoformat(slot[name]) for name in ("starts_at", "ends_at"))
        until = before.policy
        assert until is not None
        by = starts_at - before.starts_at
        late = self.now > until.full_until
        self.slots[before.slot_id]["status"] = "free"
        slot["status"] = "booked"
        booking |= {
            "slot_id": slot["id"],
            "starts_at": slot["starts_at"],
            "ends_at": slot["ends_at"],
            "moved_from": wire_time(before.starts_at),
            "join_opens_at": wire_time(starts_at - dt.timedelta(minutes=15)),
            "join_closes_at": wire_time(ends_at + dt.timedelta(minutes=15)),
            "policy": {
                "full_until": wire_time(until.full_until + by),
                "half_until": wire_time(until.half_until + by),
                "at_most": "half" if late else until.at_most,
            },
            "reschedule_until": wire_time(until.half_until + by),
        }
