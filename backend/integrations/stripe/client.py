"""The one way to Stripe: bounded in time, and every trouble that is not a clear refusal is an unknown outcome."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import stripe

from backend.kit.telemetry.metrics import timed
from backend.payments.ports import PaymentGatewayRefused, PaymentGatewayUnavailable

logger = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 4.0
ANSWER_TIMEOUT_S = 10.0
# The SDK repeats lost connections, 409 and 5xx under the same idempotency key, half a second later.
RETRIES = 1


def stripe_client(
    secret_key: str, api_base: str = "", *, answer_timeout_s: float = ANSWER_TIMEOUT_S
) -> stripe.StripeClient:
    """A client of Stripe's API, or of what answers like it at `api_base`.

    Timeouts: the library's own are 80 s, and a person waits for these answers.
    """
    # At INFO the SDK logs every refusal's message, which may quote what people are called.
    logging.getLogger("stripe").setLevel(logging.WARNING)
    return stripe.StripeClient(
        secret_key,
        base_addresses={"api": api_base} if api_base else None,
        max_network_retries=RETRIES,
        http_client=stripe.RequestsClient(timeout=(CONNECT_TIMEOUT_S, answer_timeout_s)),
    )


@contextmanager
def asking(to: str) -> Iterator[None]:
    """What Stripe raises inside becomes `PaymentGatewayUnavailable`; `to` says in the log what was wanted.

    A request that Stripe will never accept becomes `PaymentGatewayRefused`. Not so a wrong key or a missing right: that
    is ours to mend, and the same request works then. Who knows what a refusal means catches
    `stripe.InvalidRequestError` inside.
    """
    try:
        with timed("stripe"):
            yield
    except stripe.StripeError as error:
        reason = f"{type(error).__name__} {error.http_status or ''} {error.code or ''}".strip()
        if error.http_status is not None and error.http_status < 500 and error.http_status not in (409, 429):
            # Not a bad moment but a wrong key, a missing right or a wrong request: an operator has to act.
            logger.error("Stripe refuses to %s: %s, request %s", to, reason, error.request_id)
            if isinstance(error, stripe.InvalidRequestError):
                raise PaymentGatewayRefused(f"Stripe refuses to {to}: {reason}") from error
        raise PaymentGatewayUnavailable(f"Stripe did not {to}: {reason}") from error


def is_unknown(error: stripe.StripeError) -> bool:
    """Whether Stripe says that it has no such thing."""
    return error.http_status == 404 and error.code == "resource_missing"
