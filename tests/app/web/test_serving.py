"""What a browser is given over HTTP: compressed, kept for ever or asked for each time, and allowed to load nothing from
elsewhere.
"""

import gzip
from collections.abc import Iterator
from pathlib import Path

import brotli
import httpx
import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from app.components.design.theme import FONTS
from app.settings import AppSettings
from app.web import client_files, server
from app.web.access import host_name
from app.web.client_files import ClientFiles
from app.web.sealing import is_key
from app.web.server import create_web_app

HOST = "app.example.com"
SOCKET = f"wss://{HOST}/ws"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ClientFiles:
    """A client of a few small files, made as the real one is."""
    flets = tmp_path / "flet"
    (flets / "assets").mkdir(parents=True)
    (flets / "main.dart.wasm").write_bytes(b"\0asm" * 400)
    (flets / "main.dart.js.map").write_text("left out")
    (flets / "flutter.js").write_text("/* loader */")
    (flets / "flutter_bootstrap.js").write_text('_flutter.buildConfig = {"builds":[]};\n_flutter.loader.load({});')
    (flets / "assets" / "FontManifest.json").write_text(
        '[{"family":"MaterialIcons","fonts":[]},{"family":"packages/flutter_math_fork/KaTeX_Main","fonts":[]}]'
    )
    monkeypatch.setattr(client_files, "get_package_web_dir", lambda: str(flets))
    return client_files.client_files(tmp_path / "cache")


@pytest.fixture
def web(files: ClientFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr(server, "client_files", lambda cache: files)
    settings = AppSettings(api_url="http://backend.test", public_url=f"https://{HOST}", allowed_hosts="")
    with TestClient(create_web_app(settings, lambda page: None, tmp_path), f"https://{HOST}") as client:
        yield client


def test_the_page_is_asked_for_each_time_and_costs_nothing_when_it_is_the_same(web: TestClient) -> None:
    first = web.get("/my-sessions")
    assert (first.status_code, first.headers["cache-control"]) == (200, "no-cache")
    again = web.get("/find", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_what_it_loads_is_compressed_and_kept_for_ever(web: TestClient, files: ClientFiles) -> None:
    whole = (files.folder / "main.dart.wasm").read_bytes()
    for accepted, encoding, unpack in (
        ("gzip, deflate, br, zstd", "br", brotli.decompress),
        ("gzip", "gzip", gzip.decompress),
        ("identity", None, bytes),
    ):
        with web.stream("GET", f"{files.base}/main.dart.wasm", headers={"Accept-Encoding": accepted}) as answer:
            sent = b"".join(answer.iter_raw())
        assert answer.headers.get("content-encoding") == encoding
        assert unpack(sent) == whole
        assert answer.headers["content-type"] == "application/wasm"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert "Accept-Encoding" in answer.headers["vary"]


def test_the_apps_own_files_are_also_where_flet_looks_for_them(web: TestClient) -> None:
    mark = web.get("/mark.svg")
    assert (mark.status_code, mark.headers["cache-control"]) == (200, "no-cache")
    assert mark.headers["content-type"] == "image/svg+xml"
    assert web.get("/fonts/Inter-Regular.ttf").status_code == 200
    assert web.get("/rendezvous.js").status_code == 404


def test_another_versions_files_and_paths_that_climb_are_not_there(web: TestClient, files: ClientFiles) -> None:
    assert web.get("/c/0123456789abcdef/main.dart.wasm").status_code == 404
    assert web.get(f"{files.base}/main.dart.js.map").status_code == 404
    assert web.get(f"{files.base}/%2e%2e/%2e%2e/flet/flutter.js").status_code == 404
    assert web.get("/nothing.js").status_code == 404


def test_every_path_of_the_page_names_this_version(web: TestClient, files: ClientFiles) -> None:
    page = web.get("/").text
    script = web.get(f"{files.base}/rendezvous.js").text
    worker = web.get("/service-worker.js").text
    manifest = web.get("/manifest.json").json()
    assert "CLIENT" not in page + script + worker
    assert f'src="{files.base}/rendezvous.js"' in page
    assert f'entrypointBaseUrl: "{files.base}/"' in script
    assert '_flutter.buildConfig = {"builds":[]};' in script
    assert files.base in worker
    assert all(web.get(icon["src"]).status_code == 200 for icon in manifest["icons"])


CHROME = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) {}/138.0.0.0 Mobile Safari/537.36"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) {} Safari/604.1"
)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.mark.parametrize(
    ("browser", "loads", "leaves"),
    [
        (CHROME.format("Chrome"), "main.dart.wasm", "main.dart.js"),
        (CHROME.format("HeadlessChrome"), "canvaskit/skwasm.wasm", "canvaskit/canvaskit.wasm"),
        (CHROME.format("Chrome").replace("138", "118"), "main.dart.js", "main.dart.wasm"),
        (SAFARI.format("Version/18.5"), "canvaskit/canvaskit.wasm", "canvaskit/skwasm.wasm"),
        (SAFARI.format("CriOS/138.0.7204.119"), "main.dart.js", "main.dart.wasm"),
        (FIREFOX, "main.dart.js", "main.dart.wasm"),
    ],
)
def test_a_page_names_all_that_its_browser_loads_first_and_nothing_else(
    web: TestClient, files: ClientFiles, browser: str, loads: str, leaves: str
) -> None:
    page = web.get("/", headers={"User-Agent": browser})
    assert f'href="{files.base}/{loads}"' in page.text
    assert f'href="{files.base}/fonts/Inter-Regular.ttf"' in page.text
    assert leaves not in page.text
    assert "User-Agent" in page.headers["vary"]
    others = {web.get("/", headers={"User-Agent": each}).headers["etag"] for each in (CHROME.format("Chrome"), FIREFOX)}
    assert len(others) == 2
    assert page.headers["etag"] in others


def test_files_made_quickly_are_made_smaller_afterwards(files: ClientFiles, tmp_path: Path) -> None:
    whole = files.folder / "main.dart.wasm"
    packed = whole.with_name("main.dart.wasm.br")
    quick = packed.read_bytes()
    packed.write_bytes(b"of the lower quality")
    assert client_files.client_files(tmp_path / "cache", client_files.QUALITY).folder == files.folder
    assert packed.read_bytes() == b"of the lower quality"
    client_files.client_files(tmp_path / "cache", client_files.SMALL_QUALITY)
    assert len(packed.read_bytes()) <= len(quick)
    assert brotli.decompress(packed.read_bytes()) == whole.read_bytes()
    packed.write_bytes(b"small already")
    client_files.client_files(tmp_path / "cache", client_files.SMALL_QUALITY)
    client_files.client_files(tmp_path / "cache", client_files.QUALITY)
    assert packed.read_bytes() == b"small already"


def test_another_version_takes_over_what_is_the_same_and_packs_what_is_not(
    files: ClientFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (files.folder / "main.dart.wasm.br").write_bytes(b"packed before")
    (files.folder / "flutter.js").write_text("another loader" * 100)
    monkeypatch.setattr(client_files, "FORMAT", "another")
    newer = client_files.client_files(tmp_path / "cache")
    assert newer.digest != files.digest
    assert (newer.folder / "main.dart.wasm.br").read_bytes() == b"packed before"
    script = (newer.folder / "rendezvous.js").read_bytes()
    assert brotli.decompress((newer.folder / "rendezvous.js.br").read_bytes()) == script


def test_the_page_may_load_nothing_from_elsewhere_and_holds_no_script_of_its_own(web: TestClient) -> None:
    page = web.get("/")
    rules = dict(rule.split(" ", 1) for rule in page.headers["content-security-policy"].split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert rules["connect-src"] == f"'self' ws://{HOST} wss://{HOST}"
    allowed = {source for rule in rules.values() for source in rule.split()}
    hosts = {source for source in allowed if not source.startswith("'")} - {"blob:", "data:"}
    assert hosts == {f"ws://{HOST}", f"wss://{HOST}"}
    assert "<script>" not in page.text
    assert "camera=()" in page.headers["permissions-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"


def test_of_fonts_the_apps_own_and_its_icons_are_loaded_before_the_first_picture(
    web: TestClient, files: ClientFiles
) -> None:
    manifest = web.get(f"{files.base}/assets/FontManifest.json").json()
    loaded = {font["family"]: font["fonts"][0]["asset"] for font in manifest}
    assert loaded.keys() == {"MaterialIcons", "Roboto", *FONTS}
    for family, path in FONTS.items():
        assert loaded[family] == f"../{path}"
        assert web.get(f"{files.base}/assets/{loaded[family]}").status_code == 200
        assert f'href="{files.base}/{path}"' in web.get("/").text


def test_the_browsers_key_is_out_of_scripts_reach_and_stays(web: TestClient) -> None:
    said = web.get("/").headers["set-cookie"]
    assert said.startswith("__Host-rendezvous=")
    assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= set(said.split("; "))
    assert is_key(web.cookies["__Host-rendezvous"])
    assert "set-cookie" not in web.get("/").headers


def test_another_hosts_page_is_refused(web: TestClient) -> None:
    assert web.get("/", headers={"Host": "evil.example"}).status_code == 421
    assert web.get("/", headers={"Host": "127.0.0.1:8550"}).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
def test_another_pages_socket_is_refused(web: TestClient, origin: str) -> None:
    headers = {"Origin": origin} if origin else {}
    with pytest.raises(WebSocketDisconnect), web.websocket_connect(SOCKET, headers=headers):
        pass


@pytest.mark.parametrize(
    "first",
    [
        *("", "no", "[]", "[" * 100_000),
        *('{"tab": "short", "kept": {}}', '{"tab": 5}', '{"kept": {}}', '{"tab": 1, "kept": {}}'),
    ],
)
def test_a_socket_that_does_not_say_which_tab_it_is_is_closed(web: TestClient, first: str) -> None:
    with web.websocket_connect(SOCKET, headers={"Origin": f"https://{HOST}"}) as socket:
        socket.send_text(first)
        assert socket.receive()["code"] == 1008


def test_the_server_answers_whether_it_is_there(web: TestClient) -> None:
    """By another connection than the tab's socket, for which see `test_tab_protocol.py`."""
    assert web.get("/alive").status_code == 204


@pytest.mark.parametrize(
    ("host", "name"), [("a.test", "a.test"), ("a.test:80", "a.test"), ("[::1]:80", "[::1]"), ("[::1]", "[::1]")]
)
def test_a_hosts_name_is_without_its_port(host: str, name: str) -> None:
    assert host_name(host) == name


async def test_photos_are_handed_on_and_nothing_else_is() -> None:
    from starlette.applications import Starlette
    from starlette.routing import Route

    from app.web.photos import Photos

    asked: list[str] = []

    def backend(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        kind = "image/jpeg" if "v=1" in str(request.url) else "text/html"
        return httpx.Response(200, content=b"jpeg", headers={"Content-Type": kind, "Cache-Control": "immutable"})

    photos = Photos("http://backend.test", httpx.MockTransport(backend))
    app = Starlette(routes=[Route("/photos/professional/{professional_id:uuid}/photo", photos.photo)])
    client = TestClient(app)
    path = "/photos/professional/6a0f9b53-46a4-4b83-9a56-0d9a1f6b0a11/photo"
    good = client.get(path, params={"v": "1"})
    assert (good.content, good.headers["content-type"], good.headers["cache-control"]) == (
        b"jpeg",
        "image/jpeg",
        "immutable",
    )
    assert client.get(path, params={"v": "2"}).status_code == 404
    assert client.get("/photos/professional/..%2f..%2fadmin/photo").status_code == 404
    assert asked == [f"http://backend.test{path.removeprefix('/photos')}?v={v}" for v in (1, 2)]
