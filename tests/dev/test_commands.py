"""`pip install .` gives the commands `rendezvous` and `rendezvous-backend`, with everything that they read."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = "Scripts" if os.name == "nt" else "bin"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the product alone; the checkout stays as it is."""
    folder = tmp_path_factory.mktemp("installed")
    source = folder / "source"
    for name in ("app", "backend", "assets"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", source)
    venv = folder / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    python = venv / SCRIPTS / ("python.exe" if os.name == "nt" else "python")
    words = ["-m", "pip", "--python", str(python), "install", "-q", "--no-deps", "--disable-pip-version-check"]
    done = subprocess.run([sys.executable, *words, str(source)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return venv


def test_both_commands_are_there(installed: Path) -> None:
    assert shutil.which("rendezvous", path=str(installed / SCRIPTS))
    assert shutil.which("rendezvous-backend", path=str(installed / SCRIPTS))


def test_what_the_app_shows_and_loads_is_installed_with_it(installed: Path) -> None:
    assets = installed / "share" / "rendezvous" / "assets"
    there = {path.relative_to(assets) for path in assets.rglob("*") if path.is_file()}
    assert there == {path.relative_to(ROOT / "assets") for path in (ROOT / "assets").rglob("*") if path.is_file()}


def test_the_backend_without_its_own_packages_says_how_to_get_them(installed: Path) -> None:
    command = shutil.which("rendezvous-backend", path=str(installed / SCRIPTS))
    assert command
    done = subprocess.run([command], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "pip install" in done.stderr
