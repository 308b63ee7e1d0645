"""People, hours and a paid booking that can be started now: all made through the services."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.auth import repository as accounts
from backend.auth.rules import Account, EmailTaken, Role, email_form
from backend.auth.service import PasswordHasher, sign_up
from backend.availability.rules import SlotOverlaps
from backend.availability.service import create_slots
from backend.availability.tables import SlotRow
from backend.bookings import repository as bookings
from backend.bookings.rules import BookingStatus, Terms
from backend.bookings.service import holding, offering
from backend.bookings.service.money import payment_events
from backend.bookings.tables import BookingRow
from backend.demo.people import NORA, OTHERS, PASSWORD, SAM, DemoPerson, Hours
from backend.kit.clock import Clock
from backend.kit.database import Database
from backend.kit.errors import BusinessError, InvalidPayload
from backend.payments.ports import ConnectedAccountOrder, PaymentGateway
from backend.payments.service import ready_account, save_connected_account
from backend.profiles.repository import current_handle
from backend.profiles.service import update_profile

logger = logging.getLogger(__name__)

ENOUGH_LEFT = timedelta(minutes=10)
SESSION_MINUTES = (45, 30, 15)


@dataclass(frozen=True)
class Demo:
    """Makes sure that the demo can be tried. As people would, `pay` pays a checkout and `onboard` sets up an
    account of `gateway`, each by its reference.
    """

    database: Database
    passwords: PasswordHasher
    gateway: PaymentGateway
    pay: Callable[[str], object]
    onboard: Callable[[str], object]
    terms: Terms
    now: Clock

    def prepare(self, days_ahead: int) -> None:
        """People, a booking that can be started now, and hours for the days ahead; what is there already stays."""
        nora, sam = self._account(NORA), self._account(SAM)
        for person in (NORA, *OTHERS):
            self._set_up_payouts(self._account(person), person)
            self._give_handle(self._account(person), person)
        if not self._startable(nora, sam):
            self._make_session(nora, sam)
        for person in (NORA, *OTHERS):
            self._offer_hours(person, self._account(person), days_ahead)

    def _account(self, person: DemoPerson) -> Account:
        with self.database.read() as session:
            row = next(iter(accounts.accounts_by_email(session, email_form(person.email), person.email)), None)
        if row is not None:
            return accounts.account_of(row)
        password_hash = self.passwords.hashed(PASSWORD)
        try:
            with self.database.write() as session:
                return self._signed_up(session, person, password_hash)
        except EmailTaken:
            return self._account(person)  # another backend of the same database made it meanwhile

    def _signed_up(self, session: Session, person: DemoPerson, password_hash: str) -> Account:
        account = sign_up(
            session,
            email=person.email,
            password_hash=password_hash,
            name=person.name,
            role=person.role,
            time_zone=person.time_zone,
            email_verified=True,
            now=self.now(),
        )
        if person.hours:
            profile = {"headline": person.headline, "about": person.about, "category": person.category}
            update_profile(session, account, profile, self.now())
        return account

    def _set_up_payouts(self, account: Account, person: DemoPerson) -> None:
        with self.database.read() as session:
            if account.role is not Role.PROFESSIONAL or ready_account(session, account.id, self.gateway.name):
                return
        opened = self.gateway.create_connected_account(
            ConnectedAccountOrder(account.id, account.name, account.email, person.country)
        )
        self.onboard(opened.reference)
        with self.database.write() as session:
            save_connected_account(
                session,
                account.id,
                self.gateway.name,
                self.gateway.read_connected_account(opened.reference),
                self.now(),
            )

    def _give_handle(self, account: Account, person: DemoPerson) -> None:
        with self.database.read() as session:
            if current_handle(session, account.id) is not None:
                return
        try:
            with self.database.write() as session:
                update_profile(session, account, {"handle": person.handle}, self.now())
        except BusinessError:
            logger.info("Somebody else has the handle %s.", person.handle)

    def _startable(self, nora: Account, sam: Account) -> bool:
        now = self.now()
        query = select(BookingRow.id).where(
            BookingRow.professional_id == nora.id,
            BookingRow.user_id == sam.id,
            BookingRow.status == BookingStatus.CONFIRMED.value,
            BookingRow.starts_at <= now + self.terms.join_opens_before,
            BookingRow.ends_at >= now + ENOUGH_LEFT,
        )
        with self.database.read() as session:
            return session.scalar(query.limit(1)) is not None

    def _make_session(self, nora: Account, sam: Account) -> None:
        slot_id = self._slot_about_to_begin(nora)
        if slot_id is None:
            logger.warning("The demo's session cannot be made: Nora has other slots just now.")
            return
        try:
            self._book_and_pay(sam, slot_id)
        except BusinessError as refusal:
            logger.warning("The demo's session cannot be made: %s", type(refusal).__name__)

    def _slot_about_to_begin(self, nora: Account) -> UUID | None:
        with self.database.write() as session:
            soon = self._slots_around_now(session, nora)
            for slot in soon:
                if slot.starts_at <= self.now():
                    self._withdraw_if_unbooked(session, nora, slot.id)
            return self._new_slot(session, nora) or self._free_among(session, soon)

    def _slots_around_now(self, session: Session, nora: Account) -> list[SlotRow]:
        now = self.now()
        query = select(SlotRow).where(
            SlotRow.professional_id == nora.id,
            SlotRow.withdrawn_at.is_(None),
            SlotRow.starts_at <= now + self.terms.join_opens_before,
            SlotRow.ends_at > now,
        )
        return list(session.scalars(query.order_by(SlotRow.starts_at)))

    def _withdraw_if_unbooked(self, session: Session, nora: Account, slot_id: UUID) -> None:
        # A slot that has begun can be booked by nobody any more; it would only be in the way.
        try:
            offering.withdraw(session, nora, slot_id, self.now())
        except BusinessError:
            logger.info("Nora is in another session just now.")

    def _new_slot(self, session: Session, nora: Account) -> UUID | None:
        for minutes in SESSION_MINUTES:
            for starts_at in _five_minute_marks(self.now(), self.terms.join_opens_before):
                wall = starts_at.astimezone(ZoneInfo(nora.time_zone))
                start = wall.hour * 60 + wall.minute
                slot = self._offered(session, nora, wall.date(), start, minutes, NORA.hours)
                if slot is not None:
                    return slot.id
        return None

    def _free_among(self, session: Session, slots: list[SlotRow]) -> UUID | None:
        now = self.now()
        upcoming = (slot for slot in slots if slot.starts_at > now and slot.withdrawn_at is None)
        return next((slot.id for slot in upcoming if not bookings.occupant(session, slot.id, now)), None)

    def _book_and_pay(self, sam: Account, slot_id: UUID) -> None:
        with self.database.write() as session:
            booking = holding.hold_slot(
                session, sam, slot_id, key=None, gateway=self.gateway.name, terms=self.terms, now=self.now()
            )
            order = holding.order_for(session, sam, booking)
        checkout = self.gateway.create_checkout(order)
        with self.database.write() as session:
            booking = holding.keep_checkout(session, booking.id, checkout)
        self.pay(checkout.reference)
        payment_events.ask_about_checkout(self.database, self.gateway, booking, self.now)

    def _offer_hours(self, person: DemoPerson, account: Account, days_ahead: int) -> None:
        if person.hours is None:
            return
        today = self.now().astimezone(ZoneInfo(account.time_zone)).date()
        with self.database.write() as session:
            known = self._days_with_slots(session, account)
            for ahead in range(days_ahead):
                day = today + timedelta(days=ahead)
                if day in known or day.weekday() not in person.hours.weekdays:
                    continue
                for hour in person.hours.starts:
                    self._offered(session, account, day, hour * 60, person.hours.minutes, person.hours)

    def _days_with_slots(self, session: Session, account: Account) -> set[date]:
        # Deleted ones count: who cleared a day does not find it filled again.
        zone = ZoneInfo(account.time_zone)
        starts = session.scalars(
            select(SlotRow.starts_at).where(
                SlotRow.professional_id == account.id, SlotRow.starts_at > self.now() - timedelta(days=1)
            )
        )
        return {starts_at.astimezone(zone).date() for starts_at in starts}

    def _offered(
        self, session: Session, account: Account, day: date, start: int, minutes: int, hours: Hours | None
    ) -> SlotRow | None:
        if hours is None or start + minutes > 24 * 60:
            return None
        try:
            (slot,), _ = create_slots(
                session,
                account,
                day=day,
                start=start,
                end=start + minutes,
                price_minor=hours.price_minor,
                now=self.now(),
            )
        except (InvalidPayload, SlotOverlaps):
            return None  # over already, left out by a clock change, or taken
        return slot


def _five_minute_marks(now: datetime, within: timedelta) -> Iterator[datetime]:
    mark = now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0) + timedelta(minutes=5)
    while mark < now + within:
        if mark >= now + timedelta(minutes=1):
            yield mark
        mark += timedelta(minutes=5)
