"""Flet's desktop client: whether there is one to show the app in."""

import os
import sys
from pathlib import Path

NAMES = {"win32": "flet.exe", "darwin": "*.app"}
BUILDS = {"win32": ("windows", "*.exe"), "darwin": ("macos", "*.app")}


def ensure_client() -> None:
    """Returns once there is a client; the first time it is fetched. Raises whatever keeps it away: no package
    (ImportError), no network (OSError), no room.

    In flet's own order (flet 1.0.5, `flet_desktop`): one that was built here, one that FLET_VIEW_PATH names, the cache.
    """
    import flet_desktop  # type: ignore[import-untyped]  # ships no types

    if not _built_here() and not _named():
        flet_desktop.ensure_client_cached()


def _built_here() -> bool:
    folder, names = BUILDS.get(sys.platform, ("linux", "*"))
    found = (Path.cwd() / "build" / folder).glob(names)
    return any(sys.platform != "linux" or (each.is_file() and os.access(each, os.X_OK)) for each in found)


def _named() -> bool:
    named = os.environ.get("FLET_VIEW_PATH", "")
    return bool(named) and any(Path(named).glob(NAMES.get(sys.platform, "flet")))
