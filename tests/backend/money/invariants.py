"""What must hold whatever happened: read from the database and from the provider's ledger, each violation a sentence.

`violations` holds at every moment; `settled.py` has what holds once every event has arrived and the worker is done.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select

from backend.availability.tables import SlotRow
from backend.bookings.tables import BookingRow
from backend.calls.tables import AttendanceDecisionRow
from backend.kit.database import Database
from backend.payments.rules import MAX_REFUND_FAILURES
from backend.payments.tables import DisputeRow, PaymentRow, RefundRow
from tests.backend.money.provider_ledger import ProviderLedger, Taken

Row = TypeVar("Row", SlotRow, BookingRow)

STANDING = {"confirmed", "completed", "no_show"}
LIVE = {"pending", "done"}
TAKEN = {"open", "lost"}


@dataclass(frozen=True)
class OurLedger:
    """Everything that the backend has written down about time and money."""

    slots: Sequence[SlotRow]
    bookings: Sequence[BookingRow]
    payments: Sequence[PaymentRow]
    refunds: Sequence[RefundRow]
    disputes: Sequence[DisputeRow] = ()
    final: frozenset[UUID] = frozenset()
    """`final`: bookings on which the decision can no longer be objected to."""

    @cached_property
    def by_id(self) -> Mapping[UUID, BookingRow]:
        """Bookings."""
        return {row.id: row for row in self.bookings}

    @cached_property
    def paying(self) -> Mapping[UUID, list[PaymentRow]]:
        """Of each booking the payments that it stands on; there should be one at most."""
        found: dict[UUID, list[PaymentRow]] = defaultdict(list)
        for payment in self.payments:
            if payment.pays:
                found[payment.booking_id].append(payment)
        return found

    @cached_property
    def _refunds(self) -> Mapping[UUID, list[RefundRow]]:
        found: dict[UUID, list[RefundRow]] = defaultdict(list)
        for refund in sorted(self.refunds, key=lambda row: row.attempt):
            found[refund.payment_id].append(refund)
        return found

    def disputes_of(self, payment: PaymentRow) -> list[DisputeRow]:
        """Of one payment, those in which a bank has the money."""
        return [row for row in self.disputes if row.payment_id == payment.id and row.state in TAKEN]

    def outside(self, payment: PaymentRow) -> list[RefundRow]:
        """What lives of it that others gave back."""
        return [row for row in self.refunds_of(payment) if row.source == "provider" and row.status in LIVE]

    def is_touched(self, payment: PaymentRow) -> bool:
        """Whether anybody else has ever moved its money: then its refunds are not ours alone to reckon."""
        moved = any(row.source == "provider" for row in self.refunds_of(payment))
        return moved or any(row.payment_id == payment.id for row in self.disputes)

    def refunds_of(self, payment: PaymentRow) -> list[RefundRow]:
        """Attempts at giving it back, the first one first."""
        return self._refunds.get(payment.id, [])


def our_books(database: Database) -> OurLedger:
    """One consistent view."""
    with database.read() as session:
        return OurLedger(
            session.scalars(select(SlotRow)).all(),
            session.scalars(select(BookingRow)).all(),
            session.scalars(select(PaymentRow)).all(),
            session.scalars(select(RefundRow)).all(),
            session.scalars(select(DisputeRow)).all(),
            frozenset(
                session.scalars(
                    select(AttendanceDecisionRow.booking_id).where(AttendanceDecisionRow.final_at.is_not(None))
                )
            ),
        )


def violations(ours: OurLedger, theirs: ProviderLedger, now: datetime) -> list[str]:
    """Everything that is wrong at this moment."""
    return [
        *_times(ours, now),
        *(wrong for booking in ours.bookings for wrong in _booking(ours, booking)),
        *(wrong for payment in ours.payments for wrong in _payment(ours, payment, theirs)),
        *(wrong for taken in theirs.taken.values() for wrong in _provider(taken)),
        *(wrong for payment in ours.payments for wrong in _too_early(ours, payment, theirs, now)),
    ]


def _times(ours: OurLedger, now: datetime) -> Iterator[str]:
    offered = [slot for slot in ours.slots if slot.withdrawn_at is None]
    for slots in _grouped(offered, "professional_id"):
        for slot, other in _overlapping(slots):
            yield f"slots {slot.id} and {other.id} of one professional overlap"
    owners = [row for row in ours.bookings if row.status in STANDING or row.status == "held"]
    for rows in _grouped(owners, "slot_id"):
        if len(rows) > 1:
            yield f"slot {rows[0].slot_id} is sold {len(rows)} times"
    active = [row for row in ours.bookings if row.status == "confirmed" or _holds(row, now)]
    for rows in _grouped(active, "user_id"):
        for one, two in _overlapping(rows):
            yield f"sessions {one.id} and {two.id} of one user overlap"
    for rows in _grouped([row for row in ours.bookings if _holds(row, now)], "user_id"):
        if len(rows) > 2:
            yield f"user {rows[0].user_id} holds {len(rows)} times"


def _holds(row: BookingRow, now: datetime) -> bool:
    return row.status == "held" and row.hold_expires_at > now


def _grouped(rows: Iterable[Row], by: str) -> list[list[Row]]:
    groups: dict[object, list[Row]] = {}
    for row in rows:
        groups.setdefault(getattr(row, by), []).append(row)
    return list(groups.values())


def _overlapping(rows: list[Row]) -> list[tuple[Row, Row]]:
    ordered = sorted(rows, key=lambda row: (row.starts_at, row.ends_at))
    return [(one, two) for one, two in pairwise(ordered) if two.starts_at < one.ends_at]


def _booking(ours: OurLedger, row: BookingRow) -> Iterator[str]:
    name = f"booking {row.id} ({row.status}, {row.payment_status})"
    paying = ours.paying.get(row.id, [])
    if len(paying) > 1:
        yield f"{name} stands on {len(paying)} payments"
    if (row.payment_status in ("pending", "failed")) == bool(paying):
        yield f"{name} has {len(paying)} payments"
    if row.status in STANDING and (not paying or paying[0].amount_minor != row.price_minor):
        yield f"{name} stands without its price being paid"
    yield from _fate(ours, row, paying, name)
    for payment in paying:
        yield from _owed(ours, row, payment, name)


def _fate(ours: OurLedger, row: BookingRow, paying: Sequence[PaymentRow], name: str) -> Iterator[str]:
    """What a session and its payment say of each other, unless others have moved its money."""
    touched = any(ours.is_touched(payment) for payment in paying)
    if row.payment_status == "paid" and row.status not in STANDING and due_back(row) != 0 and not touched:
        yield f"{name} is paid, stands for nothing and gives nothing back"
    if row.status in STANDING and due_back(row) == 0 and row.payment_status != "paid" and not touched:
        yield f"{name} stands and is not paid"
    all_back = any(payment.back_minor >= payment.amount_minor for payment in paying)
    if row.status == "confirmed" and all_back and row.dispute_state != "open":
        yield f"{name} stands and everything went back"
    if row.confirmed_at is not None and row.moved_from is None and row.confirmed_at >= row.ends_at:
        yield f"{name} was confirmed when it was over"
    if row.absent in ALL_BACK and row.payment_status == "paid" and not touched:
        yield f"{name} was not kept, or nobody could see, and nothing goes back"


def _owed(ours: OurLedger, row: BookingRow, payment: PaymentRow, name: str) -> Iterator[str]:
    live = [refund for refund in ours.refunds_of(payment) if refund.status in LIVE]
    if live and not ours.is_touched(payment) and sum(refund.amount_minor for refund in live) != due_back(row):
        yield f"{name} gives back {[refund.amount_minor for refund in live]}, not {due_back(row)}"
    if payment.owed_minor not in (0, due_back(row)):
        yield f"{name} owes {payment.owed_minor}, not {due_back(row)}"
    ordered = sum(refund.amount_minor for refund in live if refund.source == "ours")
    if ordered > payment.owed_minor:
        yield f"{name} has {ordered} ordered of {payment.owed_minor} that are owed"


ALL_BACK = ("professional", "unclear")
"""Absences that give everything back."""


def due_back(row: BookingRow) -> int:
    """What of its price a booking that is paid gives back, reckoned again from the policy that it was made under."""
    if row.status in STANDING and row.absent != "both":
        return row.price_minor if row.absent in ALL_BACK else 0
    cancelled_at = row.cancelled_at
    if row.absent == "both":
        cancelled_at = row.starts_at  # neither came: as if the user had cancelled at the start
    elif row.cancelled_by != "user" or cancelled_at is None:
        return row.price_minor  # the professional cancelled, or the money confirmed nothing
    if cancelled_at <= row.starts_at - timedelta(minutes=row.policy_full_until_min):
        share = 100
    elif cancelled_at <= row.starts_at - timedelta(minutes=row.policy_half_until_min):
        share = 50
    else:
        share = 0
    whole_cents, rest = divmod(row.price_minor * min(share, row.refund_share_cap), 100)
    return whole_cents + (1 if rest else 0)


def _payment(ours: OurLedger, payment: PaymentRow, theirs: ProviderLedger) -> Iterator[str]:
    name = f"payment {payment.payment_reference}"
    refunds = ours.refunds_of(payment)
    live = [row for row in refunds if row.status in LIVE]
    # One that is asked for may turn out not to have been made, as others gave the money back meanwhile.
    known = [row for row in live if row.provider_reference or row.asked_at is None]
    touched = ours.is_touched(payment)
    if len(live) > 1 and not touched:
        yield f"{name} has {len(live)} refunds on their way or done"
    if sum(row.amount_minor for row in known) > payment.amount_minor:
        yield f"{name} gives back more than was paid"
    if not payment.pays and payment.owed_minor != payment.amount_minor:
        yield f"{name} pays for nothing and is not owed whole"
    goes_back = payment.pays or touched or is_stuck(ours, payment) or payment.back_minor == payment.amount_minor
    if not goes_back:
        yield f"{name} pays for nothing and does not go back whole"
    taken_back = sum(row.amount_minor for row in ours.disputes_of(payment))
    if payment.back_minor != min(payment.amount_minor, sum(row.amount_minor for row in live) + taken_back):
        yield f"{name} has {payment.back_minor} back, not what its refunds and disputes come to"
    taken = theirs.taken.get(payment.payment_reference)
    if taken is None:
        yield f"{name} is in our ledger and not in the provider's"
        return
    fee_minor = payment.fee_minor if payment.transferred_at_once else 0  # else the provider knows of none
    kept = (payment.booking_id, payment.amount_minor, payment.currency, fee_minor)
    if kept != (taken.booking_id, taken.amount_minor, taken.currency, taken.fee_minor):
        yield f"{name} is {kept} in our ledger and {taken} in the provider's"
    for row in refunds:
        yield from _refund(row, taken)


def _refund(row: RefundRow, taken: Taken) -> Iterator[str]:
    name = f"refund {row.attempt} of booking {row.booking_id}"
    theirs = {refund.reference: refund for refund in taken.refunds}.get(row.provider_reference or "")
    if row.status == "done" and theirs is None:
        yield f"{name} is done in our ledger and unknown to the provider"
    if row.status == "done" and theirs is not None and theirs.state == "pending":
        yield f"{name} is done in our ledger and on its way at the provider"
    if theirs is not None and theirs.amount_minor != row.amount_minor:
        yield f"{name} is of {row.amount_minor} in our ledger and of {theirs.amount_minor} at the provider"


def _too_early(ours: OurLedger, payment: PaymentRow, theirs: ProviderLedger, now: datetime) -> Iterator[str]:
    """Nobody is paid before what was decided is final, or before the end of a session that was cancelled."""
    taken = theirs.taken.get(payment.payment_reference)
    if payment.transferred_at_once or taken is None or not taken.transferred_later_minor:
        return
    booking = ours.by_id[payment.booking_id]
    over = booking.id in ours.final or (booking.status == "cancelled" and booking.ends_at <= now)
    if not over:
        yield f"payment {payment.payment_reference} of {booking.status} was transferred before it was final"
    if not payment.pays:
        yield f"payment {payment.payment_reference} pays for nothing and was transferred"


def _provider(taken: Taken) -> Iterator[str]:
    name = f"the provider's payment {taken.reference}"
    living = [refund for refund in taken.refunds if refund.lives]
    if len(living) > 1 and not taken.is_touched:
        yield f"{name} was given back {len(living)} times"
    if sum(refund.amount_minor for refund in living) > taken.amount_minor:
        yield f"{name} was given back more than once whole"
    keys = [refund.key for refund in taken.refunds if refund.key]
    if len(set(keys)) != len(keys):
        yield f"{name} has two refunds under one key"


def is_stuck(ours: OurLedger, payment: PaymentRow) -> bool:
    """Whether the provider refused so often that it was left to an operator."""
    refunds = ours.refunds_of(payment)
    failures = sum(row.status == "failed" and row.source == "ours" for row in refunds)
    return failures >= MAX_REFUND_FAILURES and not any(row.status == "pending" for row in refunds)
