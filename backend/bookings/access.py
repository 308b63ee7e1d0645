"""What the endpoints of bookings, and of those above them, are wired with."""

from typing import Annotated, cast

from fastapi import Depends, Request

from backend.bookings.rules import Terms
from backend.bookings.rules.fairness import Origin
from backend.kit.clock import Clock
from backend.kit.limits.access import address_in, limits_in
from backend.kit.limits.lines import line_of
from backend.kit.limits.table import Per
from backend.settings import Settings


def terms_of(settings: Settings) -> Terms:
    """What the settings decide, as the rules take it."""
    return Terms(
        settings.hold_length,
        settings.join_opens_before,
        settings.join_closes_after,
        settings.platform_fee_basis_points,
        settings.support_contact,
        frozenset(settings.payout_country_codes),
    )


def origin_of(request: Request) -> Origin | None:
    """Whose line a request to book came over, in digests; None while limits are off."""
    limits = limits_in(request)
    if not limits.on:
        return None
    line, network = line_of(address_in(request))
    return Origin(limits.digest_of(Per.LINE, line), limits.digest_of(Per.NETWORK, network))


async def _terms(request: Request) -> Terms:
    return terms_of(cast(Settings, request.app.state.settings))


async def _clock(request: Request) -> Clock:
    return cast(Clock, request.app.state.now)


TermsDep = Annotated[Terms, Depends(_terms)]
ClockDep = Annotated[Clock, Depends(_clock)]
"""The clock itself, for what takes longer than an instant."""
