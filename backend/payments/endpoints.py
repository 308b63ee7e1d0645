"""Being paid out, over HTTP: everything that is private happens on the provider's own pages."""

import logging
from typing import cast

from fastapi import APIRouter, Request

from backend.auth.access import CurrentProfessional
from backend.auth.rules import Account, NotSignedIn, WrongRole
from backend.kit.bulkheads import PAYMENTS, behind
from backend.kit.database import Database
from backend.kit.errors import ServiceUnavailable, TooManyAttempts, error_responses
from backend.kit.http import DatabaseDep, NowDep
from backend.kit.limits.access import LimitsDep
from backend.kit.limits.counting import Counted
from backend.kit.limits.table import PAYOUT_LINK, PAYOUT_STATE
from backend.kit.money import MAX_PRICE_MINOR, format_price
from backend.payments import repository, service
from backend.payments.access import PaymentGatewayDep
from backend.payments.ports import (
    ConnectedAccountOrder,
    ConnectedAccountSnapshot,
    ConnectedAccountState,
    PaymentGateway,
    PaymentGatewayRefused,
    PaymentGatewayUnavailable,
)
from backend.payments.rules import PayoutsRefused, UnsupportedCountry
from backend.payments.schemas import PayoutsAnswer, PayoutsSetUp
from backend.settings import Settings

logger = logging.getLogger(__name__)
router = APIRouter(tags=["payouts"], responses=error_responses(NotSignedIn, WrongRole, ServiceUnavailable))

_NO_PAYOUTS = "Payouts cannot be reached at the moment. Please try again shortly."


@router.get("/professional/payouts")
@behind(PAYMENTS)
def payouts(
    professional: CurrentProfessional,
    database: DatabaseDep,
    gateway: PaymentGatewayDep,
    limits: LimitsDep,
    now: NowDep,
    request: Request,
) -> PayoutsAnswer:
    """Whether the professional can be paid. The provider is asked unless they can, so that coming back shows it.

    Asked again within seconds, the last answer holds: it is what was stored then.
    """
    with database.read() as session:
        row = repository.connected_account(session, professional.id, gateway.name)
    if row is None:
        return _answer(None, request)
    snapshot = ConnectedAccountSnapshot(row.account_reference, ConnectedAccountState(row.state), row.country)
    if snapshot.state is not ConnectedAccountState.READY and limits.may(Counted(PAYOUT_STATE, str(professional.id))):
        try:
            snapshot = gateway.read_connected_account(row.account_reference)
        except PaymentGatewayUnavailable as fault:
            logger.warning("nobody knows whether a professional can be paid: %s", fault)
        else:
            with database.write() as session:
                service.update_connected_account(session, gateway.name, snapshot, now)
    return _answer(snapshot, request)


@router.post("/professional/payouts", responses=error_responses(PayoutsRefused, UnsupportedCountry, TooManyAttempts))
@behind(PAYMENTS)
def payout_link(
    professional: CurrentProfessional,
    database: DatabaseDep,
    gateway: PaymentGatewayDep,
    limits: LimitsDep,
    now: NowDep,
    request: Request,
    body: PayoutsSetUp | None = None,
) -> PayoutsAnswer:
    """A link to the provider: where payouts are set up or set right, or for whoever can be paid, what was paid out.

    The account is opened with the first request.
    """
    limits.count(Counted(PAYOUT_LINK, str(professional.id)))
    try:
        snapshot = _opened(professional, database, gateway, _chosen(body, _settings(request)), _settings(request))
        with database.write() as session:
            service.save_connected_account(session, professional.id, gateway.name, snapshot, now)
        ready = snapshot.state is ConnectedAccountState.READY
        url = None if ready else gateway.onboarding_url(snapshot.reference)
        dashboard_url = gateway.dashboard_url(snapshot.reference) if ready else None
    except PaymentGatewayUnavailable as fault:
        logger.error("payouts cannot be set up: %s", fault)
        if isinstance(fault, PaymentGatewayRefused):
            raise PayoutsRefused from fault
        raise ServiceUnavailable(_NO_PAYOUTS) from fault
    return _answer(snapshot, request, url, dashboard_url)


def _opened(
    professional: Account, database: Database, gateway: PaymentGateway, country: str | None, settings: Settings
) -> ConnectedAccountSnapshot:
    with database.read() as session:
        row = repository.connected_account(session, professional.id, gateway.name)
    moves = row is not None and row.state == ConnectedAccountState.PENDING and country not in (None, row.country)
    if row is not None and not moves:
        return gateway.read_connected_account(row.account_reference)
    country = service.country_in(country, settings.payout_country_codes)
    return gateway.create_connected_account(
        ConnectedAccountOrder(professional.id, professional.name, professional.email, country)
    )


def _chosen(body: PayoutsSetUp | None, settings: Settings) -> str | None:
    """The country that was asked for. Test money needs no bank account: without one the demo takes the first."""
    if body is None and settings.rendezvous_demo:
        return settings.payout_country_codes[0]
    return body.country if body else None


def _settings(request: Request) -> Settings:
    return cast(Settings, request.app.state.settings)


def _answer(
    snapshot: ConnectedAccountSnapshot | None,
    request: Request,
    url: str | None = None,
    dashboard_url: str | None = None,
) -> PayoutsAnswer:
    settings = _settings(request)
    return PayoutsAnswer(
        state=snapshot.state.value if snapshot else "none",
        url=url,
        dashboard_url=dashboard_url,
        platform_fee_percent=f"{settings.platform_fee_basis_points / 100:g}",
        country=snapshot.country if snapshot else None,
        countries=settings.payout_country_codes,
        minimum_price=format_price(settings.minimum_price_minor),
        maximum_price=format_price(MAX_PRICE_MINOR),
    )
