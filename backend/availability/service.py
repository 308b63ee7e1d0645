"""Offering times and taking a deletion back. The database refuses overlaps; here the refusal gets its words."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.auth.repository import lock_account
from backend.auth.rules import Account
from backend.availability import repository
from backend.availability.rules import (
    RESTORE_WITHIN,
    SkippedDate,
    SlotOverlaps,
    Span,
    Which,
    span_words,
    wanted_spans,
)
from backend.availability.tables import NO_OVERLAP, SlotRow
from backend.kit.database import violated_constraint
from backend.kit.errors import NotFound


def create_slots(
    session: Session,
    professional: Account,
    *,
    day: date,
    start: int,
    end: int,
    price_minor: int,
    repeat_weeks: int = 0,
    which: Which = Which.FIRST,
    now: datetime,
) -> tuple[list[SlotRow], list[SkippedDate]]:
    """The slot and its repeats, all or none, and the dates without such a time. InvalidPayload, SlotOverlaps.

    `start` and `end` are minutes of the day.
    """
    # PostgreSQL lets two overlapping slots that come at once wait for each other until it ends one as a deadlock.
    lock_account(session, professional.id)
    wanted = wanted_spans(day, start, end, repeat_weeks, ZoneInfo(professional.time_zone), now, which)
    rows = [
        SlotRow(
            professional_id=professional.id,
            starts_at=span.starts_at,
            ends_at=span.ends_at,
            price_minor=price_minor,
            created_at=now,
        )
        for span in wanted.spans
    ]
    with _overlaps_named(session, professional, wanted.spans):
        session.add_all(rows)
        session.flush()
    return rows, wanted.left_out


def restore_slot(session: Session, professional: Account, slot_id: UUID, now: datetime) -> SlotRow:
    """Takes back a deletion of the last ten minutes; NotFound for any other, SlotOverlaps if its time is taken."""
    lock_account(session, professional.id)
    slot = repository.own_slot(session, professional.id, slot_id)
    if slot is None or slot.withdrawn_at is None or now - slot.withdrawn_at > RESTORE_WITHIN:
        raise NotFound("This slot can no longer be brought back.")
    with _overlaps_named(session, professional, [Span(slot.starts_at, slot.ends_at)]):
        slot.withdrawn_at = None
        session.flush()
    return slot


@contextmanager
def _overlaps_named(session: Session, professional: Account, spans: Sequence[Span]) -> Iterator[None]:
    try:
        with session.begin_nested():
            yield
    except IntegrityError as error:
        if violated_constraint(error) != NO_OVERLAP:
            raise
        taken = repository.first_in_the_way(session, professional.id, spans)
        if taken is None:
            raise SlotOverlaps from error
        zone = ZoneInfo(professional.time_zone)
        raise SlotOverlaps(f"You already offer {span_words(taken, zone)}.") from error
