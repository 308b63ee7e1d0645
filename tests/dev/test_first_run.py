"""The first run on a new machine: packages by uv, and calls that come when their server is built."""

import subprocess
from pathlib import Path

import pytest

from tests.waiting import eventually
from tools import calls, environment, golang, livekit
from tools.console import Trouble
from tools.processes import Programs


@pytest.fixture
def new_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No LiveKit server anywhere, folders of its own; returns where progress is noted."""
    monkeypatch.delenv("RENDEZVOUS_LIVEKIT_SERVER", raising=False)
    monkeypatch.setattr("tools.livekit.shutil.which", lambda _name: None)
    monkeypatch.setattr(livekit, "CACHED", tmp_path / "livekit-server")
    monkeypatch.setattr(livekit, "KEYS_FILE", tmp_path / "keys.json")
    for module in (livekit, calls):
        monkeypatch.setattr(module, "HOME", tmp_path)
    monkeypatch.setattr(calls, "PREPARING", tmp_path / "preparing.txt")
    return tmp_path / "preparing.txt"


def test_how_far_the_call_server_is_can_be_read_until_it_is_built_and_then_it_is_started(
    new_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go = new_machine.with_name("let-go")
    started: list[str] = []

    def build(_program: golang.Program, target: Path, progress: object) -> None:
        progress("compiled 7 of about 800 packages")  # type: ignore[operator]  # the builder's own callback
        eventually(let_go.exists, "the test lets the build end")
        target.touch()

    monkeypatch.setattr(golang, "build_beside", build)
    monkeypatch.setattr(calls.Calls, "_start", lambda _self, _programs: started.append("livekit"))
    coming, programs = calls.Calls(), Programs()
    coming.choose_ports(set(), "http://127.0.0.1:1/livekit/webhook")
    eventually(lambda: not coming.come(programs) and new_machine.read_text().startswith("compiled 7"), "it is noted")
    assert not coming.are_there
    assert not started
    let_go.touch()
    eventually(lambda: coming.come(programs), "it is started")
    assert coming.are_there
    assert started == ["livekit"]
    assert not new_machine.exists()
    assert not coming.come(programs)  # once


def test_a_call_server_that_cannot_be_built_ends_the_run_with_the_reason(
    new_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(*_: object) -> None:
        raise Trouble("no network")

    monkeypatch.setattr(golang, "build_beside", build)
    coming = calls.Calls()
    with pytest.raises(Trouble, match="no network"):
        eventually(lambda: coming.come(Programs()), "it fails")


def test_uv_is_told_where_pip_takes_packages_from() -> None:
    said = "\n".join(
        (
            ":env:.find-links='/a/wheels'",
            "global.cert='/a/cert.pem'",
            "global.index-url='https://index.test/simple'",
            "global.extra-index-url='https://one.test\\nhttps://two.test'",
            "global.timeout='60'",
            "install.no-index='true'",
        )
    )
    options, cert = environment.uv_options(said)
    assert cert == "/a/cert.pem"
    assert options == [
        *("--find-links", "/a/wheels"),
        *("--index-url", "https://index.test/simple"),
        *("--extra-index-url", "https://one.test", "--extra-index-url", "https://two.test"),
        "--no-index",
    ]


def test_where_uv_cannot_be_had_pip_installs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = tmp_path / "lock"
    lock.write_text("one==1\ntwo==2\n")
    monkeypatch.setattr(environment, "_install_by_uv", lambda _lock: False)
    asked: list[list[str]] = []

    class Pip(subprocess.Popen[str]):
        def __init__(self, words: list[str], **options: object) -> None:
            asked.append(words)
            super().__init__(["echo", "Collecting one"], stdout=subprocess.PIPE, text=True)

    monkeypatch.setattr("tools.environment.subprocess.Popen", Pip)
    environment._install(lock)
    assert asked[0][-2:] == ["-r", str(lock)]
