"""Every operation of the OpenAPI document with requests that fit it and requests that do not, as everyone who may come.

Schemathesis runs all its checks: no fault of the server, documented statuses, headers, content types and bodies only,
bad payloads refused, good ones taken, unknown methods answered with 405 and `Allow`, no way around signing in.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from backend.auth.rules.sign_ins import sign_in_id
from backend.auth.service import token_digest
from tests.openapi.served import Served, served
from tests.stage.databases import start_databases

CASES = 100 if os.environ.get("RENDEZVOUS_SOAK") == "1" else 5
ANSWERED_WITHIN_S = 60
"""How long an answer may take on a slow machine that is busy; what hangs for good is found all the same."""
CONFIG = Path(__file__).parent / "schemathesis.toml"
UNKNOWN = "00000000-0000-4000-8000-000000000000"


def _config(served: Served, folder: Path) -> Path:
    """The committed one, with the ids of what there is: invented ones would all be answered with 404."""
    ids = {
        "session_id": [*served.sessions, UNKNOWN],
        "file_id": [served.file, UNKNOWN],
        "slot_id": [*served.slots, UNKNOWN],
        "professional_id": [served.professional.id, UNKNOWN],
        "sign_in": [
            *(str(sign_in_id(token_digest(each.token))) for each in (served.professional, served.user)),
            UNKNOWN,
        ],
    }
    dictionaries = "".join(f"[dictionaries.{name}]\nvalues = {values!r}\n" for name, values in ids.items())
    parameters = "".join(f'"{name}" = {{ dictionary = "{name}", probability = 0.8 }}\n' for name in ids)
    path = folder / "schemathesis.toml"
    path.write_text(f"{CONFIG.read_text()}\n[parameters]\n{parameters}\n{dictionaries}")
    return path


def _run(url: str, config: Path, headers: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    words = ["--config-file", str(config), "--no-color", "run", f"{url}/openapi.json", "--checks", "all"]
    words += ["--max-examples", str(CASES), "--warnings", "off", "--no-shrink"]
    words += ["--request-timeout", str(ANSWERED_WITHIN_S)]
    words += ["--suppress-health-check", "filter_too_much"]  # of a generator that had bad luck: no finding about us
    for name, value in headers.items():
        words += ["--header", f"{name}: {value}"]
    program = Path(sys.executable).with_name("schemathesis")
    return subprocess.run([program, *words], cwd=folder, capture_output=True, text=True)


def _found_wrong(said: str) -> str:
    """From the first failure on, so that the first words of a report name it."""
    begin = re.search(r"^=+ (ERRORS|FAILURES) =+\n", said, re.MULTILINE)
    return said[begin.end() :] if begin else said


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("who", ["professional", "user", "nobody"])
def test_every_check_holds_for_every_operation(who: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    databases = start_databases(tmp_path)
    with served(databases.new_database()) as backend:
        person = {"professional": backend.professional, "user": backend.user}.get(who)
        done = _run(backend.url, _config(backend, tmp_path), person.headers if person else {}, tmp_path)
    databases.stop()
    found = re.search(r"Tested: +(\d+)\n.*\n +(\d+ generated.*)\n", done.stdout, re.DOTALL)
    assert done.returncode == 0, _found_wrong(done.stdout)[-20_000:] + done.stderr[-2_000:]
    assert found is not None, done.stdout
    with capsys.disabled():
        print(f"\n{who:>12}: {found[1]} operations, all checks, {found[2]}")
