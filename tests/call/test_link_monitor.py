"""Why a connection is silent, as far as a machine can tell, and when patience is pointless."""

import pytest

from app.call.connectivity.host import NetworkRoute
from app.call.connectivity.link_monitor import LONG_SUSPEND_S, reconnect_cause_of, should_rejoin_now
from app.call.contract.call_state import ReconnectCause

HERE, ELSEWHERE = "192.0.2.7", "198.51.100.7"
NAP_S, NIGHT_S = 10.0, 8 * 3600.0


@pytest.mark.parametrize(
    ("address", "before", "suspended_s", "trouble"),
    [
        (HERE, HERE, 0.0, ReconnectCause.NO_ANSWER),
        (HERE, HERE, NAP_S, ReconnectCause.SUSPENDED),
        (ELSEWHERE, HERE, 0.0, ReconnectCause.NETWORK_CHANGED),
        (ELSEWHERE, HERE, NIGHT_S, ReconnectCause.NETWORK_CHANGED),
        (None, HERE, 0.0, ReconnectCause.NO_NETWORK),
        (None, None, 0.0, ReconnectCause.NO_ANSWER),
    ],
)
def test_each_reason_is_told_from_the_others(
    address: str | None, before: str | None, suspended_s: float, trouble: ReconnectCause
) -> None:
    assert reconnect_cause_of(address, before, suspended_s) is trouble


def test_only_what_a_new_connection_would_mend_is_not_waited_for() -> None:
    assert should_rejoin_now(ELSEWHERE, HERE, 0.0)
    assert should_rejoin_now(HERE, HERE, LONG_SUSPEND_S + 1)
    assert not should_rejoin_now(HERE, HERE, 0.0)
    assert not should_rejoin_now(HERE, HERE, NAP_S)
    assert not should_rejoin_now(None, HERE, NIGHT_S), "there is no network for a new one either"


async def test_the_own_address_is_the_one_by_which_the_server_is_reached() -> None:
    assert (await NetworkRoute.of("ws://127.0.0.1:7880")).local_address() == "127.0.0.1"


async def test_a_server_whose_name_leads_nowhere_is_reached_by_no_address() -> None:
    assert (await NetworkRoute.of("wss://no-such-host.invalid")).local_address() is None
