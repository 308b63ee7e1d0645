"""What the machine itself has to bring: system libraries and, for the tests, a browser and a sound server."""

import ctypes.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tools.console import Step, Trouble


@dataclass(frozen=True)
class SystemPart:
    """Something that no Python package can bring: its Debian package, and how to tell that it is there."""

    package: str
    present: Callable[[], bool]
    what_for: str


def _program(name: str) -> Callable[[], bool]:
    return lambda: shutil.which(name) is not None


def _library(name: str) -> Callable[[], bool]:
    return lambda: ctypes.util.find_library(name) is not None


def _drivers() -> bool:
    return any(Path("/usr/lib").glob("*-linux-gnu/dri/swrast_dri.so"))


def _alsa_pulse() -> bool:
    return any(
        (folder / "alsa-lib" / "libasound_module_pcm_pulse.so").exists()
        for top in (Path("/usr/lib"), Path("/usr/lib64"))
        for folder in (top, *top.glob("*-linux-gnu"))
    )


PORTAUDIO = SystemPart(
    "libportaudio2", lambda: ctypes.util.find_library("portaudio") is not None, "microphone and speaker"
)
POSTGRESQL = SystemPart(
    "postgresql", lambda: postgres_programs() is not None, "the backend's tests on PostgreSQL, a server of their own"
)
REDIS = SystemPart("redis-server", lambda: redis_program() is not None, "limits that are counted in Redis")
CADDY = SystemPart("caddy", lambda: caddy_program() is not None, "deploy/'s proxy, with certificates of its own")
NPM = SystemPart("npm", _program("npm"), "letters of every script for browsers")
CHROMIUM = SystemPart("chromium", _program("chromium"), "the browser journeys")
FIREFOX = SystemPart("firefox-esr", _program("firefox-esr"), "the call page in another browser")
XVFB = SystemPart("xvfb", _program("Xvfb"), "a screen without a monitor")
SOUND = (
    SystemPart("dbus-daemon", _program("dbus-daemon"), "RealtimeKit's bus"),
    SystemPart("polkitd", lambda: Path("/usr/lib/polkit-1/polkitd").exists(), "RealtimeKit's permissions"),
    SystemPart("rtkit", lambda: Path("/usr/libexec/rtkit-daemon").exists(), "RealtimeKit: sound goes first"),
    PORTAUDIO,
    SystemPart("pulseaudio", _program("pulseaudio"), "virtual sound cards"),
    SystemPart("pulseaudio-utils", _program("parec"), "listening to virtual sound cards"),
    SystemPart("libasound2-plugins", _alsa_pulse, "PortAudio on virtual sound cards"),
)
DESKTOP = (
    *SOUND,
    XVFB,
    SystemPart("openbox", _program("openbox"), "a window manager"),
    SystemPart("xdotool", _program("xdotool"), "keys"),
    SystemPart("wmctrl", _program("wmctrl"), "finding and closing windows"),
    SystemPart("imagemagick", _program("import"), "pictures of windows"),
    SystemPart("at-spi2-core", lambda: Path("/usr/libexec/at-spi-bus-launcher").exists(), "what a screen reader reads"),
    SystemPart("gnome-keyring", _program("gnome-keyring-daemon"), "a keychain"),
    SystemPart("libgtk-3-0", _library("gtk-3"), "the client's windows"),
    SystemPart("libsecret-1-0", _library("secret-1"), "the client"),
    SystemPart("libgl1-mesa-dri", _drivers, "drawing without a graphics card"),
    SystemPart("libegl1", _library("EGL"), "the client's drawing"),
)


def postgres_programs() -> Path | None:
    """The folder of PostgreSQL's `initdb` and `postgres`, the newest; None where it is not installed.

    RENDEZVOUS_POSTGRES_BIN may name it. Debian keeps these two off PATH.
    """
    if named := os.environ.get("RENDEZVOUS_POSTGRES_BIN"):
        return Path(named)
    versions = (folder for folder in Path("/usr/lib/postgresql").glob("*/bin") if folder.parent.name.isdecimal())
    debian = sorted(versions, key=lambda folder: int(folder.parent.name))
    on_path = shutil.which("initdb")
    folders = [*reversed(debian), *([Path(on_path).resolve().parent] if on_path else [])]
    return next(
        (folder for folder in folders if all((folder / name).exists() for name in ("initdb", "postgres"))), None
    )


def redis_program() -> str | None:
    """Redis's server, which RENDEZVOUS_REDIS_SERVER may name; None where it is not installed."""
    return os.environ.get("RENDEZVOUS_REDIS_SERVER") or shutil.which("redis-server")


def caddy_program() -> str | None:
    """The proxy of deploy/, which RENDEZVOUS_CADDY may name; None where it is not installed."""
    return os.environ.get("RENDEZVOUS_CADDY") or shutil.which("caddy")


def sound_trouble() -> str | None:
    """One sentence when the call would be without sound on this machine, else None. Only Linux lacks PortAudio."""
    if sys.platform != "linux" or PORTAUDIO.present():
        return None
    return (
        "Calls will have no sound: the system library libportaudio2 is missing. "
        "Install it (Debian, Ubuntu: sudo apt-get install libportaudio2; Fedora: sudo dnf install portaudio), "
        "then start again."
    )


def camera_is_missing() -> bool:
    """Whether there is surely no camera. Only Linux can tell without opening one: Video4Linux's devices are files."""
    return sys.platform == "linux" and not any(Path("/dev").glob("video*"))


def ensure(parts: tuple[SystemPart, ...]) -> None:
    """Installs parts of the system where that is possible (Debian, root), else says how.

    Raises `Trouble` naming the command to type.
    """
    missing = [part for part in parts if not part.present()]
    if not missing:
        return
    names = [part.package for part in missing]
    if sys.platform != "linux" or shutil.which("apt-get") is None:
        wants = ", ".join(f"{part.package} ({part.what_for})" for part in missing)
        raise Trouble(f"The tests need these, by their Debian names: {wants}. Install them and run the command again.")
    if os.geteuid() != 0:
        raise Trouble(f"The tests need packages. Type: sudo apt-get install --no-install-recommends {' '.join(names)}")
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    with Step(f"Installing system packages: {' '.join(names)}"):
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *names]
        for words in (["apt-get", "update", "-qq"], install):
            done = subprocess.run(words, env=quiet, capture_output=True, text=True)
            if done.returncode:
                raise Trouble(f"{' '.join(words)} failed:\n{done.stderr[-800:]}")
