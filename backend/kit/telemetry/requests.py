"""One line and one figure for each request, and an id that its answer and every line logged for it carry."""

import logging
import re
import time
import uuid

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.kit.telemetry.context import begin_request, end_request
from backend.kit.telemetry.metrics import REQUEST_SECONDS, REQUESTS, WEBHOOK_FAILURES

logger = logging.getLogger(__name__)

REQUEST_ID = "X-Request-Id"
_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_NO_ROUTE = "none"
_WATCHED = ("/health", "/ready")
"""Asked every few seconds by whoever watches: no line, unless it goes wrong."""


class RequestLogMiddleware:
    """Around everything else. A proxy's id is kept where it has the form of one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _given_id(scope) or uuid.uuid4().hex
        token = begin_request(request_id)
        began, status = time.perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            _note(scope, status, time.perf_counter() - began)
            end_request(token)


def _note(scope: Scope, status: int, took_s: float) -> None:
    method, route = scope["method"], _route_of(scope)
    REQUESTS.labels(method, route, status).inc()
    REQUEST_SECONDS.labels(method, route).observe(took_s)
    if "webhook" in route and status >= 400:
        WEBHOOK_FAILURES.labels(route).inc()
    if status < 400 and route in _WATCHED:
        return
    # The path and nothing behind it: a query may hold what somebody searched for.
    logger.info(
        "%s %s %d", method, scope["path"][:200], status, extra={"route": route, "took_ms": round(took_s * 1000, 1)}
    )


def _given_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _ID.fullmatch(said := value.decode("latin-1")):
            return str(said)
    return ""


def _route_of(scope: Scope) -> str:
    """The template of the route that answered: `/sessions/{booking_id}`."""
    path = getattr(scope.get("route"), "path_format", None) or getattr(scope.get("route"), "path", None)
    return str(path) if path else _NO_ROUTE
