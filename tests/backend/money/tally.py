"""What the runs of the money machine came to: a property that nothing happened to says little."""

from collections import Counter

from tests.backend.money.invariants import OurLedger, is_stuck


def count(tally: Counter[str], ours: OurLedger, deaths: int) -> None:
    """Adds what a run came to."""
    tally["runs"] += 1
    tally["deaths"] += deaths
    tally["payments"] += len(ours.payments)
    tally["refunds"] += sum(row.status == "done" and row.source == "ours" for row in ours.refunds)
    tally["refunds given elsewhere"] += sum(row.source == "provider" for row in ours.refunds)
    tally["refunds that failed first"] += sum(row.status == "failed" for row in ours.refunds)
    tally["refunds that were superseded"] += sum(row.status == "superseded" for row in ours.refunds)
    tally["refunds that are stuck"] += sum(is_stuck(ours, payment) for payment in ours.payments)
    later = [payment for payment in ours.payments if not payment.transferred_at_once]
    tally["payments transferred at once"] += len(ours.payments) - len(later)
    tally["payouts"] += sum(payment.transferred_minor > 0 for payment in later)
    tally["payouts that came back"] += sum(payment.reversed_minor > 0 for payment in later)
    for dispute in ours.disputes:
        tally[f"disputes: {dispute.state}"] += 1
    tally["disputes"] += len(ours.disputes)
    tally["sessions moved"] += sum(row.moved_from is not None for row in ours.bookings)
    for row in ours.bookings:
        tally[f"{row.status}, {row.payment_status}"] += 1
        if row.absent:
            tally[f"absent: {row.absent}"] += 1
            tally["attendance decided"] += 1
