"""The files of the call page as `callpage/build.mjs` left them, and the headers that they go out with.

They are read once and kept: a few hundred kilobytes. A name in `assets/` carries the hash of its content, so it may be
kept for ever by whoever has it; the page itself is never kept.
"""

from pathlib import Path
from urllib.parse import urlsplit

from fastapi import Response

FOREVER = "public, max-age=31536000, immutable"
ENCODINGS = {"br": ".br", "gzip": ".gz"}
"""What is packed beforehand, the smallest first, and how its file ends."""
_KINDS = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".woff2": "font/woff2",
    ".svg": "image/svg+xml",
}
WORKER_POLICY = "encryption-worker"
"""The one policy of Trusted Types: it makes the address of the page's own worker (callpage/src/call/encryption.ts)."""
_ALLOWED = "camera=(self), microphone=(self), display-capture=(self), autoplay=(self), fullscreen=(self)"
_CLOUD = ".livekit.cloud"


class PageFiles:
    """One built page. `index` is None where it was not built."""

    def __init__(self, folder: Path) -> None:
        assets = folder / "assets"
        index = folder / "index.html"
        self.index = index.read_bytes() if index.is_file() else None
        self._assets = {path.name: path.read_bytes() for path in assets.glob("*")} if assets.is_dir() else {}

    def asset(self, name: str, accepted: str) -> Response | None:
        """One file, packed as the browser's Accept-Encoding (RFC 9110, 12.5.3) allows; None if there is none."""
        kind = _KINDS.get(Path(name).suffix)
        if kind is None or name not in self._assets:
            return None
        headers = {"Cache-Control": FOREVER, "Vary": "Accept-Encoding", "Cross-Origin-Resource-Policy": "same-origin"}
        for encoding, ending in ENCODINGS.items():
            if _accepts(accepted, encoding) and name + ending in self._assets:
                headers["Content-Encoding"] = encoding
                return Response(self._assets[name + ending], media_type=kind, headers=headers)
        return Response(self._assets[name], media_type=kind, headers=headers)


_read: dict[Path, PageFiles] = {}


def page_files(folder: Path) -> PageFiles:
    """The files in this folder, read once they are there: `make run` builds them beside everything else."""
    files = _read.get(folder)
    if files is None or files.index is None:
        files = _read[folder] = PageFiles(folder)
    return files


def page_headers(livekit_url: str) -> dict[str, str]:
    """The page may run its own files, and connect to us and to our media server, nothing else. Content Security Policy
    Level 3; Trusted Types keep text from ever becoming markup.
    """
    connected = " ".join(("'self'", *_media_server(livekit_url)))
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; media-src 'self'; "
        f"worker-src 'self'; connect-src {connected}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        f"require-trusted-types-for 'script'; trusted-types {WORKER_POLICY}"
    )
    return {
        "Content-Security-Policy": policy,
        "Permissions-Policy": f"{_ALLOWED}, geolocation=(), payment=(), usb=(), midi=()",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cache-Control": "no-store",
    }


def _media_server(url: str) -> list[str]:
    """As sources of a policy: signalling goes over a web socket, a failed join is looked into over HTTP. LiveKit Cloud
    sends clients on to a server of their region.
    """
    parts = urlsplit(url)
    secure = parts.scheme in ("wss", "https")
    schemes = ("wss", "https") if secure else ("ws", "http")
    host = parts.hostname or ""
    at = f"[{host}]" if ":" in host else host
    hosts = [f"{at}:{parts.port}" if parts.port else at] if host else []
    if host.endswith(_CLOUD):
        hosts.append(f"*{_CLOUD}")
    return [f"{scheme}://{each}" for each in hosts for scheme in schemes]


def _accepts(header: str, encoding: str) -> bool:
    """Whether the header names it, and not with a weight of nothing."""
    for part in header.lower().split(","):
        name, _, weight = part.partition(";")
        if name.strip() == encoding:
            return weight.strip().replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
