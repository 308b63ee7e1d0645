"""What deploy/ does before anybody signs up: the database's form, certificates, headers, the way to each process."""

import asyncio
import re
from uuid import uuid4

import httpx
import pytest

from app.web.sealing import new_key
from tests.deploy.conftest import inside
from tests.stage.deployed.topology import AT, Topology
from tests.stage.tab_client import TabClient
from tests.waiting import eventually

pytestmark = pytest.mark.timeout(300)
STICKY = "rendezvous_process"


@inside
def test_a_backend_does_not_start_before_the_database_is_migrated_by_its_own_command(topology: Topology) -> None:
    assert topology.early.returncode == 2, topology.early.stderr
    assert "Run `python -m backend.migrate`" in topology.early.stderr
    assert topology.migrated.returncode == 0, topology.migrated.stderr
    assert "before it was empty" in topology.migrated.stdout


@inside
def test_every_name_is_served_encrypted_and_told_to_stay_so(topology: Topology) -> None:
    with topology.stranger() as client:
        for domain in ("APP_DOMAIN", "WEB_DOMAIN", "LIVEKIT_DOMAIN"):
            name = topology.compose.values[domain]
            redirected = client.get(f"http://{name}/health?a=1")
            assert (redirected.status_code, redirected.headers["Location"]) == (308, f"https://{name}/health?a=1")
            answer = client.get(f"https://{name}/")
            assert answer.headers["Strict-Transport-Security"] == "max-age=31536000", domain
    with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
        httpx.get(topology.app_url, trust_env=False)


@inside
def test_the_pages_own_security_headers_come_through(topology: Topology) -> None:
    with topology.stranger() as client:
        for url in (f"{topology.app_url}/call/{uuid4()}", f"{topology.web_url}/"):
            headers = client.get(url).headers
            assert headers["X-Content-Type-Options"] == "nosniff", url
            assert "Content-Security-Policy" in headers, url
            assert "Referrer-Policy" in headers, url


@inside
def test_a_backend_reaches_the_call_server_by_its_public_name(topology: Topology) -> None:
    with topology.stranger() as client:  # what it knows of the call server is of the last time that it was asked
        wanted = {"database": True, "livekit": True}
        eventually(lambda: client.get(f"{topology.app_url}/ready").json() == wanted, "everything is ready")


@inside
def test_requests_are_shared_out_and_counted_where_only_insiders_look(topology: Topology) -> None:
    def counted(address: str) -> bool:
        figures = httpx.get(f"http://{address}:9464/metrics", trust_env=False).text
        return re.search(r'rendezvous_requests_total\{[^}]*route="/categories"', figures) is not None

    with topology.stranger() as client:

        def both_have_answered() -> bool:
            assert client.get(f"{topology.app_url}/categories").status_code == 200
            return all(counted(address) for address in AT["backend"])

        eventually(both_have_answered, "each backend has answered")
        assert client.get(f"{topology.app_url}/metrics").status_code == 404


@inside
def test_browsers_are_shared_out_and_each_is_led_back_to_the_process_that_has_its_tabs(topology: Topology) -> None:
    def newcomer() -> str:
        with topology.stranger() as client:
            return client.get(topology.web_url).cookies[STICKY]

    first = newcomer()
    other = eventually(lambda: {newcomer()} - {first}, "the other process answers as well").pop()
    asyncio.run(_takes_its_session_up(topology, first, other))


async def _takes_its_session_up(topology: Topology, own: str, other: str) -> None:
    """A tab that comes back is in its session, and would not be in the other process."""

    async def again(process: str, like: TabClient | None = None) -> TabClient:
        tab = TabClient(
            443,
            origin=topology.web_url,
            trust=topology.caddy.trust,
            cookie=f"{key}; {STICKY}={process}",
            tab=like.tab if like else "",
            kept=like.kept if like else None,
        )
        tab.session = like.session if like else ""
        await tab.open()
        await tab.close()
        return tab

    key = new_key()
    tab = await again(own)
    for _ in range(3):
        assert (await again(own, tab)).session == tab.session
    assert (await again(other, tab)).session != tab.session
