"""Countries by name and by zone, from the tables of the IANA time zone database. Pure: codes are ISO 3166-1 alpha-2."""

from collections.abc import Collection, Sequence
from functools import cache
from importlib.resources import files


def country_choices(codes: Collection[str]) -> Sequence[tuple[str, str]]:
    """Code and name, by name; a code that the tables do not know is its own name."""
    names = _names()
    return sorted(((code, names.get(code, code)) for code in codes), key=lambda choice: choice[1].casefold())


def country_of_zone(zone: str, codes: Collection[str]) -> str:
    """The country that a zone is in, if it is one of `codes`; else empty."""
    code = _countries().get(zone, "")
    return code if code in codes else ""


@cache
def _names() -> dict[str, str]:
    return dict((code, name) for code, name, *_ in _rows("iso3166.tab"))


@cache
def _countries() -> dict[str, str]:
    """By zone, also by names of former times, which browsers still report: `Asia/Calcutta` for `Asia/Kolkata`."""
    countries = {zone: code for code, _, zone, *_ in _rows("zone.tab")}
    links = (line.split() for line in _lines("tzdata.zi") if line.startswith("L "))
    return {alias: countries[zone] for _, zone, alias in links if zone in countries} | countries


def _rows(table: str) -> list[list[str]]:
    return [line.split("\t") for line in _lines(table) if line and not line.startswith("#")]


def _lines(table: str) -> list[str]:
    return files("tzdata").joinpath("zoneinfo", table).read_text("utf-8").splitlines()
