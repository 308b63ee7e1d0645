"""The link into the call: what it carries is nobody else's to read, and what is wrong with it is said in words."""

import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from livekit import api
from playwright.async_api import expect

from tests.callpage.conftest import APP_URL, Enter
from tests.callpage.people import Guest, Member
from tests.stage.demo_backend import DemoBackend
from tests.stage.livekit_server import LivekitServer


def link_with(who: Member, token: str) -> str:
    return f"{who.backend_url}/call/{who.session_id}#access_token={token}&encryption_key={'k' * 43}"


def token_for(livekit: LivekitServer, who: Member, *, room: str = "", ttl_s: float = 600) -> str:
    """As the backend's, or wrong in one way."""
    grants = api.VideoGrants(room_join=True, room=room or f"session_{who.session_id}")
    token = api.AccessToken(livekit.key, livekit.secret).with_identity(who.identity).with_grants(grants)
    return token.with_ttl(timedelta(seconds=ttl_s)).to_jwt()


async def leads_back(guest: Guest, session_id: str) -> None:
    link = guest.page.get_by_role("link", name="Back to Rendezvous")
    await expect(link).to_have_attribute("href", f"{APP_URL}/session/{session_id}")


async def test_the_token_and_the_key_are_out_of_the_address_and_of_the_history_and_goes_to_no_log(
    enter: Enter, sam: Member, backend: DemoBackend
) -> None:
    guest = await enter(sam)
    url = sam.call_url
    given = parse_qs(urlsplit(url).fragment)
    secrets = given["access_token"] + given["encryption_key"]
    await guest.page.goto("about:blank")
    await guest.open(url)
    await guest.sees_tile("preview")
    assert guest.page.url == url.partition("#")[0]
    assert await guest.page.evaluate("history.length") == 2
    await guest.press("Join")
    await guest.sees("Waiting for Nora Lindqvist")
    for secret in secrets:
        assert not any(secret in each for each in [*guest.asked, *guest.said])
        assert secret not in backend.log.read_text()


async def test_the_page_asks_nobody_but_the_backend_and_livekit(
    enter: Enter, sam: Member, backend: DemoBackend, livekit: LivekitServer
) -> None:
    guest = await enter(sam)
    sockets: list[str] = []
    guest.page.on("websocket", lambda socket: sockets.append(socket.url))
    await guest.join()
    await guest.sees("Waiting for Nora Lindqvist")
    assert {urlsplit(each).netloc for each in guest.asked} == {urlsplit(backend.url).netloc}
    assert {urlsplit(each).netloc for each in sockets} == {urlsplit(livekit.url).netloc}
    assert not [each for each in guest.said if "Content Security Policy" in each]


async def test_a_livekit_address_in_the_link_is_not_believed(enter: Enter, sam: Member, livekit: LivekitServer) -> None:
    guest = await enter(sam)
    sockets: list[str] = []
    guest.page.on("websocket", lambda socket: sockets.append(socket.url))
    url = sam.call_url.replace("livekit_url=ws%3A%2F%2F127.0.0.1", "livekit_url=ws%3A%2F%2Fevil.example")
    assert "evil" in url
    await guest.open(url)
    await guest.sees_tile("preview")
    await guest.press("Join")
    await guest.sees("Waiting for Nora Lindqvist")
    assert {urlsplit(each).netloc for each in sockets} == {urlsplit(livekit.url).netloc}


async def test_an_address_without_a_token_says_that_the_app_opens_the_call(enter: Enter, sam: Member) -> None:
    guest = await enter(sam)
    await guest.open(f"{sam.backend_url}/call/{sam.session_id}")
    await guest.ended("Your call is in the app")
    await leads_back(guest, sam.session_id)


@pytest.mark.parametrize(
    ("fragment", "title"),
    [
        ("livekit_url=ws%3A%2F%2F127.0.0.1", "This link is incomplete"),
        ("access_token=without-a-key", "This link is incomplete"),
        ("access_token=nonsense&encryption_key=k", "This link does not open this call"),
        ("access_token=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&encryption_key=k", "This link does not open this call"),
    ],
)
async def test_a_link_that_is_cut_or_garbled_says_so(enter: Enter, sam: Member, fragment: str, title: str) -> None:
    guest = await enter(sam)
    await guest.open(f"{sam.backend_url}/call/{sam.session_id}#{fragment}")
    await guest.ended(title)
    await leads_back(guest, sam.session_id)
    assert "#" not in guest.page.url


async def test_an_expired_link_says_so(enter: Enter, sam: Member, livekit: LivekitServer) -> None:
    guest = await enter(sam)
    await guest.open(link_with(sam, token_for(livekit, sam, ttl_s=-60)))
    await guest.ended("This link has expired")
    await leads_back(guest, sam.session_id)


async def test_a_link_of_another_session_or_server_says_so(enter: Enter, sam: Member, livekit: LivekitServer) -> None:
    guest = await enter(sam)
    await guest.open(link_with(sam, token_for(livekit, sam, room="session_0b8e1c1e-7d49-4a36-9f0c-2f9b0f0b6a11")))
    await guest.ended("This link does not open this call")


async def test_a_name_never_becomes_markup(enter: Enter, sam: Member) -> None:
    guest = await enter(sam)
    name = "<img src=x onerror=alert(1)> {clock}"

    async def named(route):  # type: ignore[no-untyped-def]  # Playwright's Route
        answer = await route.fetch()
        await route.fulfill(response=answer, body=json.dumps(await answer.json() | {"other_name": name}))

    await guest.page.route("**/facts", named, times=1)
    await guest.join()
    await guest.sees(f"Waiting for {name}")
    assert await guest.page.locator("img").count() == 0


async def test_nothing_can_be_made_of_text(enter: Enter, sam: Member) -> None:
    """Trusted Types, where the browser has them: even a mistake of ours would not run."""
    guest = await enter(sam)
    await guest.open()
    await guest.sees_tile("preview")
    refused = await guest.page.evaluate(
        "() => { try { document.body.innerHTML = '<b>x</b>'; return ''; } catch (error) { return error.name; } }"
    )
    assert refused == "TypeError"


async def test_a_browser_that_has_no_webrtc_is_told_so(enter: Enter, sam: Member) -> None:
    """Such as Debian's WebKitGTK (docs/platforms.md)."""
    guest = await enter(sam, init="delete globalThis.RTCPeerConnection;")
    await guest.open()
    await guest.sees("This browser cannot carry calls")
    await guest.sees("Open the session in a current version of Chrome, Edge, Firefox or Safari.")
