"""Slots in the database."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from backend.availability.rules import Span
from backend.availability.tables import SlotRow


def first_in_the_way(session: Session, professional_id: UUID, spans: Sequence[Span]) -> Span | None:
    """The professional's earliest slot in force that overlaps any of `spans`."""
    overlaps = or_(*(and_(SlotRow.starts_at < span.ends_at, SlotRow.ends_at > span.starts_at) for span in spans))
    query = (
        select(SlotRow.starts_at, SlotRow.ends_at)
        .where(SlotRow.professional_id == professional_id, SlotRow.withdrawn_at.is_(None), overlaps)
        .order_by(SlotRow.starts_at)
        .limit(1)
    )
    found = session.execute(query).first()
    return None if found is None else Span(*found)


def own_slot(session: Session, professional_id: UUID, slot_id: UUID) -> SlotRow | None:
    """The professional's slot, withdrawn or not, locked until the transaction ends."""
    query = select(SlotRow).where(SlotRow.id == slot_id, SlotRow.professional_id == professional_id)
    return session.scalar(query.with_for_update())
