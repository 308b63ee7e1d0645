"""The way to a backend: directly, or through the proxy that the environment or the system names for its address."""

import ipaddress
import os
from urllib.request import getproxies, proxy_bypass

import httpx

from app.errors import Offline

UNSUPPORTED = (
    "The proxy that is set for this machine ({kind}) is of a kind that Rendezvous does not support. "
    "Set an HTTP proxy in HTTPS_PROXY, or name {host} in NO_PROXY, and start again."
)
UNREADABLE = (
    "The proxy address that is set for this machine cannot be read. "
    "Correct HTTPS_PROXY (for example http://proxy.example.com:3128), or name {host} in NO_PROXY, and start again."
)


class ProxyUnusable(Offline):
    """The environment names a proxy that cannot be used; no request was sent."""


def open_route(base_url: str) -> tuple[httpx.AsyncBaseTransport, str]:
    """What carries requests to `base_url`, and the proxy's host and port in words (empty: none, asked directly).

    Raises ProxyUnusable.
    """
    url = httpx.URL(base_url)
    proxy = _proxy_for(url.scheme, url.host)
    if proxy is None:
        return httpx.AsyncHTTPTransport(), ""
    try:
        parsed = httpx.URL(proxy)
        if not parsed.host:
            raise ValueError("no host")
        if parsed.scheme not in ("http", "https"):
            raise ProxyUnusable(UNSUPPORTED.format(kind=f"{parsed.scheme}://", host=url.host))
        return httpx.AsyncHTTPTransport(proxy=httpx.Proxy(parsed)), parsed.netloc.decode("ascii").rpartition("@")[2]
    except (ValueError, httpx.InvalidURL):
        raise ProxyUnusable(UNREADABLE.format(host=url.host)) from None  # the cause may quote a password


def is_loopback(host: str) -> bool:
    """Whether a URL's host is this very machine, which no proxy can reach for us."""
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761, 6.3
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _proxy_for(scheme: str, host: str) -> str | None:
    if is_loopback(host) or _left_out_by_network(host) or proxy_bypass(host):
        return None
    proxies = getproxies()
    proxy = proxies.get(scheme) or proxies.get("all")
    if not proxy:
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _left_out_by_network(host: str) -> bool:
    """NO_PROXY may name networks (192.168.0.0/16), which the standard library does not read."""
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    for entry in (os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or "").split(","):
        try:
            if address in ipaddress.ip_network(entry.strip().strip("[]"), strict=False):
                return True
        except ValueError:
            continue
    return False
