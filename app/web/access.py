"""Who may ask for pages here, and what a page may do: allowed hosts, the socket's origin, the headers of every answer.

Sources: Content Security Policy Level 3, Fetch (Cross-Origin-Resource-Policy), Permissions Policy, all of the W3C or
WHATWG. `'wasm-unsafe-eval'` lets Flutter compile WebAssembly and nothing else; Flutter sets styles itself, inline, and
starts its drawing thread from a blob.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
SOURCES = {
    "default-src": "'none'",
    "script-src": "'self' 'wasm-unsafe-eval'",
    "worker-src": "'self' blob:",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self'",
    "media-src": "'self' blob:",
    "manifest-src": "'self'",
    "base-uri": "'self'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def host_name(host: str) -> str:
    """The name of a Host header, without the port; an IPv6 address in its brackets."""
    return host[: host.index("]") + 1] if host.startswith("[") and "]" in host else host.partition(":")[0]


def content_policy(host: str) -> str:
    """What a page from that host may load: all of it from that host alone. Older Safaris do not count the socket as
    'self' (CSP 3, 6.7.2.8), so it is named.
    """
    connect = f"'self' ws://{host} wss://{host}"
    return "; ".join(f"{name} {value}" for name, value in {**SOURCES, "connect-src": connect}.items())


class Access:
    """ASGI middleware. A host that is not ours is refused (DNS rebinding), and so is another origin's socket."""

    def __init__(self, app: ASGIApp, hosts: Sequence[str]) -> None:
        self._app = app
        self._hosts = frozenset(name.lower() for name in (*LOOPBACK, *hosts))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if host_name(host).lower() not in self._hosts:
            await self._refuse(scope, receive, send)
        elif scope["type"] == "websocket":
            same = urlsplit(headers.get("origin", "")).netloc == host
            await (self._app if same else self._refuse)(scope, receive, send)
        else:
            await self._app(scope, receive, _with_headers(send, content_policy(host)))

    @staticmethod
    async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        await PlainTextResponse("There is no such site here.", 421)(scope, receive, send)


def _with_headers(send: Send, policy: str) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["Content-Security-Policy"] = policy
            for name, value in HEADERS.items():
                headers[name] = value
        await send(message)

    return sending
