"""Business errors: types that state the fact and carry their status. `render` alone gives them a shape."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict


class BusinessError(Exception):
    """A refusal that a person can understand: the class's name goes on the wire as `error`, `detail` is the sentence.

    `extra` is merged into the answer (`fields`, `next_free`, `opens_at` ...); its values must be JSON already.
    """

    status: ClassVar[int] = 409
    wire_name: ClassVar[str | None] = None
    """Where the name on the wire is another than the class's."""
    detail: str = "This is not possible now."

    def __init__(self, detail: str | None = None, *, extra: Mapping[str, Any] | None = None) -> None:
        if detail is not None:
            self.detail = detail
        self.extra: dict[str, Any] = dict(extra or {})
        super().__init__(self.detail)


class InvalidPayload(BusinessError):
    """What was sent is not valid; `fields` maps a field's name to a sentence about it."""

    status = 422
    detail = "Please check what you entered."

    def __init__(self, fields: Mapping[str, str] | None = None, detail: str | None = None) -> None:
        fields = dict(fields or {})
        super().__init__(detail or next(iter(fields.values()), None), extra={"fields": fields})


class NotFound(BusinessError):
    """It is not there, or not this person's to know of."""

    status = 404
    detail = "This does not exist."


class PayloadTooLarge(BusinessError):
    """More than the backend takes in one request."""

    status = 413
    detail = "This is too large. A photo may have up to 5 MB, a file up to 10 MB."


class AddressTooLong(BusinessError):
    """No address of this backend is that long (RFC 9110, 15.5.15)."""

    status = 414
    detail = "This address is too long."


class HeadersTooLarge(BusinessError):
    """More headers, or longer ones, than any client has reason to send (RFC 6585, 5)."""

    status = 431
    detail = "The request's headers are too large."


class TooManyAttempts(BusinessError):
    """A limit was reached; `retry_after_s` says in how many seconds trying again makes sense.

    `why` is a sentence about what was too much; the detail says in words how long to wait.
    """

    status = 429
    detail = "Too many attempts. Please try again a little later."

    def __init__(self, retry_after_s: int, why: str = "Too many attempts.", then: str = "Try again") -> None:
        super().__init__(f"{why} {then} in {wait_words(retry_after_s)}.", extra={"retry_after_s": retry_after_s})


class ServiceUnavailable(BusinessError):
    """Something that the backend stands on does not answer, or has too much to do; `retry_after_s` as above."""

    status = 503
    detail = "The service is not available at the moment. Please try again shortly."

    def __init__(self, detail: str | None = None, *, retry_after_s: int | None = None) -> None:
        super().__init__(detail, extra={} if retry_after_s is None else {"retry_after_s": retry_after_s})


class InternalError(BusinessError):
    """Nobody foresaw it; what it was is for the log alone."""

    status = 500
    detail = "Something went wrong on our side. Please try again."


class ErrorAnswer(BaseModel):
    """Every error's body; some carry more, such as `next_free` for a taken slot."""

    model_config = ConfigDict(extra="allow")

    error: str
    detail: str
    fields: dict[str, str] | None = None


def wait_words(seconds: int) -> str:
    """How long to wait, rounded up: "20 seconds", "4 minutes", "3 hours", "12 days"."""
    for name, length, beyond in (("day", 86_400, 2 * 86_400), ("hour", 3_600, 2 * 3_600), ("minute", 60, 60)):
        if seconds > beyond:
            return f"{-(-seconds // length)} {name}s"
    if seconds == 60:
        return "1 minute"
    return f"{seconds} second{'' if seconds == 1 else 's'}"


def render(error: BusinessError) -> dict[str, Any]:
    """The body of the answer to `error`."""
    return {"error": error.wire_name or type(error).__name__, "detail": error.detail, **error.extra}


def error_responses(*errors: type[BusinessError]) -> dict[int | str, dict[str, Any]]:
    """What an endpoint's `responses=` says about `errors` in the OpenAPI document: one entry a status, naming each."""
    found: dict[int | str, dict[str, Any]] = {}
    for error in errors:
        entry = found.setdefault(error.status, {"model": ErrorAnswer, "description": ""})
        line = f"`{error.__name__}`: {error.detail}"
        entry["description"] = f"{entry['description']}\n\n{line}".strip()
    return found
