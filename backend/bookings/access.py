"""What the endpoints of bookings, and of those above them, are wired with."""

from typing import Annotated, cast

from fastapi import Depends, Request

from backend.bookings.rules import Terms
from backend.kit.clock import Clock
from backend.settings import Settings


def terms_of(settings: Settings) -> Terms:
    """What the settings decide, as the rules take it."""
    return Terms(
        settings.hold_length,
        settings.join_opens_before,
        settings.join_closes_after,
        settings.platform_fee_basis_points,
        frozenset(settings.payout_country_codes),
    )


async def _terms(request: Request) -> Terms:
    return terms_of(cast(Settings, request.app.state.settings))


async def _clock(request: Request) -> Clock:
    return cast(Clock, request.app.state.now)


TermsOf = Annotated[Terms, Depends(_terms)]
ClockOf = Annotated[Clock, Depends(_clock)]
"""The clock itself, for what takes longer than an instant."""
