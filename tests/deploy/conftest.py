"""deploy/ as processes in a network namespace, started once for all of this folder."""

import functools
from collections.abc import Callable, Iterator

import pytest

from tests.stage.deployed.compose import Compose
from tests.stage.deployed.lone_machine import LoneMachine
from tests.stage.deployed.topology import PUBLIC, Topology, names
from tests.stage.left_out import left_out
from tools import machine


def inside(test: Callable[[Topology], None]) -> Callable[[Topology], None]:
    """Runs a test in the machine on which everything is."""

    @functools.wraps(test)
    def run(topology: Topology) -> None:
        topology.machine.run(lambda: test(topology))

    return run


@pytest.fixture(scope="session")
def topology(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Topology]:
    caddy, redis = machine.caddy_program(), machine.redis_program()
    if caddy is None or redis is None or not machine.POSTGRESQL.present():
        left_out("deploy/ needs Caddy, Redis and PostgreSQL: caddy, redis-server and postgresql are their packages")
    folder = tmp_path_factory.mktemp("deployed")
    compose = Compose()
    try:
        lone = LoneMachine(folder, PUBLIC, compose.subnet, names(compose))
    except OSError as error:
        left_out(f"deploy/ needs a network of its own (Linux, as root): {error}")
    topology = Topology(folder, lone, caddy, redis)
    try:
        lone.run(topology.start)
        yield topology
    finally:
        lone.run(topology.stop)
        lone.close()
