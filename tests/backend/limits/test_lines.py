"""Whose line an address is, whatever its family."""

import pytest

from backend.kit.limits.lines import Line, line_of

HOME = Line("203.0.113.7", "203.0.113.0/24")


@pytest.mark.parametrize(
    "address",
    [
        "203.0.113.7",
        "::ffff:203.0.113.7",  # IPv4-mapped, as a socket of both families names it
        "::ffff:cb00:7107",
        "2002:cb00:7107::1",  # 6to4
        "2002:cb00:7107:abcd::ffff",
        "64:ff9b::203.0.113.7",  # NAT64
        "64:ff9b:1::203.0.113.7",
        "::ffff:0:203.0.113.7",  # IPv4-translated
        "2001:0:4136:e378:8000:63bf:34ff:8ef8",  # Teredo: the client's address is stored inverted
    ],
)
def test_one_host_of_ipv4_is_one_line_over_whichever_address(address: str) -> None:
    assert line_of(address) == HOME


def test_every_address_that_one_host_of_ipv6_can_take_is_the_same_line() -> None:
    lines = {line_of(f"2001:db8:1:2:{number:x}:1:2:3").line for number in range(1, 200)}
    assert lines == {"2001:db8:1:2::/64"}


def test_lines_of_one_site_share_a_network_and_others_do_not() -> None:
    assert line_of("2001:db8:1:2::1").network == line_of("2001:db8:1:ffff::1").network == "2001:db8:1::/48"
    assert line_of("2001:db8:2::1").network != line_of("2001:db8:1::1").network
    assert line_of("198.51.100.1").network == line_of("198.51.100.200").network != line_of("198.51.101.1").network
    assert line_of("198.51.100.1").line != line_of("198.51.100.200").line


NEARBY = ["127.0.0.1", "::1", "fe80::1%eth0", "testclient", "", "203.0.113.7:4711", "\udc80"]


@pytest.mark.parametrize("address", NEARBY)
def test_what_comes_from_nearby_or_is_no_address_is_a_line_too(address: str) -> None:
    assert line_of(address) == line_of(address)
    assert line_of(address).line or not address
