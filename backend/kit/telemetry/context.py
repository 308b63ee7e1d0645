"""Which request is being handled, for every line that is logged meanwhile, in whichever thread."""

from contextvars import ContextVar, Token
from dataclasses import dataclass


@dataclass
class RequestContext:
    """`account_id` is empty until the person is known, and stays so for nobody."""

    request_id: str
    account_id: str = ""


# One object for the whole request: endpoints run in threads with a copy of the context, and see what others note in it.
_current: ContextVar[RequestContext | None] = ContextVar("request", default=None)


def begin_request(request_id: str) -> "Token[RequestContext | None]":
    """From now on this is the request that is handled here; `end_request` takes what this answers."""
    return _current.set(RequestContext(request_id))


def end_request(token: "Token[RequestContext | None]") -> None:
    """Nothing is handled here any more."""
    _current.reset(token)


def note_account(account_id: object) -> None:
    """The request at hand is this person's."""
    if (request := _current.get()) is not None:
        request.account_id = str(account_id)


def request_fields() -> dict[str, str]:
    """What a log line says of the request at hand; empty outside one."""
    request = _current.get()
    if request is None:
        return {}
    known = {"request_id": request.request_id, "account_id": request.account_id}
    return {name: value for name, value in known.items() if value}
