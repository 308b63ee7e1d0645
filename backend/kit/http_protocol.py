"""How much may come around a request's body: httptools itself has no limit, and keeps whatever is sent.

h11, which uvicorn takes where httptools is not installed, refuses a head of more than 64 KB by itself.
"""

import asyncio
from importlib.util import find_spec
from typing import Any

MAX_AROUND_BODY_BYTES = 64 * 1024
_CHUNK_FRAME = 8
"""Of a body that is sent in chunks, each byte may have this many around it."""


def http_protocol() -> "type[asyncio.Protocol] | str":
    """What uvicorn's `http` is to be."""
    return _bounded() if find_spec("httptools") else "h11"


def _bounded() -> type[asyncio.Protocol]:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

    class BoundedHttpTools(HttpToolsProtocol):
        """Closes a connection whose head, trailers or chunk extensions do not end."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._taken = self._of_body = 0

        def data_received(self, data: bytes) -> None:
            self._taken += len(data)
            super().data_received(data)
            around = self._taken - self._of_body - _CHUNK_FRAME * self._of_body
            if around > MAX_AROUND_BODY_BYTES and self.transport is not None and not self.transport.is_closing():
                self.send_400_response("Too much around the body.")

        def on_body(self, body: bytes) -> None:
            self._of_body += len(body)
            super().on_body(body)

        def on_message_complete(self) -> None:
            self._taken = self._of_body = 0
            super().on_message_complete()

    return BoundedHttpTools
