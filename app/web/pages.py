"""Hands the client's files out: the compressed form that the browser takes, kept for ever or asked for each time."""

import mimetypes
import re
from pathlib import Path, PurePosixPath

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from app.web.client_files import ENCODINGS, ClientFiles, page_for
from app.web.sealing import is_key, new_key

FOR_EVER = "public, max-age=31536000, immutable"
EACH_TIME = "no-cache"
KEY_LASTS_S = 400 * 24 * 3600  # the longest that browsers take (RFC 6265bis 5.5)
CHROMIUM = re.compile(r"Chrome/(119|1[2-9]\d|[2-9]\d\d)\.")
"""Browsers that take Flutter's WebAssembly build (Chromium 119 and later, whoever sells it; none on iOS). Only what the
page loads beforehand depends on it, so that a wrong guess costs time and breaks nothing.
"""
TYPES = {".mjs": "text/javascript", ".js": "text/javascript", ".wasm": "application/wasm", ".otf": "font/otf"}


def cookie_name(secure: bool) -> str:
    """By its prefix a browser holds it to this host and to https (RFC 6265bis 4.1.3.2)."""
    return "__Host-rendezvous" if secure else "rendezvous"


class Pages:
    """The page itself, and everything that it loads from this version."""

    def __init__(self, files: ClientFiles, secure: bool) -> None:
        self._files, self._secure = files, secure

    async def client(self, request: Request) -> Response:
        """Below /c/{digest}. Another digest is another version's: it is not here."""
        name = PurePosixPath(request.path_params["name"])
        if request.path_params["digest"] != self._files.digest or ".." in name.parts:
            return _missing()
        return self._file(request, str(name), FOR_EVER)

    async def service_worker(self, request: Request) -> Response:
        return self._file(request, "service-worker.js", EACH_TIME)

    async def manifest(self, request: Request) -> Response:
        return self._file(request, "manifest.json", EACH_TIME)

    async def page(self, request: Request) -> Response:
        """Every path that a person may have in the address bar; a file is none of them, but Flet asks for the app's own
        by the paths that windows know them by.
        """
        name = request.url.path.removeprefix("/")
        if PurePosixPath(name).suffix not in ("", ".html"):
            return self._file(request, name, EACH_TIME) if self._files.is_own(name) else _missing()
        browser = "chromium" if CHROMIUM.search(request.headers.get("user-agent", "")) else "others"
        response = self._file(request, page_for(browser), EACH_TIME, variant=browser)
        name = cookie_name(self._secure)
        if not is_key(request.cookies.get(name, "")):
            response.set_cookie(
                name, new_key(), KEY_LASTS_S, httponly=True, secure=self._secure, samesite="lax", path="/"
            )
        return response

    def _file(self, request: Request, name: str, keeping: str, variant: str = "") -> Response:
        """`variant` names what the answer depends on besides its encoding: the browser."""
        whole = self._files.folder / name
        if not whole.is_file():
            return _missing()
        encoding, sent = _form(whole, request.headers.get("accept-encoding", ""))
        tag = f'"{self._files.digest}{encoding}{variant}"'
        vary = "Accept-Encoding, User-Agent" if variant else "Accept-Encoding"
        headers = {"Cache-Control": keeping, "Vary": vary, "ETag": tag}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if encoding:
            headers["Content-Encoding"] = encoding
        kind = TYPES.get(whole.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        return FileResponse(sent, headers=headers, media_type=kind)


def _form(whole: Path, accepted: str) -> tuple[str, Path]:
    """The first form that the browser takes (RFC 9110 12.5.3; browsers send no weights of zero)."""
    words = {word.partition(";")[0].strip().lower() for word in accepted.split(",")}
    for encoding, ending in ENCODINGS:
        packed = whole.with_name(whole.name + ending)
        if encoding in words and packed.is_file():
            return encoding, packed
    return "", whole


def _missing() -> Response:
    return Response("There is no such file.", 404, {"Cache-Control": "no-store"}, "text/plain")
