"""Whose line a request came over: what one person or household has, whatever the address family. Pure."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import NamedTuple

# The last 32 bits are the address of the IPv4 host behind a translator.
_CARRIES_IPV4 = (
    IPv6Network("64:ff9b::/96"),  # NAT64 (RFC 6052)
    IPv6Network("64:ff9b:1::/48"),  # the same within one network (RFC 8215)
    IPv6Network("::ffff:0:0:0/96"),  # IPv4-translated (RFC 7915)
)


class Line(NamedTuple):
    """`line` is one person's or one office's: an IPv4 address, or an IPv6 /64, of which every host has 2^64 addresses.

    `network` is what it belongs to: an IPv4 /24, an IPv6 /48. Providers give a household anything from a /64 to a /48
    (RFC 6177), so whoever has many lines mostly has them within one network.
    """

    line: str
    network: str


def line_of(address: str) -> Line:
    """The line of an address as the server names it. What is no address (a Unix socket's name) is a line of its own."""
    try:
        found = ip_address(address)
    except ValueError:
        return Line(address, address)
    carried = _carried(found)
    if isinstance(carried, IPv4Address):
        return Line(str(carried), f"{IPv4Address(int(carried) & ~0xFF)}/24")
    return Line(_cut(carried, 64), _cut(carried, 48))


def _carried(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The address of IPv4 that one of IPv6 stands for: the same host is the same line over either."""
    if isinstance(address, IPv4Address):
        return address
    inner = address.ipv4_mapped or address.sixtofour
    if inner is not None:
        return inner
    if address.teredo is not None:
        return address.teredo[1]  # the client; the first is its server's
    if any(address in network for network in _CARRIES_IPV4):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _cut(address: IPv6Address, bits: int) -> str:
    first = int(address) >> (128 - bits) << (128 - bits)
    return f"{IPv6Address(first)}/{bits}"
