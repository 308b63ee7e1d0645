"""The providers, each as a stage."""

from collections.abc import Iterator

import pytest

from backend.integrations.sandbox.payments import SandboxGateway
from backend.integrations.stripe.payments import StripeGateway
from tests.backend.payments.stages import GatewayStage, SandboxStage, StripeStage
from tests.backend.stage import MovableClock
from tests.fakes.stripe_server import StripeServer

PUBLIC_URL = "http://backend.test"


@pytest.fixture
def stripe_server(clock: MovableClock) -> Iterator[StripeServer]:
    """Stripe as far as we use it, on loopback; its clock is the backend's."""
    with StripeServer(clock) as server:
        yield server


@pytest.fixture
def stripe_stage(stripe_server: StripeServer, clock: MovableClock) -> StripeStage:
    """Our gateway to it."""
    gateway = StripeGateway(stripe_server.key, PUBLIC_URL, api_base=stripe_server.url)
    return StripeStage(gateway, clock, stripe_server)


@pytest.fixture(params=["sandbox", "stripe"])
def stage(request: pytest.FixtureRequest, clock: MovableClock) -> GatewayStage:
    """Each provider in turn."""
    if request.param == "stripe":
        found: GatewayStage = request.getfixturevalue("stripe_stage")
        return found
    database = request.getfixturevalue("database")
    return SandboxStage(SandboxGateway(database, clock, PUBLIC_URL), clock, database)
