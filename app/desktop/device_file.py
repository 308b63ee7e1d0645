"""What a desktop window keeps on this machine between two starts: a few words in one file per profile."""

import json
import os
from functools import cache
from pathlib import Path

from platformdirs import user_config_path

from app.settings import PRODUCT_NAME
from app.state.core.kept.device import DeviceStore


def file_of(profile: str) -> Path:
    """Where this system keeps what its programs remember."""
    return user_config_path(PRODUCT_NAME.lower(), appauthor=False) / f"{profile or 'window'}.json"


class DeviceFile:
    """A `DeviceStore`. Flet's own is one file for every Flet app of a person, which each writes whole from its memory:
    of two windows the one that wrote first loses its words.

    `before` is asked for what is not in the file: what earlier versions kept.
    """

    def __init__(self, path: Path, before: DeviceStore | None = None) -> None:
        self._path = path
        self.before = before
        self._kept = _read(path)

    def read(self, key: str) -> str:
        """At once, without asking `before`; empty when nothing is kept."""
        return self._kept.get(key, "")

    async def get(self, key: str) -> object:
        if key not in self._kept and self.before is not None:
            return await self.before.get(key)
        return self._kept.get(key)

    async def set(self, key: str, value: str) -> object:
        """Raises OSError when it cannot be written."""
        if self._kept.get(key) != value:
            self._kept[key] = value
            self._path.parent.mkdir(parents=True, exist_ok=True)
            whole = self._path.with_suffix(f".{os.getpid()}")
            whole.write_text(json.dumps(self._kept, indent=2), "utf-8")
            whole.replace(self._path)  # nobody reads half of it
        return True


@cache
def device_file(profile: str) -> DeviceFile:
    """The one of this process: two would not know of each other's words."""
    return DeviceFile(file_of(profile))


def _read(path: Path) -> dict[str, str]:
    try:
        kept = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):  # none yet, or not ours any more
        return {}
    return {key: value for key, value in kept.items() if isinstance(value, str)} if isinstance(kept, dict) else {}
