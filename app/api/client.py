"""The backend as the app sees it: a method an endpoint, typed results, errors of app.errors only."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urljoin

import httpx
from pydantic import BaseModel

from app.api import models
from app.api.protocol import Query, Request, raise_for_error, read_answer
from app.api.transport import Transport
from app.errors import NotSignedIn

ModelT = TypeVar("ModelT", bound=BaseModel)

AVAILABILITY = "/professional/sessions/availability"


class ApiClient:
    """Speaks docs/api.md. One object per person (its token is that person's). Ids are strings, dates and wall times
    `datetime` types, prices minor units. Every method raises Offline, NotSignedIn, Problem, or AppError for an answer
    that cannot be read.
    """

    def __init__(
        self, base_url: str, transport: httpx.AsyncBaseTransport | None = None, token: str | None = None
    ) -> None:
        self._transport = Transport(base_url, transport, token)
        self._on_signed_out: Callable[[], None] = lambda: None

    # the connection

    @property
    def base_url(self) -> str:
        """The backend's address without a trailing slash."""
        return self._transport.base_url

    def use_base_url(self, base_url: str) -> None:
        """Speaks to another backend from now on; a token of the former one is forgotten."""
        if base_url.rstrip("/") != self.base_url:
            self._transport.base_url = base_url.rstrip("/")
            self._transport.token = None

    @property
    def token(self) -> str | None:
        """The bearer token; None when nobody is signed in. For the sign-in store only."""
        return self._transport.token

    def use_token(self, token: str | None) -> None:
        """Takes a stored token, or forgets the present one."""
        self._transport.token = token

    def server_now(self) -> dt.datetime:
        """Now by the backend's clock (aware UTC), from the newest answer's X-Server-Time."""
        return dt.datetime.now(dt.UTC) + self._transport.clock_ahead

    def watch(self, on_reached: Callable[[bool], None], on_signed_out: Callable[[], None]) -> None:
        """`on_reached` hears after every request whether the backend answered; `on_signed_out` when it no longer takes
        the token (which is forgotten). Both are called inside the request's own task.
        """
        self._transport.on_reached = on_reached
        self._on_signed_out = on_signed_out

    def photo_url(self, path: str) -> str:
        """The absolute address of a `photo_url` of the wire."""
        return urljoin(self.base_url + "/", path)

    async def close(self) -> None:
        """Closes the connections."""
        await self._transport.close()

    # accounts

    async def sign_up(self, email: str, password: str, name: str, role: str, time_zone: str) -> models.SignedIn:
        """Makes an account and signs it in. Problem EmailTaken (`fields["email"]`), InvalidPayload."""
        body = {"email": email, "password": password, "name": name, "role": role, "time_zone": time_zone}
        return await self._sign(Request("POST", "/auth/sign-up", body=body))

    async def sign_in(self, email: str, password: str) -> models.SignedIn:
        """Problem WrongEmailOrPassword (401), TooManyAttempts (429, `retry_after_s`)."""
        return await self._sign(Request("POST", "/auth/sign-in", body={"email": email, "password": password}))

    async def sign_out(self) -> None:
        """Revokes the token; it is forgotten here even when the backend cannot be told."""
        try:
            await self._done(Request("POST", "/auth/sign-out"))
        finally:
            self.use_token(None)

    async def me(self) -> models.Account:
        return await self._get(models.Account, Request("GET", "/auth/me"))

    async def update_me(self, name: str | None = None, time_zone: str | None = None) -> models.Account:
        given = {"name": name, "time_zone": time_zone}
        body = {key: value for key, value in given.items() if value is not None}
        return await self._get(models.Account, Request("PATCH", "/auth/me", body=body))

    async def change_password(self, current: str, new: str) -> None:
        """Ends every other sign-in of the account. Problem with `fields["current_password"]` when that is wrong."""
        await self._done(Request("POST", "/auth/me/password", body={"current_password": current, "new_password": new}))

    async def demo_people(self) -> tuple[models.DemoPerson, ...]:
        """Problem 404 outside a demo."""
        return (await self._get(models.Listed[models.DemoPerson], Request("GET", "/demo/people"))).items

    # professionals

    async def categories(self) -> tuple[models.Category, ...]:
        return (await self._get(models.Listed[models.Category], Request("GET", "/categories"))).items

    async def professionals(
        self, q: str = "", category: str | None = None, cursor: str | None = None, limit: int = 20
    ) -> models.Page[models.ProfessionalCard]:
        query: Query = {"q": q, "category": category or "", "cursor": cursor or "", "limit": limit}
        return await self._get(models.Page[models.ProfessionalCard], Request("GET", "/professionals", query))

    async def professional(self, professional_id: str) -> models.Professional:
        return await self._get(models.Professional, Request("GET", f"/professional/{professional_id}"))

    async def own_profile(self) -> models.Professional:
        return await self._get(models.Professional, Request("GET", "/professional/profile"))

    async def update_profile(self, **fields: str | None) -> models.Professional:
        """name, headline, about, category (None clears it), time_zone: those given are changed."""
        return await self._get(models.Professional, Request("PATCH", "/professional/profile", body=dict(fields)))

    async def put_photo(self, data: bytes, content_type: str) -> models.Professional:
        """JPEG, PNG or WebP, at most 5 MB. Problem with `fields["photo"]`."""
        request = Request("PUT", "/professional/profile/photo", photo=(data, content_type))
        return await self._get(models.Professional, request)

    async def delete_photo(self) -> models.Professional:
        return await self._get(models.Professional, Request("DELETE", "/professional/profile/photo"))

    # the professional's slots

    async def create_slot(
        self, date: dt.date, start_time: dt.time, end_time: dt.time, price_minor: int, repeat_weeks: int = 0
    ) -> models.NewSlots:
        """Wall times in the professional's zone; an `end_time` of 00:00 means midnight at the day's end.

        Problem InvalidPayload with `fields`, SlotOverlaps (409).
        """
        body = {
            "date": date.isoformat(),
            "start_time": start_time.strftime("%H:%M"),
            "end_time": "24:00" if end_time == dt.time(0, 0) else end_time.strftime("%H:%M"),
            "price": f"{price_minor // 100}.{price_minor % 100:02d}",
            "repeat_weeks": repeat_weeks,
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

    # finding and booking a time

    async def free_slots(self, professional_id: str, date: dt.date, tz: str) -> models.FreeSlots:
        """The free times of `date` as that date reads in the zone `tz`."""
        query: Query = {"date": date.isoformat(), "tz": tz}
        return await self._get(models.FreeSlots, Request("GET", f"/professional/{professional_id}/availability", query))

    async def free_days(self, professional_id: str, month: dt.date, tz: str) -> models.FreeDays:
        query: Query = {"month": f"{month:%Y-%m}", "tz": tz}
        return await self._get(
            models.FreeDays, Request("GET", f"/professional/{professional_id}/availability/days", query)
        )

    async def book(self, slot_id: str) -> models.Booking:
        """Holds the slot; the answer carries `checkout_url` and `hold_expires_at`. One Idempotency-Key per call, so a
        repeat after a lost answer is the same booking. Problem SlotAlreadyTaken (`next_free`), TooManyHolds,
        OverlappingSession.
        """
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        return await self._get(
            models.Booking, Request("POST", "/sessions/book", body={"slot_id": slot_id}, headers=headers)
        )

    async def session(self, session_id: str) -> models.Booking:
        return await self._get(models.Booking, Request("GET", f"/sessions/{session_id}"))

    async def release(self, session_id: str) -> models.Booking:
        """Gives a hold back. Problem NotHeld (409)."""
        return await self._get(models.Booking, Request("POST", f"/sessions/{session_id}/release"))

    async def my_bookings(
        self, when: str = "upcoming", cursor: str | None = None, limit: int = 20
    ) -> models.Page[models.Booking]:
        return await self._bookings("/sessions/my-bookings", when, cursor, limit)

    async def professional_sessions(
        self, when: str = "upcoming", cursor: str | None = None, limit: int = 20
    ) -> models.Page[models.Booking]:
        return await self._bookings("/professional/sessions", when, cursor, limit)

    async def calendar_file(self, session_id: str) -> bytes:
        """The booking as an iCalendar file."""
        return await self._content(Request("GET", f"/sessions/{session_id}/calendar"))

    # the call

    async def call_link(self, session_id: str) -> models.CallLink:
        """Problem NotPaid, TooEarlyToStart (`opens_at`), SessionOver, SessionCancelled (409)."""
        return await self._get(models.CallLink, Request("POST", f"/sessions/{session_id}/generate-call-link"))

    async def presence(self, session_id: str) -> models.Presence:
        return await self._get(models.Presence, Request("GET", f"/sessions/{session_id}/presence"))

    # carrying

    async def _bookings(self, path: str, when: str, cursor: str | None, limit: int) -> models.Page[models.Booking]:
        query: Query = {"when": when, "cursor": cursor or "", "limit": limit}
        return await self._get(models.Page[models.Booking], Request("GET", path, query))

    async def _sign(self, request: Request) -> models.SignedIn:
        signed_in = await self._get(models.SignedIn, request)
        self.use_token(signed_in.token)
        return signed_in

    async def _get(self, model: type[ModelT], request: Request) -> ModelT:
        return read_answer(model, await self._content(request))

    async def _done(self, request: Request) -> None:
        await self._content(request)

    async def _content(self, request: Request) -> bytes:
        """The content of a good answer."""
        signed_in_as = self.token
        status, content = await self._transport.send(request)
        try:
            raise_for_error(status, content)
        except NotSignedIn:
            if signed_in_as and signed_in_as == self.token:  # not when another sign-in has begun meanwhile
                self.use_token(None)
                self._on_signed_out()
            raise
        return content
