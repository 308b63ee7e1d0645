"""The desktop client that the suite `desktop` shows the app in: the last one that PyPI carries, of an older Flet."""

import platform
import subprocess
import sys
import tarfile
import zipfile

from tools import environment
from tools.console import Step, Trouble
from tools.paths import HOME

VERSION = "0.82.2"
CLIENT = HOME / f"flet-{VERSION}" / "flet" / "flet"
ARCHIVE = "flet_desktop/app/flet-linux-amd64.tar.gz"


def ensure() -> None:
    """Fetches it once, into `.rendezvous`. Raises `Trouble` where there is none for this machine."""
    if CLIENT.exists():
        return
    if sys.platform != "linux" or platform.machine() != "x86_64":
        raise Trouble("The desktop client that the tests can have is for Linux on x86-64 only.")
    folder = CLIENT.parent.parent
    with Step(f"Fetching the desktop client {VERSION} (23 MB)"):
        words = ("-m", "pip", "download", "-q", "--no-deps", "--disable-pip-version-check", "--dest", str(folder))
        done = subprocess.run(
            environment.command(*words, f"flet-desktop-light=={VERSION}"), capture_output=True, text=True
        )
        if done.returncode:
            raise Trouble(f"The desktop client could not be fetched:\n{done.stderr[-800:]}")
        (wheel,) = folder.glob("*.whl")
        with (
            zipfile.ZipFile(wheel) as whole,
            whole.open(ARCHIVE) as archive,
            tarfile.open(fileobj=archive, mode="r|gz") as packed,
        ):
            packed.extractall(folder, filter="tar")
        wheel.unlink()
