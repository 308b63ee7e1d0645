"""Prints what an image needs of pyproject.toml, one requirement a line: the backend (its own, and what it shares with
the app), or with `web` the app as it is served to browsers.
"""

import sys
import tomllib
from pathlib import Path

SHARED = ("babel", "pydantic", "pydantic-settings", "tzdata")


WEB = (*SHARED, "flet", "flet-web", "httpx", "brotli", "cryptography", "platformdirs", "tzlocal")


def packages(pyproject: str) -> list[str]:
    """The backend's requirements, from the text of pyproject.toml."""
    return [*_of_the_app(pyproject, SHARED), *tomllib.loads(pyproject)["project"]["optional-dependencies"]["backend"]]


def web_packages(pyproject: str) -> list[str]:
    """Those of the app as a page for browsers: without the call's, the window's and the keychain's."""
    return _of_the_app(pyproject, WEB)


def _of_the_app(pyproject: str, names: tuple[str, ...]) -> list[str]:
    lines: list[str] = tomllib.loads(pyproject)["project"]["dependencies"]
    return [line for line in lines if line.split(">")[0].split("=")[0] in names]


if __name__ == "__main__":
    chosen = web_packages if sys.argv[2:] == ["web"] else packages
    sys.stdout.write("\n".join(chosen(Path(sys.argv[1]).read_text())) + "\n")
