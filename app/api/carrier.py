"""One person's connection to the backend: sends requests, reads answers, notices a sign-in that ended."""

import datetime as dt
from collections.abc import Callable
from typing import TypeVar

import httpx
from pydantic import BaseModel

from app.api.protocol import Request, raise_for_error, read_answer
from app.api.transport import Transport
from app.errors import NotSignedIn

ModelT = TypeVar("ModelT", bound=BaseModel)


class Carrier:
    """What every part of the client stands on; its token is one person's."""

    def __init__(
        self, base_url: str, transport: httpx.AsyncBaseTransport | None = None, token: str | None = None
    ) -> None:
        self._transport = Transport(base_url, transport, token)
        self._on_signed_out: Callable[[], object] = lambda: None
        self.photos_below = ""
        """Where the page's own server hands the backend's photos on; empty: they are asked of the backend itself."""

    @property
    def base_url(self) -> str:
        """The backend's address without a trailing slash."""
        return self._transport.base_url

    def use_base_url(self, base_url: str) -> None:
        """Speaks to another backend from now on; a token of the former one is forgotten."""
        if base_url.rstrip("/") != self.base_url:
            self._transport.use_base_url(base_url)
            self._transport.token = None

    @property
    def token(self) -> str | None:
        """The bearer token; None when nobody is signed in. For the sign-in store only."""
        return self._transport.token

    def use_token(self, token: str | None) -> None:
        """Takes a stored token, or forgets the present one."""
        self._transport.token = token

    def server_now(self) -> dt.datetime:
        """Now by the backend's clock (aware UTC), from the newest answer's X-Server-Time."""
        return dt.datetime.now(dt.UTC) + self._transport.clock_ahead

    def watch(self, on_reached: Callable[[bool], None], on_signed_out: Callable[[], object]) -> None:
        """`on_reached` hears after every request whether the backend answered; `on_signed_out` when it no longer takes
        the token (which is forgotten). Both are called inside the request's own task.
        """
        self._transport.on_reached = on_reached
        self._on_signed_out = on_signed_out

    def use_language(self, language: str) -> None:
        """Everything is asked in this language (a tag, BCP 47) from now on; empty: in none."""
        self._transport.language = language

    def use_device(self, name: str) -> None:
        """What the person knows this device by, such as "Firefox on Windows" (ASCII): a sign-in is listed as that."""
        self._transport.device = name

    def ask_for(self, visitor: str) -> None:
        """Everything is asked on behalf of whoever is at that network address."""
        self._transport.visitor = visitor

    def photo_url(self, path: str) -> str:
        """The address of a `photo_url` of the wire, which is a path below the backend's address: absolute, but in a
        browser, which is given all that it shows by the page's own server.
        """
        if self.photos_below:
            return f"{self.photos_below}/{path.lstrip('/')}"
        return path if "://" in path else f"{self.base_url}/{path.lstrip('/')}"

    async def close(self) -> None:
        """Closes the connections."""
        await self._transport.close()

    async def _get(self, model: type[ModelT], request: Request) -> ModelT:
        return read_answer(model, await self._content(request))

    async def _done(self, request: Request) -> None:
        await self._content(request)

    async def _content(self, request: Request) -> bytes:
        """The content of a good answer."""
        signed_in_as = self.token
        status, content = await self._transport.send(request)
        try:
            raise_for_error(status, content)
        except NotSignedIn:
            if signed_in_as and signed_in_as == self.token:  # not when another sign-in has begun meanwhile
                self.use_token(None)
                self._on_signed_out()
            raise
        return content
