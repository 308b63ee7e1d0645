"""What a professional earns, over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query

from backend.auth.access import CurrentProfessional
from backend.auth.rules import NotSignedIn, WrongRole
from backend.bookings.schemas import EarnedWeekAnswer, EarningsAnswer
from backend.bookings.service.money.earnings import earnings_report
from backend.kit.errors import error_responses
from backend.kit.http import DatabaseDep, NowDep
from backend.kit.money import CURRENCY, format_balance

router = APIRouter(tags=["payouts"], responses=error_responses(NotSignedIn, WrongRole))

Weeks = Annotated[int, Query(ge=1, le=52, description="How many weeks back, this one included.")]


@router.get("/professional/earnings")
def own_earnings(
    professional: CurrentProfessional, database: DatabaseDep, now: NowDep, weeks: Weeks = 12
) -> EarningsAnswer:
    """All sums, and those of each week up to this one and of the weeks ahead that have sessions."""
    with database.read() as session:
        found = earnings_report(session, professional, weeks, now)
    return EarningsAnswer(
        currency=CURRENCY,
        time_zone=professional.time_zone,
        upcoming=format_balance(found.total.upcoming_minor),
        paid=format_balance(found.total.paid_minor),
        refunded=format_balance(found.total.refunded_minor),
        fees=format_balance(found.total.fees_minor),
        on_hold=format_balance(found.on_hold_minor),
        on_hold_reason=found.hold,
        weeks=[
            EarnedWeekAnswer(
                week=monday,
                upcoming=format_balance(sums.upcoming_minor),
                paid=format_balance(sums.paid_minor),
                refunded=format_balance(sums.refunded_minor),
                sessions=sums.sessions,
            )
            for monday, sums in found.weeks
        ],
    )
