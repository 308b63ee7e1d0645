"""`make package`: the desktop app as one folder that needs no Python, by PyInstaller, with the backend's address."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

from tools import environment
from tools.console import Step, Trouble
from tools.paths import HOME, ROOT

PYINSTALLER = "6.22.3"
FOLDER = HOME / f"pyinstaller-{PYINSTALLER}"
BUILT = ROOT / "build" / "package"
PROGRAM = BUILT / "rendezvous" / ("rendezvous.exe" if os.name == "nt" else "rendezvous")
BUILD_FILE = ROOT / "assets" / "build.json"
ADDRESS = "RENDEZVOUS_API_URL"


def bake() -> int:
    """Writes the backend's address from RENDEZVOUS_API_URL where a packaged app reads it; without one, none is left."""
    url = os.environ.get(ADDRESS, "").rstrip("/")
    BUILD_FILE.unlink(missing_ok=True)
    if not url:
        print(f"{ADDRESS} is not set: the app will look for a backend on its own machine.")
        return 0
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Trouble(f"{ADDRESS}: use an address such as https://rendezvous.example.com.")
    BUILD_FILE.write_text(json.dumps({"api_url": url}) + "\n", "utf-8")
    print(f"The app will speak to {url}; on its sign-in screen another one can be chosen.")
    return 0


def package() -> int:
    """Builds `build/package/rendezvous`, starts it once and says how large it is. Raises `Trouble` where that fails."""
    environment.ensure()
    _have_pyinstaller()
    bake()
    try:
        _build()
    finally:
        BUILD_FILE.unlink(missing_ok=True)
    _start_once()
    files = [path for path in PROGRAM.parent.rglob("*") if path.is_file() and not path.is_symlink()]
    size = sum(path.stat().st_size for path in files) / 1_000_000
    print(f"{PROGRAM.parent} holds {len(files)} files, {size:.0f} MB. Start it by {PROGRAM}.")
    return 0


def _have_pyinstaller() -> None:
    """Beside the environment, not in it: what is packaged is what the lock file names."""
    if (FOLDER / "PyInstaller").exists():
        return
    with Step(f"Fetching PyInstaller {PYINSTALLER}"):
        words = ("-m", "pip", "install", "-q", "--disable-pip-version-check", "--target", str(FOLDER))
        done = subprocess.run(
            environment.command(*words, f"pyinstaller=={PYINSTALLER}"), capture_output=True, text=True
        )
        if done.returncode:
            shutil.rmtree(FOLDER, ignore_errors=True)
            raise Trouble(f"PyInstaller could not be fetched:\n{done.stderr[-800:]}")


def _build() -> None:
    log = BUILT.with_suffix(".log")
    log.parent.mkdir(parents=True, exist_ok=True)
    words = ("-m", "PyInstaller", "--noconfirm", "--log-level=WARN", "--distpath", str(BUILT))
    spec = str(ROOT / "tools" / "rendezvous.spec")
    command = environment.command(*words, "--workpath", str(BUILT.with_suffix(".work")), spec)
    with Step("Packaging the app"), log.open("w", encoding="utf-8") as out:
        done = subprocess.run(
            command, env={**os.environ, "PYTHONPATH": str(FOLDER)}, stdout=out, stderr=subprocess.STDOUT
        )
    if done.returncode:
        raise Trouble(f"The app could not be packaged; {log} says why.")


def _start_once() -> None:
    """It loads each of its parts and says which one is missing; then it shows its page."""
    with Step("Starting it once"):
        done = subprocess.run([str(PROGRAM), "--check"], capture_output=True, text=True, timeout=120, cwd=Path.home())
        if done.returncode:
            raise Trouble(f"The packaged app lacks parts:\n{(done.stdout + done.stderr)[-800:]}")
        _see_its_page()


def _see_its_page() -> None:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"RENDEZVOUS_VIEW": "web", "RENDEZVOUS_PORT": str(port), "FLET_FORCE_WEB_SERVER": "true"}
    app = subprocess.Popen([str(PROGRAM)], env={**os.environ, **settings}, stdout=subprocess.DEVNULL)
    try:
        for _ in range(120):
            with suppress(OSError), urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
                if b"Rendezvous" in answer.read():
                    return
            time.sleep(0.5)
        raise Trouble("The packaged app does not show its page.")
    finally:
        app.terminate()
        app.wait(30)


if __name__ == "__main__":
    sys.exit(package())
