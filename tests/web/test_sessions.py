"""Many people in one process: nobody sees another's session, and a session ends when its tab does not come back."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from app.web import connections
from app.web.sealing import new_key, seal
from app.web.tabs import SIGN_IN
from tests.stage.backend_process import BackendProcess
from tests.stage.tab_client import TabClient
from tests.stage.web_process import WebProcess
from tests.waiting import until

SAM, NORA = "sam", "nora"


async def kept_sign_in(backend: BackendProcess, name: str, key: str) -> dict[str, str]:
    """What a tab keeps of a sign-in, by the key of its browser."""
    async with httpx.AsyncClient(base_url=backend.url, timeout=60) as http:
        people = (await http.get("/demo/people")).json()["items"]
        person = next(each for each in people if each["name"].lower().startswith(name))
        answer = await http.post("/auth/sign-in", json={"email": person["email"], "password": person["password"]})
    return {SIGN_IN: seal(key, json.dumps({"at": backend.url, "token": answer.json()["token"]}))}


async def signed_in(web: WebProcess, backend: BackendProcess, name: str, key: str, route: str) -> TabClient:
    kept = await kept_sign_in(backend, name, key)
    return await TabClient(web.port, route=route, kept=kept, cookie=key).open()


async def test_two_people_in_one_process_see_only_their_own(web: WebProcess, backend: BackendProcess) -> None:
    sam = await signed_in(web, backend, SAM, new_key(), "/account")
    nora = await signed_in(web, backend, NORA, new_key(), "/settings")
    stranger = await TabClient(web.port, route="/account").open()
    await sam.shows("sam@")
    await nora.shows("nora@")
    await stranger.shows("Good to see you.")
    for someone, others in ((sam, (b"nora@",)), (nora, (b"sam@",)), (stranger, (b"nora@", b"sam@"))):
        assert not [other for other in others if other in someone.received]
        await someone.close()


async def test_a_sign_in_opens_for_its_own_browser_alone(web: WebProcess, backend: BackendProcess) -> None:
    key = new_key()
    kept = await kept_sign_in(backend, SAM, key)
    for cookie in ("", new_key()):
        thief = await TabClient(web.port, route="/account", kept=kept, cookie=cookie).open()
        await thief.shows("Good to see you.")
        await thief.close()


async def test_a_session_is_taken_up_by_its_own_tab_alone(web: WebProcess, backend: BackendProcess) -> None:
    """The session's id is not enough: the tab's own id goes with it, whatever network it is in."""
    sam = await signed_in(web, backend, SAM, new_key(), "/account")
    await sam.shows("sam@")
    session = sam.session
    await sam.close()
    thief = TabClient(web.port, route="/account")
    thief.session = session
    await thief.open()
    await thief.shows("Good to see you.")
    assert thief.session != session
    sam.session = session
    await sam.open()
    assert sam.session == session
    for tab in (sam, thief):
        await tab.close()


async def test_a_tab_whose_connection_fell_silent_takes_its_session_up_again(
    web: WebProcess, backend: BackendProcess
) -> None:
    sam = await signed_in(web, backend, SAM, new_key(), "/account")
    await sam.shows("sam@")
    again = TabClient(web.port, route="/account", kept=sam.kept, cookie=sam.cookie, tab=sam.tab)
    again.session = sam.session
    sam.go_silent()
    await again.open()
    assert (again.session, again.tab) == (sam.session, sam.tab)
    await again.close()


async def test_the_first_screen_waits_for_no_answer_of_the_tab(web: WebProcess) -> None:
    """On a phone's network each question costs a fifth of a second."""
    tab = await TabClient(web.port, device={"rendezvous.text_size": "largest"}).open()
    await tab.until(lambda: tab.shown)
    await tab.shows("Good to see you.")
    assert tab.asked == 0
    await tab.close()


async def test_a_copied_tab_becomes_one_of_its_own(web: WebProcess, backend: BackendProcess) -> None:
    """A browser copies a tab with all that it keeps. The first goes on; the copy is signed in, in another session."""
    sam = await signed_in(web, backend, SAM, new_key(), "/account")
    await sam.shows("sam@")
    copy = TabClient(web.port, route="/account", kept=sam.kept, cookie=sam.cookie, tab=sam.tab)
    copy.session = sam.session
    await copy.open()
    await copy.shows("sam@")
    assert copy.session != sam.session
    assert copy.tab != sam.tab
    assert sam.closed_with is None
    for tab in (sam, copy):
        await tab.close()


async def test_frames_that_nobody_can_read_end_their_connection(web: WebProcess) -> None:
    """Flet stops reading for ever at one before its first session; nothing of it stays."""
    tab = await TabClient(web.port).open()
    assert tab._socket is not None
    await tab._socket.send(b"\0\xc1")
    await tab.until(lambda: tab.closed_with is not None)


@pytest.fixture
def short_lived(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "SESSION_WITHOUT_TAB_S", 1)


async def test_a_session_without_a_tab_ends_and_closes_its_connections(
    backend: BackendProcess, tmp_path: Path, short_lived: None
) -> None:
    """In process, so that its end can be looked at: Flet looks for such sessions every ten seconds."""
    import uvicorn
    from flet_web.fastapi import app_manager

    from app.api.client import ApiClient
    from app.main import start
    from app.settings import AppSettings
    from app.web.server import create_web_app, server_config
    from tests.stage.livekit_server import free_ports
    from tools.web_client import FILES

    closed: list[str] = []
    api_close = ApiClient.close

    async def close(self: ApiClient) -> None:
        closed.append(self.base_url)
        await api_close(self)

    (port,) = free_ports(1)
    settings = AppSettings(api_url=backend.url, web_cache=FILES, port=port)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ApiClient, "close", close)
        app = create_web_app(settings, lambda page: start(settings, page), tmp_path)
        server = uvicorn.Server(server_config(settings, app))
        serving = asyncio.create_task(server.serve())
        await until(lambda: server.started, "the server has started")
        before = len(asyncio.all_tasks())
        tab = await TabClient(port).open()
        await tab.shows("Good to see you.")
        await tab.close()
        await until(lambda: closed == [backend.url], "the session's client of the backend is closed")
        await until(lambda: not app_manager._FletAppManager__sessions, "no session is left")
        await until(lambda: len(asyncio.all_tasks()) <= before, "no task is left")
        server.should_exit = True
        await serving
