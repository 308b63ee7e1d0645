"""Installed apps say their version with each request; one that is too old is told to update, in words."""

import re

from starlette.types import Scope

from backend.kit.errors import BusinessError

APP_VERSION = "X-Rendezvous-App"
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


def refused_version(scope: Scope, oldest: str) -> UpdateRequired | None:
    """Why this request is not served. A browser, and whoever else names no version or none that can be read, is no
    installed app.
    """
    if not oldest:
        return None
    for name, value in scope["headers"]:
        if name == b"x-rendezvous-app" and _VERSION.fullmatch(value):
            return UpdateRequired() if parsed(value.decode()) < parsed(oldest) else None
    return None
