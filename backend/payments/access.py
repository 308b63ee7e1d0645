"""What the endpoints of payments, and of those above them, are wired with."""

from typing import Annotated, cast

from fastapi import Depends, Request

from backend.payments.ports import PaymentGateway


async def _gateway(request: Request) -> PaymentGateway:
    return cast(PaymentGateway, request.app.state.payment_gateway)


PaymentGatewayDep = Annotated[PaymentGateway, Depends(_gateway)]
