"""Bytes <-> typed results, without I/O: what a request looks like and what an answer means."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from app.api.models import Cancellation, FreeSlot, Note, WireModel
from app.errors import AppError, NotSignedIn, Problem, Unavailable

ModelT = TypeVar("ModelT", bound=BaseModel)
Query = dict[str, str | int]
OnBytes = Callable[[int], None]
"""Is called with how many bytes of a file there are so far."""

UNREADABLE = "This app could not read the answer from Rendezvous. It may need an update."
_INSTANT: TypeAdapter[datetime] = TypeAdapter(datetime)
_FREE_SLOTS: TypeAdapter[tuple[FreeSlot, ...]] = TypeAdapter(tuple[FreeSlot, ...])
_WORDS_BY_STATUS = {
    403: "That is not possible with this account.",
    404: "This no longer exists.",
    413: "That is too large.",
    429: "Too many attempts. Wait a moment and try again.",
}


@dataclass(frozen=True)
class Request:
    """One request before it is sent. `body` becomes JSON, `file` goes as it is; `on_bytes` hears how much of `file` has
    left, and without one how much of the answer has come. `safe` says that repeating it does no harm, which
    `repeatable` promises for a request that the backend answers alike when it has been carried out already.
    """

    method: str
    path: str
    query: Query = field(default_factory=dict)
    body: dict[str, Any] | None = field(default=None, repr=False)
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    photo: tuple[bytes, str] | None = field(default=None, repr=False)
    file: bytes | None = field(default=None, repr=False)
    on_bytes: OnBytes | None = None
    repeatable: bool = False

    @property
    def safe(self) -> bool:
        """GET, a repeatable request, or one whose Idempotency-Key makes the backend give the stored answer."""
        return self.method == "GET" or self.repeatable or "Idempotency-Key" in self.headers

    def query_given(self) -> Query:
        """The query without what was left open (empty strings)."""
        return {name: value for name, value in self.query.items() if value != ""}


def decimal_price(price_minor: int) -> str:
    """4500 -> "45.00", as prices stand on the wire."""
    return f"{price_minor // 100}.{price_minor % 100:02d}"


def read_answer(model: type[ModelT], content: bytes) -> ModelT:
    """The typed result of a good answer (`raise_for_error` has passed it). Raises AppError if it cannot be read."""
    try:
        return model.model_validate_json(content)
    except ValidationError:
        raise AppError(UNREADABLE) from None  # the cause would carry the answer's content into a log


def raise_for_error(status: int, content: bytes) -> None:
    """Raises what an error answer means; does nothing for 2xx."""
    if 200 <= status < 300:
        return
    answer = _object(content)
    error = str(answer.get("error") or "")
    detail = str(answer.get("detail") or _WORDS_BY_STATUS.get(status, "That did not work. Please try again."))
    if status == 401 and error in ("", "NotSignedIn"):
        raise NotSignedIn
    if status in (502, 503, 504):
        raise Unavailable(str(answer.get("detail") or "Rendezvous is not available at the moment. Try again shortly."))
    wait_s = _whole_number(answer.get("retry_after_s"))
    raise Problem(
        error or f"Http{status}",
        status,
        _with_wait(detail, wait_s) if status == 429 else detail,
        fields=_texts(answer.get("fields")),
        next_free=_slots(answer.get("next_free")),
        opens_at=_instant(answer.get("opens_at")),
        retry_after_s=wait_s,
        cancellation=_model(Cancellation, answer.get("cancellation")),
        note=_model(Note, answer.get("note")),
    )


def _with_wait(detail: str, wait_s: int | None) -> str:
    """With how long to wait, where the words do not name it: whoever was refused has to know when to come again."""
    if not wait_s or any(letter.isdigit() for letter in detail):
        return detail
    minutes = -(-wait_s // 60)
    return f"{detail} Try again in {minutes} minute{'' if minutes == 1 else 's'}."


def read_server_time(value: str | None) -> datetime | None:
    """The `X-Server-Time` header as aware UTC; None when it is absent or unreadable."""
    return _instant(value)


def _object(content: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(content)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _texts(value: object) -> dict[str, str]:
    return {str(name): str(text) for name, text in value.items()} if isinstance(value, dict) else {}


def _slots(value: object) -> tuple[FreeSlot, ...]:
    try:
        return _FREE_SLOTS.validate_python(value) if value else ()
    except ValidationError:
        return ()


def _model(model: type[WireModel], value: object) -> WireModel | None:
    try:
        return model.model_validate(value) if value else None
    except ValidationError:
        return None


def _instant(value: object) -> datetime | None:
    try:
        instant = _INSTANT.validate_python(value) if value else None
    except ValidationError:
        return None
    return instant.astimezone(UTC) if instant and instant.tzinfo else None


def _whole_number(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
