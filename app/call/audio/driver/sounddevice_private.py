"""Private names of python-sounddevice (0.5.6, pinned in pyproject.toml) are used in this file only.

It has no public way to list devices that have come since it was imported (its issue 3: restart PortAudio), nor to say
which library it has loaded. `tests/call/test_sounddevice_private.py` holds that the names are there and mean the same.
"""

import atexit
from collections.abc import Callable
from types import ModuleType


def initialize(sounddevice: ModuleType) -> None:
    """Starts PortAudio unless it runs; also after a start that failed. Raises `sounddevice.PortAudioError`."""
    if not sounddevice._initialized:
        sounddevice._initialize()


def restart(sounddevice: ModuleType) -> None:
    """PortAudio reads its list of devices again; every stream has to be closed before. Raises
    `sounddevice.PortAudioError`; PortAudio does not run then, until `initialize`.
    """
    try:
        while sounddevice._initialized:
            sounddevice._terminate()
    except sounddevice.PortAudioError:  # it did not run, whatever the count says
        setattr(sounddevice, "_initialized", 0)  # noqa: B010  a module's types have no such name
    sounddevice._initialize()


def library(sounddevice: ModuleType) -> str:
    """The name or path of the PortAudio that was loaded."""
    return str(sounddevice._libname)


def end_at_exit_only_if(sounddevice: ModuleType, allowed: Callable[[], bool]) -> None:
    """At the end of the program PortAudio is ended only where that is `allowed`: what hangs in it would abort us."""
    end = sounddevice._exit_handler
    atexit.unregister(end)
    atexit.register(lambda: end() if allowed() else None)
