"""The app's version is written down twice, because a packaged app cannot ask for it."""

import tomllib

from app.settings import VERSION
from tools.paths import ROOT


def test_the_app_says_the_version_of_the_project() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION
