"""What dev.py does to the machine, tried on the real thing where that is quick."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from backend.kit.database import Database
from backend.migrations import current_revision, newest_revision
from tests.waiting import eventually
from tools import calls, environment, livekit, machine, running, testing
from tools.console import Trouble
from tools.processes import Programs, alive, free_port

ROOT = Path(__file__).resolve().parents[2]
SLEEPER = [sys.executable, "-c", "import time; print('here', flush=True); time.sleep(600)"]


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing here touches the project's own run-time folder."""
    monkeypatch.setattr(livekit, "HOME", tmp_path)
    monkeypatch.setattr(livekit, "KEYS_FILE", tmp_path / "keys.json")
    monkeypatch.setattr("tools.processes.LOGS", tmp_path / "logs")
    monkeypatch.setattr(running, "RUN_FILE", tmp_path / "run.json")
    return tmp_path


def test_keys_are_made_once_long_enough_and_readable_for_this_person_alone(own_folder: Path) -> None:
    first = livekit.keys()
    assert livekit.keys() == first
    assert len(first.secret) >= 32
    assert stat.S_IMODE((own_folder / "keys.json").stat().st_mode) == 0o600


def test_the_secret_is_not_shown_when_keys_are_printed() -> None:
    made = livekit.keys()
    assert made.secret not in repr(made)


def test_livekit_listens_on_loopback_only_makes_no_room_by_itself_and_tells_the_backend_who_comes(
    own_folder: Path,
) -> None:
    path = own_folder / "livekit.json"
    livekit.write_config(path, livekit.Keys("k", "s" * 32), 7880, 7881, 7882, "http://127.0.0.1:8700/livekit/webhook")
    config = json.loads(path.read_text())
    assert config["bind_addresses"] == ["127.0.0.1"]
    assert config["room"]["auto_create"] is False
    assert config["webhook"] == {"api_key": "k", "urls": ["http://127.0.0.1:8700/livekit/webhook"]}
    assert config["rtc"]["node_ip"] == "127.0.0.1"
    assert config["rtc"]["stun_servers"] == ["127.0.0.1:3478"]  # Firefox gives up at ports of other services
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_taken_port_gives_the_next_free_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port, set()) > port


def test_two_parts_of_a_run_never_get_the_same_port() -> None:
    given: set[int] = set()
    assert len({free_port(42_700, given), free_port(42_700, given)}) == 2


def test_stopping_ends_what_was_started_and_nothing_else() -> None:
    bystander = subprocess.Popen(SLEEPER, stdout=subprocess.DEVNULL)
    programs = Programs()
    mine = programs.start("mine", SLEEPER, os.environ)
    programs.wait_for(mine, lambda: "here" in mine.last_words(), 20)
    programs.stop()
    assert mine.process.poll() is not None
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


@pytest.mark.skipif(sys.platform == "win32", reason="groups of processes are POSIX's")
def test_the_window_of_a_program_that_was_killed_is_ended_with_the_rest() -> None:
    opens_a_window = (
        "import subprocess, sys, time\nw = subprocess.Popen({!r})\nprint(w.pid, flush=True)\ntime.sleep(600)"
    )
    programs = Programs()
    app = programs.start("app", [sys.executable, "-c", opens_a_window.format(SLEEPER)], os.environ)
    programs.wait_for(app, lambda: bool(app.last_words().split()), 20)
    window = int(app.last_words().split()[0])
    app.process.kill()
    app.process.wait()
    assert alive(window)
    programs.stop()
    eventually(lambda: not alive(window) or _is_zombie(window), "the window is gone", limit_s=20)


def test_a_program_that_fails_to_start_is_told_with_its_last_words() -> None:
    programs = Programs()
    broken = programs.start("broken", [sys.executable, "-c", "raise SystemExit('no such luck')"], os.environ)
    with pytest.raises(Trouble, match="no such luck"):
        programs.wait_for(broken, lambda: False, 20)


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux' own")
def test_nothing_is_left_behind_when_dev_py_itself_is_killed() -> None:
    script = (
        "import os, sys, time\nfrom tools.processes import Programs\n"
        f"p = Programs().start('child', {SLEEPER!r}, os.environ)\nprint(p.process.pid, flush=True)\ntime.sleep(600)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=ROOT, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    eventually(lambda: not alive(child) or _is_zombie(child), "the child ends with its parent", limit_s=20)


def _is_zombie(pid: int) -> bool:
    """Ended, but not yet collected by whoever inherited it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_a_second_run_is_refused_while_the_first_lives(own_folder: Path) -> None:
    people = [{"app_url": "http://127.0.0.1:8550"}]
    (own_folder / "run.json").write_text(json.dumps({"pid": os.getpid(), "people": people}))
    with pytest.raises(Trouble, match="already runs"):
        running._refuse_a_second_run()


def test_what_a_killed_run_left_is_cleared_away(own_folder: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (own_folder / "run.json").write_text(json.dumps({"pid": ended.pid, "people": []}))
    running._refuse_a_second_run()
    assert not (own_folder / "run.json").exists()


def test_the_database_is_migrated_by_the_command_that_a_release_uses_and_one_that_cannot_be_is_said(
    tmp_path: Path,
) -> None:
    settings = os.environ | {"RENDEZVOUS_DEMO": "1", "DATABASE_URL": f"sqlite:///{tmp_path / 'demo.db'}"}
    running.migrate(settings)
    database = Database(settings["DATABASE_URL"])
    assert current_revision(database) == newest_revision()
    database.dispose()
    with pytest.raises(Trouble, match=r"^The database cannot be used: .*Check DATABASE_URL\.$"):
        running.migrate(settings | {"DATABASE_URL": f"sqlite:///{tmp_path / 'demo.db' / 'x.db'}"})


def test_half_an_address_of_a_livekit_elsewhere_names_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEKIT_URL", "wss://example.invalid")
    monkeypatch.delenv("LIVEKIT_API_KEY", raising=False)
    monkeypatch.delenv("LIVEKIT_API_SECRET", raising=False)
    with pytest.raises(Trouble, match="LIVEKIT_API_KEY, LIVEKIT_API_SECRET"):
        calls.livekit_elsewhere()


def test_a_named_livekit_server_that_is_not_there_is_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RENDEZVOUS_LIVEKIT_SERVER", "/nowhere/livekit-server")
    with pytest.raises(Trouble, match="/nowhere/livekit-server"):
        livekit.server()


def test_missing_portaudio_is_one_sentence_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(machine, "PORTAUDIO", machine.SystemPart("libportaudio2", lambda: False, "sound"))
    assert "apt-get install libportaudio2" in str(machine.sound_trouble())


def test_a_program_that_we_start_keeps_its_bytecode_outside_the_source(
    own_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)
    monkeypatch.setattr(environment, "BYTECODE", tmp_path / "bytecode")
    source = tmp_path / "source"
    source.mkdir()
    (source / "imported_by_a_test.py").write_text("A = 1\n")
    environment.keep_bytecode()
    subprocess.run([sys.executable, "-c", "import imported_by_a_test"], cwd=source, check=True)
    assert [path.name for path in source.iterdir()] == ["imported_by_a_test.py"]
    assert list((tmp_path / "bytecode").rglob("imported_by_a_test.*.pyc"))


def test_lock_files_carry_no_addresses_and_the_run_lock_is_part_of_the_test_lock() -> None:
    run_lock, test_lock = environment.RUN_LOCK.read_text(), environment.TEST_LOCK.read_text()
    assert "://" not in run_lock + test_lock
    pins = {line.partition(" ")[0] for line in test_lock.splitlines()}
    assert {line.partition(" ")[0] for line in run_lock.splitlines()} <= pins


def test_an_unknown_suite_is_refused_by_name() -> None:
    with pytest.raises(Trouble, match="no suite named sreens"):
        testing.run(["sreens"])


NOT_HERE = machine.SystemPart("postgresql", lambda: False, "the backend's tests")


@pytest.fixture
def no_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which nothing can be installed."""
    monkeypatch.setattr("tools.machine.shutil.which", lambda _name: None)


@pytest.mark.usefixtures("no_packages")
@pytest.mark.parametrize(("excusable", "code", "counted"), [(True, 0, "0 failed"), (False, 1, "1 failed")])
def test_a_suite_that_cannot_be_run_is_told_with_its_reason_and_fails_unless_excused(
    capsys: pytest.CaptureFixture[str], excusable: bool, code: int, counted: str
) -> None:
    result = testing._run_suite("unit-pg", testing.Suite(("tests/backend",), needs=(NOT_HERE,)), excusable=excusable)
    assert testing._report([result]) == code
    said = capsys.readouterr().out
    assert "NOT RUN: unit-pg. The tests need these, by their Debian names: postgresql" in said
    assert f"0 passed, {counted}, 1 not run" in said


@pytest.mark.usefixtures("no_packages")
def test_in_ci_every_suite_has_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(testing, "SUITES", {"unit-pg": testing.Suite(("tests/backend",), needs=(NOT_HERE,))})
    monkeypatch.setattr(testing, "REST", ("unit-pg",))
    monkeypatch.setattr(testing, "SERVERS", ())
    monkeypatch.setenv("CI", "true")
    assert testing.rest() == 1
    monkeypatch.delenv("CI")
    assert testing.rest() == 0
    assert testing.run(["unit-pg"]) == 1  # asked for by name


def test_the_end_of_the_log_names_each_failed_test_and_what_it_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(testing, "ROOT", tmp_path)
    (tmp_path / "test_two.py").write_text("def test_one():\n    assert 1 == 2\n\ndef test_other():\n    pass\n")
    result = testing._run_suite("two", testing.Suite((str(tmp_path / "test_two.py"),)), excusable=False)
    assert testing._report([result]) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("FAILED: two ")
    assert "test_two::test_one: assert 1 == 2" in last


def test_every_suite_is_quick_or_belongs_to_the_rest_and_each_folder_of_tests_is_in_one() -> None:
    assert sorted((*testing.QUICK, *testing.REST)) == sorted(testing.SUITES)
    folders = {folder for suite in testing.SUITES.values() for folder in suite.folders}
    there = {str(path.parent.relative_to(ROOT)) for path in (ROOT / "tests").glob("*/test_*.py")}
    assert there <= folders


def test_a_second_look_at_a_fitting_environment_takes_no_time() -> None:
    environment.ensure(tests=True)
    began = time.monotonic()
    environment.ensure(tests=True)
    assert time.monotonic() - began < 5  # far below any installation: nothing was installed
