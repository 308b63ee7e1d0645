"""What a professional earned, earns and gave back, from the ledger."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from backend.auth.rules import Account
from backend.bookings import repository
from backend.bookings.rules.earnings import Earnings, begins, earnings, weeks_around
from backend.payments import repository as ledgers
from backend.payments.repository import payouts
from backend.payments.rules import PayoutHold


def earnings_report(session: Session, professional: Account, weeks: int, now: datetime) -> Earnings:
    """In `weeks` weeks up to this one and in those ahead, as the professional's own zone counts weeks."""
    zone = ZoneInfo(professional.time_zone)
    mondays = weeks_around(now, zone, weeks)
    found = earnings(repository.revenue(session, professional.id, begins(mondays, zone), now), mondays, weeks)
    held = payouts.payouts_on_hold(session, professional.id)
    sums = [ledgers.ledger_of(session, payment).to_pay_out_minor for _, payment in held]
    # What the provider wants of them is for them to do; a transfer that it refused is for us.
    holds = {PayoutHold(payout.hold) for payout, _ in held if payout.hold}
    hold = PayoutHold.ACCOUNT if PayoutHold.ACCOUNT in holds else next(iter(holds), None)
    return replace(found, on_hold_minor=max(0, sum(sums)), hold=hold)
