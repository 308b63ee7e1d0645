"""One server process, on a socket that it inherits: `python -m benchmarks.backend.serve product|bare|hanging URL FD`.

The product with all its middlewares and its worker, served as `python -m backend` serves it. Its clock starts at `T0`.
"""

import socket
import sys
import time
from datetime import datetime, timedelta

import uvicorn
from fastapi import FastAPI

from backend.calls.ports import CallRoomsUnavailable
from backend.main import create_app
from backend.payments.ports import PaymentGatewayUnavailable
from backend.settings import Settings
from benchmarks.backend.bare import bare_app
from benchmarks.backend.crowd import T0
from tests.fakes.call_rooms import FakeCallRooms
from tests.fakes.payment_gateway import FakePaymentGateway

LIVEKIT_S, STRIPE_S = 4.0, 14.0
"""After how long each adapter gives its provider up."""


class HangingRooms(FakeCallRooms):
    """A LiveKit that does not answer."""

    def _answer(self) -> None:
        time.sleep(LIVEKIT_S)
        raise CallRoomsUnavailable("hangs")


class HangingGateway(FakePaymentGateway):
    """A Stripe that does not answer."""

    def _answer(self) -> None:
        time.sleep(STRIPE_S)
        raise PaymentGatewayUnavailable("hangs")


_BEGAN = time.monotonic()


def now() -> datetime:
    """As fast as any clock, from `T0` on."""
    return T0 + timedelta(seconds=time.monotonic() - _BEGAN)


def app(kind: str, url: str) -> FastAPI:
    """What is measured, or the yardstick."""
    if kind == "bare":
        return bare_app(url, now)
    # A crowd on one machine is one line, which no limit lets do so much. Decision 19 has what counting costs.
    settings = Settings(database_url=url, rendezvous_demo=True, public_url="http://127.0.0.1", rate_limits="off")
    if kind == "hanging":
        return create_app(
            settings, now=now, payment_gateway=HangingGateway(), call_rooms=HangingRooms(), run_worker=False
        )
    return create_app(settings, now=now)


def main() -> None:
    kind, url, descriptor = sys.argv[1:]
    listener = socket.socket(fileno=int(descriptor))
    config = uvicorn.Config(app(kind, url), timeout_keep_alive=30, server_header=False)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
