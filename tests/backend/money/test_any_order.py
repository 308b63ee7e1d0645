"""Whatever happens, in whatever order and however often: nothing is sold twice, and the money adds up to the cent."""

import logging
import os
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial

import pytest
import stripe
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from backend.auth.service import PasswordHasher
from tests.backend.money.machine import MoneyMachine
from tests.backend.money.stripe_machine import StripeMachine
from tests.backend.money.stripe_world import StripeWorld
from tests.backend.money.worlds import SandboxWorld, World
from tests.stage.databases import Databases, on_postgresql

SOAK = os.environ.get("RENDEZVOUS_SOAK") == "1"
RUNS = int(os.environ.get("RENDEZVOUS_MONEY_RUNS", "400" if SOAK else "10"))
"""Other ones each time."""
STEPS = 60 if SOAK else 20 if on_postgresql() else 40
"""The rules are the same on both databases; only the locks are others."""
MET = ("payments", "refunds", "refunds given elsewhere", "disputes", "attendance decided", "payouts")
"""What all runs together must have come to, else they say little."""


def _bounded() -> settings:
    return settings(
        max_examples=RUNS,
        stateful_step_count=STEPS,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking takes minutes; the steps say it all
    )


def _machine(machine: type[MoneyMachine], make_world: Callable[[], World], tally: Counter[str]) -> type[MoneyMachine]:
    return type("Machine", (machine,), {"make_world": staticmethod(make_world), "tally": tally})


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No waits between Stripe's repeats, and no log of the faults that are made on purpose."""
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0.0)
    monkeypatch.setattr(stripe.HTTPClient, "MAX_DELAY", 0.0)
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def tally(capsys: pytest.CaptureFixture[str]) -> Iterator[Counter[str]]:
    """What all runs together came to, printed: a property that nothing happened to says little."""
    counted: Counter[str] = Counter()
    yield counted
    with capsys.disabled():
        print("", *(f"{number:7} {what}" for what, number in sorted(counted.items())), sep="\n")


@pytest.mark.timeout(3600)
def test_with_test_money(databases: Databases, passwords: PasswordHasher, tally: Counter[str]) -> None:
    world = partial(SandboxWorld, databases, passwords)
    run_state_machine_as_test(_machine(MoneyMachine, world, tally), settings=_bounded())
    assert all(tally[what] for what in MET), tally


@pytest.mark.timeout(3600)
def test_with_stripe(databases: Databases, passwords: PasswordHasher, tally: Counter[str]) -> None:
    world = partial(StripeWorld, databases, passwords)
    run_state_machine_as_test(_machine(StripeMachine, world, tally), settings=_bounded())
    assert all(tally[what] for what in MET), tally
