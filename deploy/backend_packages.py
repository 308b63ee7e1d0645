"""Prints what the backend needs of pyproject.toml, one requirement a line: its own, and what it shares with the app."""

import sys
import tomllib
from pathlib import Path

SHARED = ("pydantic", "pydantic-settings", "tzdata")


def packages(pyproject: str) -> list[str]:
    """The requirements, from the text of pyproject.toml."""
    project = tomllib.loads(pyproject)["project"]
    shared = [line for line in project["dependencies"] if line.split(">")[0].split("=")[0] in SHARED]
    return [*shared, *project["optional-dependencies"]["backend"]]


if __name__ == "__main__":
    sys.stdout.write("\n".join(packages(Path(sys.argv[1]).read_text())) + "\n")
