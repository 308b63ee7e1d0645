"""The way to the backend: loopback directly whatever proxy is set, others through it, a sentence where that fails."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from app.api.client import ApiClient
from app.api.route import ProxyUnusable, is_loopback, open_route
from app.errors import Offline

NOBODY = "http://127.0.0.1:9"
ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{"items":[]}'


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@asynccontextmanager
async def server(host: str) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A real one on loopback: its port, and the first line of each request."""
    lines: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.append((await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0])
        writer.write(ANSWER)
        await writer.drain()
        writer.close()

    running = await asyncio.start_server(answer, host, 0)
    async with running:
        yield running.sockets[0].getsockname()[1], lines


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize("proxy", [NOBODY, "socks5://127.0.0.1:9", "not a proxy", "http://[::bad"])
@pytest.mark.parametrize(("listen", "host"), [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]"), ("127.0.0.1", "localhost")])
async def test_loopback_is_asked_directly(
    monkeypatch: pytest.MonkeyPatch, name: str, proxy: str, listen: str, host: str
) -> None:
    monkeypatch.setenv(name, proxy)
    monkeypatch.setenv("NO_PROXY", "[::1],, 10.0.0.0/8")
    async with server(listen) as (port, lines):
        client = ApiClient(f"http://{host}:{port}")
        assert await client.demo_people() == ()
        await client.close()
    assert lines == [b"GET /demo/people HTTP/1.1"]


async def test_other_hosts_are_asked_through_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    async with server("127.0.0.1") as (port, lines):
        monkeypatch.setenv("HTTP_PROXY", f"127.0.0.1:{port}")  # without a scheme, as people write it
        client = ApiClient("http://rendezvous.invalid")
        assert await client.demo_people() == ()
        await client.close()
    assert lines == [b"GET http://rendezvous.invalid/demo/people HTTP/1.1"]


async def test_a_proxy_that_is_away_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.api.transport.RETRY_DELAYS_S", ())
    monkeypatch.setenv("HTTPS_PROXY", "http://ada:secret@127.0.0.1:9")
    client = ApiClient("https://rendezvous.invalid")
    with pytest.raises(Offline, match=r"through the proxy 127\.0\.0\.1:9") as caught:
        await client.me()
    assert "secret" not in caught.value.detail
    await client.close()


@pytest.mark.parametrize(
    ("proxy", "words"),
    [
        ("socks5://127.0.0.1:1080", "socks5://) is of a kind that Rendezvous does not support"),
        ("quic://127.0.0.1:1080", "quic://) is of a kind"),
        ("http://", "cannot be read"),
        ("http://[::bad", "cannot be read"),
        ("http://host:port", "cannot be read"),
    ],
)
async def test_what_is_not_supported_is_said_at_once_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, proxy: str, words: str
) -> None:
    monkeypatch.setattr("app.api.transport.RETRY_DELAYS_S", (100.0,))  # trying again would not change it
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(ProxyUnusable) as caught:
        await asyncio.wait_for(ApiClient("https://rendezvous.example.com").me(), 20)
    assert words in caught.value.detail
    assert "NO_PROXY" in caught.value.detail


@pytest.mark.parametrize(
    ("no_proxy", "url", "direct"),
    [
        ("*", "https://rendezvous.example.com", True),
        ("example.com", "https://rendezvous.example.com", True),
        (".example.com, other.test", "https://rendezvous.example.com", True),
        ("192.168.0.0/16", "http://192.168.3.4:8700", True),
        ("fd00::/8", "http://[fd00::1]:8700", True),
        ("[::1]", "https://rendezvous.example.com", False),
        ("192.168.0.0/16", "http://10.0.0.1:8700", False),
        ("//,:,/8,\t", "https://rendezvous.example.com", False),
    ],
)
async def test_no_proxy_is_understood_in_every_form(
    monkeypatch: pytest.MonkeyPatch, no_proxy: str, url: str, direct: bool
) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://proxy.test:3128")
    monkeypatch.setenv("NO_PROXY", no_proxy)
    route, through = open_route(url)
    await route.aclose()
    assert through == ("" if direct else "proxy.test:3128")


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        *((host, True) for host in ("127.0.0.1", "127.8.9.1", "::1", "[::1]", "localhost", "app.localhost")),
        *((host, False) for host in ("localhost.example.com", "10.0.0.1", "")),
    ],
)
def test_which_hosts_are_this_machine(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


async def test_another_server_has_a_way_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.api.transport.RETRY_DELAYS_S", ())
    monkeypatch.setenv("HTTP_PROXY", NOBODY)
    client = ApiClient("http://rendezvous.invalid")
    with pytest.raises(Offline, match="through the proxy"):
        await client.me()
    async with server("127.0.0.1") as (port, _):
        client.use_base_url(f"http://127.0.0.1:{port}/")
        assert await client.demo_people() == ()
    await client.close()


@pytest.mark.parametrize(
    ("base", "path", "absolute"),
    [
        ("https://host.test", "/professional/1/photo?v=2", "https://host.test/professional/1/photo?v=2"),
        ("https://host.test/api", "/professional/1/photo?v=2", "https://host.test/api/professional/1/photo?v=2"),
        ("http://[::1]:8700", "/professional/1/photo?v=2", "http://[::1]:8700/professional/1/photo?v=2"),
        ("https://host.test/api", "https://cdn.test/p.jpg", "https://cdn.test/p.jpg"),
    ],
)
def test_a_photo_is_below_the_backends_address(base: str, path: str, absolute: str) -> None:
    assert ApiClient(base).photo_url(path) == absolute
