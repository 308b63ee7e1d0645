"""Why a connection is silent, as far as a machine can tell, and when patience is pointless."""

import pytest

from app.call.connectivity.host import Destination
from app.call.connectivity.link_monitor import LONG_SLEEP_S, is_hopeless, trouble_of
from app.call.contract.call_state import LinkTrouble

HERE, ELSEWHERE = "192.0.2.7", "198.51.100.7"
NAP_S, NIGHT_S = 10.0, 8 * 3600.0


@pytest.mark.parametrize(
    ("address", "before", "slept_s", "trouble"),
    [
        (HERE, HERE, 0.0, LinkTrouble.NO_ANSWER),
        (HERE, HERE, NAP_S, LinkTrouble.SLEPT),
        (ELSEWHERE, HERE, 0.0, LinkTrouble.NETWORK_CHANGED),
        (ELSEWHERE, HERE, NIGHT_S, LinkTrouble.NETWORK_CHANGED),
        (None, HERE, 0.0, LinkTrouble.NO_NETWORK),
        (None, None, 0.0, LinkTrouble.NO_ANSWER),
    ],
)
def test_each_reason_is_told_from_the_others(
    address: str | None, before: str | None, slept_s: float, trouble: LinkTrouble
) -> None:
    assert trouble_of(address, before, slept_s) is trouble


def test_only_what_a_new_connection_would_mend_is_not_waited_for() -> None:
    assert is_hopeless(ELSEWHERE, HERE, 0.0)
    assert is_hopeless(HERE, HERE, LONG_SLEEP_S + 1)
    assert not is_hopeless(HERE, HERE, 0.0)
    assert not is_hopeless(HERE, HERE, NAP_S)
    assert not is_hopeless(None, HERE, NIGHT_S), "there is no network for a new one either"


async def test_the_own_address_is_the_one_by_which_the_server_is_reached() -> None:
    assert (await Destination.of("ws://127.0.0.1:7880")).own_address() == "127.0.0.1"


async def test_a_server_whose_name_leads_nowhere_is_reached_by_no_address() -> None:
    assert (await Destination.of("wss://no-such-host.invalid")).own_address() is None
