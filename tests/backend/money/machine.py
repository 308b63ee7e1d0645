"""Everything that people, providers, clocks and crashes can do to a booking, in any order that Hypothesis thinks of."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from httpx import Response
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from backend.availability.tables import SlotRow
from backend.bookings.rules import IDEMPOTENCY_KEYS_KEPT
from backend.bookings.tables import BookingRow
from backend.payments.tables import PaymentRow
from tests.backend.money.mortal_database import Killed
from tests.backend.money.moves import BOOKING_MAY_BECOME, PAYMENT_MAY_BECOME
from tests.backend.money.tally import count
from tests.backend.money.worlds import World
from tests.backend.stage import START

Row = TypeVar("Row", SlotRow, BookingRow, PaymentRow)
PICK = st.integers(0, 11)
LENGTH_MIN = 45


class MoneyMachine(RuleBasedStateMachine):
    """People and their provider. `make_world` gives each run a new backend; `tally` counts what all came to."""

    make_world: ClassVar[Callable[[], World]]
    tally: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self.world = type(self).make_world()
        self.been: dict[Any, tuple[str, str]] = {}
        self.seen: dict[UUID, int] = {}
        self.keys: dict[tuple[int, str], tuple[str, datetime]] = {}
        self.excused: set[int] = set()

    def teardown(self) -> None:
        try:
            wrong = self.world.settle()
            assert not wrong, "\n".join(wrong)
            count(self.tally, self.world.ours(), self.world.database.deaths)
        finally:
            self.world.close()

    # Who is there and what there is

    def bookings(self) -> list[BookingRow]:
        return self._rows(BookingRow)

    def _rows(self, table: type[Row]) -> list[Row]:
        """All rows in the order in which they were first seen, as the clock mostly stands still."""
        self.world.database.revive_if_dead()
        with self.world.database.read() as session:
            rows = list(session.scalars(select(table)))
        return sorted(rows, key=lambda row: self.seen.setdefault(row.id, len(self.seen)))

    def picked(self, pick: int) -> BookingRow | None:
        """One of the newer bookings."""
        bookings = self.bookings()[-4:]
        return bookings[pick % len(bookings)] if bookings else None

    def slot(self, pick: int) -> SlotRow:
        """Mostly one that is offered and to come."""
        slots = self._rows(SlotRow)
        now = self.world.clock()
        offered = [slot for slot in slots if slot.withdrawn_at is None and slot.starts_at > now]
        return (offered or slots)[pick % len(offered or slots)] if pick else slots[0]

    def check(self, answer: Response, *expected: int) -> None:
        """The answer is one of these, or 5xx if something was broken on purpose when this step began or since."""
        allowed = {*expected, *self.excused, *self.world.excused()}
        assert answer.status_code in allowed, (answer.status_code, answer.text)

    # Professionals

    @initialize(
        booked=st.lists(st.tuples(st.integers(0, 2), PICK, PICK, st.booleans(), PICK), min_size=3, max_size=8),
        elsewhere=st.integers(0, 5),
        paid_out=st.booleans(),
    )
    def begin(self, booked: list[tuple[int, int, int, bool, int]], elsewhere: int, paid_out: bool) -> None:
        """Hours of both, some at the same time, some bookings of them, some of those paid as older releases asked for,
        mostly something at the provider, and in every second run a session for which the professional is paid.
        """
        for hours in (1, 3, 11, 26, 50, 74):
            for which in (0, 1):
                self._offer(
                    which, START + timedelta(hours=hours, minutes=30 * which), "45.55" if hours == 3 else "45.00"
                )
        for who, slot, card, reported, old in booked:
            self.book(who, slot, "")
            booking = self.picked(-1)
            if old > 8 and booking is not None and booking.payment_status == "pending" and booking.checkout_url:
                self.world.transfer_at_once(booking)
            self.pay(-1, card if card < len(self.world.cards) else 0, reported)
        self.world.tell()
        if elsewhere < 4:
            self.somebody_refunds_at_the_provider(0, 10, True)
        if elsewhere > 1:
            self.a_payer_disputes(1, 100)
        if paid_out:
            self.a_session_is_paid_out()

    def a_session_is_paid_out(self) -> None:
        """Both come to the first one that stands, and nobody objects."""
        standing = [booking for booking in self.bookings() if booking.status == "confirmed"]
        for booking in sorted(standing, key=lambda row: row.starts_at)[:1]:
            self._takes_place(booking, "both")
            self.world.clock.move(hours=25)
            for _ in range(2):  # decided, and final a day later
                self.world.workers[1].run_once()
                self.world.clock.move(hours=25)
            self.world.workers[1].run_once()

    @rule(which=st.integers(0, 1), half_hours=st.integers(1, 60), price=st.sampled_from(["1.01", "45.00", "45.55"]))
    def offer(self, which: int, half_hours: int, price: str) -> None:
        ahead = self.world.clock() + timedelta(minutes=30 * half_hours)
        self._offer(which, ahead.replace(minute=ahead.minute // 30 * 30, second=0), price)

    def _offer(self, which: int, starts_at: datetime, price: str) -> None:
        ends_at = starts_at + timedelta(minutes=LENGTH_MIN)
        end = "24:00" if ends_at.time() == time() else f"{ends_at:%H:%M}"
        if ends_at.date() == starts_at.date() or end == "24:00":
            professional = self.world.professionals[which]
            answer = self.world.backend.offer(professional, starts_at.date(), f"{starts_at:%H:%M}", end, price)
            self.check(answer, 201, 409, 422)

    @rule(pick=PICK)
    def offer_a_moment_before(self, pick: int) -> None:
        """Five minutes that begin in three: shorter than the hold that pays for them."""
        starts_at = self.world.clock() + timedelta(minutes=3)
        day: date = starts_at.astimezone(UTC).date()
        ends_at = starts_at + timedelta(minutes=5)
        if ends_at.date() == day:
            professional = self.world.professionals[pick % 2]
            answer = self.world.backend.offer(professional, day, f"{starts_at:%H:%M}", f"{ends_at:%H:%M}")
            self.check(answer, 201, 409, 422)

    @rule(pick=PICK, back=st.booleans())
    def withdraw(self, pick: int, back: bool) -> None:
        slot = self.slot(pick)
        path = f"/professional/sessions/availability/{slot.id}"
        professional = self.world.person(slot.professional_id)
        answer = professional.post(f"{path}/restore") if back else professional.delete(path)
        self.check(answer, 200, 204, 404, 409)

    @rule(which=st.integers(0, 1), full=st.sampled_from([0, 60, 1440]), half=st.sampled_from([0, 60]))
    def set_policy(self, which: int, full: int, half: int) -> None:
        body = {"full_until_minutes": max(full, half), "half_until_minutes": half}
        self.check(self.world.professionals[which].put("/professional/cancellation-policy", json=body), 200)

    # Users

    @rule(who=st.integers(0, 2), pick=PICK, key=st.sampled_from(["", "", "key-0001", "key-0002"]))
    def book(self, who: int, pick: int, key: str) -> None:
        headers = {"Idempotency-Key": key} if key else {}
        body = {"slot_id": str(self.slot(pick).id)}
        answer = self.world.users[who].post("/sessions/book", json=body, headers=headers)
        self.check(answer, 201, 404, 409)
        if key and answer.status_code == 201:
            now = self.world.clock()
            first, at = self.keys.get((who, key), ("", now))
            if now - at >= IDEMPOTENCY_KEYS_KEPT:  # forgotten: the key is as good as new
                first = ""
            assert first in ("", answer.json()["id"])
            if not first:
                self.keys[who, key] = (answer.json()["id"], now)

    @rule(pick=PICK, card=PICK, reported=st.booleans())
    def pay(self, pick: int, card: int, reported: bool) -> None:
        booking = self.picked(pick)
        if booking is not None and booking.checkout_url:
            with suppress(Killed):
                self.world.pay(booking, self.world.cards[card % len(self.world.cards)], reported=reported)

    @rule(who=st.integers(0, 2), slot=PICK, card=PICK, then=st.sampled_from(["keep", "cancel", "is cancelled", "move"]))
    def book_and_pay(self, who: int, slot: int, card: int, then: str) -> None:
        """What mostly happens, and what people do next."""
        self.book(who, slot, "")
        self.pay(-1, card if card < len(self.world.cards) else 0, True)
        self.world.tell()
        if then == "move":
            self.reschedule(-1, slot + 2)
        elif then != "keep":
            self.cancel(-1, then == "is cancelled", None)

    @rule(pick=PICK)
    def release(self, pick: int) -> None:
        booking = self.picked(pick)
        if booking is not None:
            self.check(self.world.person(booking.user_id).post(f"/sessions/{booking.id}/release"), 200, 409)

    @rule(pick=PICK, by_professional=st.booleans(), guess=st.sampled_from([None, None, "0.00", "22.50"]))
    def cancel(self, pick: int, by_professional: bool, guess: str | None) -> None:
        booking = self.picked(pick)
        if booking is None:
            return
        person = self.world.person(booking.professional_id if by_professional else booking.user_id)
        shown = person.get(f"/sessions/{booking.id}/cancellation")
        expected = guess or (shown.json()["refund"] if shown.status_code == 200 else "0.00")
        answer = person.post(f"/sessions/{booking.id}/cancel", json={"expected_refund": expected})
        self.check(answer, 200, 409)

    @rule(pick=PICK, slot=PICK)
    def reschedule(self, pick: int, slot: int) -> None:
        booking = self.picked(pick)
        if booking is not None:
            body = {"slot_id": str(self.slot(slot).id)}
            person = self.world.person(booking.user_id)
            self.check(person.post(f"/sessions/{booking.id}/reschedule", json=body), 200, 404, 409)

    @rule(who=st.integers(0, 4))
    def read_lists(self, who: int) -> None:
        person = [*self.world.users, *self.world.professionals][who]
        lists = "/professional/sessions" if person.account["role"] == "professional" else "/sessions/my-bookings"
        for when in ("upcoming", "past"):
            self.check(person.get(f"{lists}?when={when}"), 200)

    # Time and the worker

    @rule(minutes=st.sampled_from([0, 1, 3, 9, 11, 40, 60, 600]), which=st.sampled_from([None, 0, 1]))
    def wait(self, minutes: int, which: int | None) -> None:
        """Time passes, and one of the two workers has a round, or none."""
        self.world.clock.move(minutes=minutes)
        if which is not None:
            self.world.workers[which].run_once()

    @rule(pick=PICK, who=st.sampled_from(["both", "user", "professional", "nobody", "unseen"]))
    def a_session_takes_place(self, pick: int, who: str) -> None:
        booking = self.picked(pick)
        if booking is None or booking.status != "confirmed" or booking.starts_at < self.world.clock():
            return
        self._takes_place(booking, who)

    def _takes_place(self, booking: BookingRow, who: str) -> None:
        there = {"both": {"user", "professional"}, "nobody": set[str](), "unseen": set[str]()}.get(who, {who})
        identities = {"user": f"user_{booking.user_id}", "professional": f"professional_{booking.professional_id}"}
        self.world.rooms.rooms[f"session_{booking.id}"] = {identities[role] for role in there}
        self.world.clock.set(booking.starts_at)
        while self.world.clock() <= booking.ends_at + timedelta(minutes=9):
            if who != "unseen":
                with suppress(Killed):
                    self.world.workers[0].run("look into rooms")
            self.world.clock.move(minutes=9)

    # Elsewhere

    @rule(pick=PICK, part=st.sampled_from([100, 50, 10, 1]), reverses=st.booleans())
    def somebody_refunds_at_the_provider(self, pick: int, part: int, reverses: bool) -> None:
        if payment := self.payment(pick):
            amount_minor = max(1, payment.amount_minor * part // 100)
            self.world.refund_elsewhere(payment.payment_reference, amount_minor, reverses=reverses)
            self.world.tell()

    @rule(pick=PICK, part=st.sampled_from([100, 100, 30]))
    def a_payer_disputes(self, pick: int, part: int) -> None:
        if payment := self.payment(pick):
            self.world.dispute(payment.payment_reference, max(1, payment.amount_minor * part // 100))
            self.world.tell()

    @rule(pick=PICK, won=st.booleans())
    def a_bank_decides(self, pick: int, won: bool) -> None:
        self.world.decide_dispute(pick, won=won)
        self.world.tell()

    def payment(self, pick: int) -> PaymentRow | None:
        """One of the newer payments."""
        payments = self._rows(PaymentRow)[-4:]
        return payments[pick % len(payments)] if payments else None

    # Trouble

    @rule(commit=st.integers(1, 4), before=st.booleans())
    def the_process_will_die(self, commit: int, before: bool) -> None:
        """At one of the next commits; who comes after finds it started again."""
        self.world.database.die_at(commit, before=before)

    @invariant()
    def nothing_is_wrong(self) -> None:
        self.world.database.revive_if_dead()
        self.excused = self.world.excused()  # of the step that comes now
        wrong = self.world.wrong()
        for booking in self.bookings():
            now = (booking.status, booking.payment_status)
            before = self.been.setdefault(booking.id, ("held", "pending"))
            if now[0] not in BOOKING_MAY_BECOME[before[0]] or now[1] not in PAYMENT_MAY_BECOME[before[1]]:
                wrong.append(f"booking {booking.id} went from {before} to {now}")
            self.been[booking.id] = now
        assert not wrong, "\n".join(wrong)
