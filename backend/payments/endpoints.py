"""Being paid out, over HTTP: everything that is private happens on the provider's own pages."""

import logging
from typing import cast

from fastapi import APIRouter, Request

from backend.auth.access import Professional
from backend.auth.rules import Account, NotSignedIn, WrongRole
from backend.kit.bulkheads import PAYMENTS, behind
from backend.kit.database import Database
from backend.kit.errors import ServiceUnavailable, answers
from backend.kit.http import DatabaseOf, Now
from backend.kit.money import MAX_PRICE_MINOR, format_price
from backend.payments import repository, service
from backend.payments.access import GatewayOf
from backend.payments.ports import (
    PayeeOrder,
    PayeeReading,
    PayeeState,
    PaymentGateway,
    PaymentGatewayRefused,
    PaymentGatewayUnavailable,
)
from backend.payments.rules import PayoutsRefused, UnsupportedCountry
from backend.payments.schemas import PayoutsAnswer, PayoutsSetUp
from backend.settings import Settings

logger = logging.getLogger(__name__)
router = APIRouter(tags=["payouts"], responses=answers(NotSignedIn, WrongRole, ServiceUnavailable))

_NO_PAYOUTS = "Payouts cannot be reached at the moment. Please try again shortly."


@router.get("/professional/payouts")
@behind(PAYMENTS)
def payouts(
    professional: Professional, database: DatabaseOf, gateway: GatewayOf, now: Now, request: Request
) -> PayoutsAnswer:
    """Whether the professional can be paid. The provider is asked unless they can, so that coming back shows it."""
    with database.read() as session:
        payee = repository.payee(session, professional.id, gateway.name)
    if payee is None:
        return _answer(None, None, gateway, request)
    reading = PayeeReading(payee.account_reference, PayeeState(payee.state), payee.country)
    if reading.state is not PayeeState.READY:
        try:
            reading = gateway.read_payee(payee.account_reference)
        except PaymentGatewayUnavailable as fault:
            logger.warning("nobody knows whether a professional can be paid: %s", fault)
        else:
            with database.write() as session:
                service.note_payee(session, gateway.name, reading, now)
    return _answer(reading, None, gateway, request)


@router.post("/professional/payouts", responses=answers(PayoutsRefused, UnsupportedCountry))
@behind(PAYMENTS)
def set_up_payouts(
    professional: Professional,
    database: DatabaseOf,
    gateway: GatewayOf,
    now: Now,
    request: Request,
    body: PayoutsSetUp | None = None,
) -> PayoutsAnswer:
    """The provider's page where payouts are set up, or set right; the account is opened with the first request."""
    try:
        reading = _opened(professional, database, gateway, body.country if body else None, _settings(request))
        with database.write() as session:
            service.keep_payee(session, professional.id, gateway.name, reading, now)
        url = None if reading.state is PayeeState.READY else gateway.onboarding_url(reading.reference)
    except PaymentGatewayUnavailable as fault:
        logger.error("payouts cannot be set up: %s", fault)
        if isinstance(fault, PaymentGatewayRefused):
            raise PayoutsRefused from fault
        raise ServiceUnavailable(_NO_PAYOUTS) from fault
    return _answer(reading, url, gateway, request)


def _opened(
    professional: Account, database: Database, gateway: PaymentGateway, country: str | None, settings: Settings
) -> PayeeReading:
    with database.read() as session:
        payee = repository.payee(session, professional.id, gateway.name)
    moves = payee is not None and payee.state == PayeeState.PENDING and country not in (None, payee.country)
    if payee is not None and not moves:
        return gateway.read_payee(payee.account_reference)
    country = service.country_in(country, settings.payout_country_codes)
    return gateway.create_payee(PayeeOrder(professional.id, professional.name, professional.email, country))


def _settings(request: Request) -> Settings:
    return cast(Settings, request.app.state.settings)


def _answer(reading: PayeeReading | None, url: str | None, gateway: PaymentGateway, request: Request) -> PayoutsAnswer:
    settings = _settings(request)
    return PayoutsAnswer(
        state=reading.state.value if reading else "none",
        url=url,
        dashboard_url=_dashboard(reading, gateway),
        platform_fee_percent=f"{settings.platform_fee_basis_points / 100:g}",
        country=reading.country if reading else None,
        countries=settings.payout_country_codes,
        minimum_price=format_price(settings.minimum_price_minor),
        maximum_price=format_price(MAX_PRICE_MINOR),
    )


def _dashboard(reading: PayeeReading | None, gateway: PaymentGateway) -> str | None:
    if reading is None or reading.state is not PayeeState.READY:
        return None
    try:
        return gateway.dashboard_url(reading.reference)
    except PaymentGatewayUnavailable:
        return None  # only the link is missing; the next look has it
