"""What is refused by the head of a request alone: sizes that would take long to read, and apps that are too old."""

import re

from starlette.types import Scope

from backend.kit.errors import AddressTooLong, BusinessError, HeadersTooLarge, NotFound

_APP_VERSION = b"x-rendezvous-app"
_VERSION = re.compile(rb"\d{1,4}(?:\.\d{1,4}){0,3}")


class UpdateRequired(BusinessError):
    """RFC 9110, 15.5.22."""

    status = 426
    detail = "This version of Rendezvous is too old. Update the app to go on."


def parsed(version: str) -> tuple[int, ...]:
    """For comparing: `0.10` is newer than `0.9`, and `1` is `1.0`."""
    numbers = [int(part) for part in version.split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _refused_version(scope: Scope, oldest: str) -> UpdateRequired | None:
    """Why this request is not served. A browser, and whoever else names no version or none that can be read, is no
    installed app.
    """
    if not oldest:
        return None
    for name, value in scope["headers"]:
        if name == _APP_VERSION and _VERSION.fullmatch(value):
            return UpdateRequired() if parsed(value.decode()) < parsed(oldest) else None
    return None


MAX_ADDRESS_BYTES = 8 * 1024
MAX_HEADERS = 100
MAX_HEADER_BYTES = 32 * 1024


def refused_head(scope: Scope, oldest_app: str) -> BusinessError | None:
    """Why a request is not served, seen before anything reads more of it; None for one that is."""
    path = scope.get("raw_path") or scope["path"].encode("utf-8", "surrogateescape")
    if len(path) + len(scope["query_string"]) > MAX_ADDRESS_BYTES:
        return AddressTooLong()
    if "\0" in scope["path"]:
        return NotFound()  # and PostgreSQL cannot even be asked
    headers = scope["headers"]
    if len(headers) > MAX_HEADERS or sum(len(name) + len(value) for name, value in headers) > MAX_HEADER_BYTES:
        return HeadersTooLarge()
    return _refused_version(scope, oldest_app)
