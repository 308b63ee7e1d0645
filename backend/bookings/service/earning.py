"""What a professional earned, earns and gave back, from the books."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from backend.auth.rules import Account
from backend.bookings import repository
from backend.bookings.rules.earnings import Earnings, begins, earnings, weeks_around


def earned(session: Session, professional: Account, weeks: int, now: datetime) -> Earnings:
    """In `weeks` weeks up to this one and in those ahead, as the professional's own zone counts weeks; one query."""
    zone = ZoneInfo(professional.time_zone)
    mondays = weeks_around(now, zone, weeks)
    return earnings(repository.takings(session, professional.id, begins(mondays, zone)), mondays, weeks)
