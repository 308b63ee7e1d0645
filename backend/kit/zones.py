"""IANA time zones by name."""

from functools import cache
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field


@cache
def _known() -> frozenset[str]:
    return frozenset(available_timezones() - {"localtime", "posixrules", "Factory"})


def zone_named(name: str) -> ZoneInfo:
    """The zone; ValueError (its text is for people) where IANA does not know the name."""
    if name not in _known():
        raise ValueError("This is not a known time zone.")
    return ZoneInfo(name)


def _checked(name: str) -> str:
    return zone_named(name).key


ZoneName = Annotated[
    str,
    Field(json_schema_extra={"format": "iana-time-zone", "minLength": 1}, examples=["Europe/Berlin"]),
    AfterValidator(_checked),
]
"""A field or parameter that must name an IANA zone."""
