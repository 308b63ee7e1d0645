"""The private names of python-sounddevice, held against the version that is installed and pinned."""

import ctypes
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from app.call.audio.driver import sounddevice_private
from tests.fakes.sounddevice import FakeSounddevice, Machine, PortAudioError

try:
    import sounddevice
except OSError:
    sounddevice = None
needs_portaudio = pytest.mark.skipif(sounddevice is None, reason="PortAudio is not installed here")


def test_it_is_pinned_to_the_version_that_these_tests_hold_for() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))
    pinned = [each for each in project["project"]["dependencies"] if each.startswith("sounddevice")]
    assert [re.match(r"sounddevice==([\d.]+);", each) is not None for each in pinned] == [True]
    assert pinned[0].startswith(f"sounddevice=={importlib.metadata.version('sounddevice')};")


@needs_portaudio
def test_portaudio_can_be_restarted_and_runs_once_after_it() -> None:
    sounddevice_private.initialize(sounddevice)
    assert sounddevice._initialized == 1
    sounddevice_private.restart(sounddevice)
    assert sounddevice._initialized == 1
    sounddevice.query_hostapis()


@needs_portaudio
def test_portaudio_that_was_ended_behind_our_back_is_started_again() -> None:
    sounddevice._terminate()
    with pytest.raises(sounddevice.PortAudioError) as caught:
        sounddevice.query_devices()
    assert caught.value.args[1] == -10000
    sounddevice._initialized = 1  # a count that is wrong
    sounddevice_private.restart(sounddevice)
    sounddevice.query_devices()
    assert sounddevice._initialized == 1


@needs_portaudio
def test_the_library_that_is_loaded_can_be_loaded_by_its_name() -> None:
    assert ctypes.CDLL(sounddevice_private.library(sounddevice)).Pa_GetVersion() > 0


@needs_portaudio
@pytest.mark.parametrize(
    "name", ["_initialize", "_terminate", "_initialized", "_libname", "_exit_handler", "PortAudioError"]
)
def test_the_stand_in_has_what_the_real_module_has(name: str) -> None:
    assert callable(getattr(sounddevice, name)) == callable(getattr(FakeSounddevice(Machine()), name))


def test_a_restart_that_fails_leaves_portaudio_to_be_started_later() -> None:
    machine = Machine()
    fake = FakeSounddevice(machine)
    sounddevice_private.initialize(fake)
    machine.start_fails = 1
    with pytest.raises(PortAudioError):
        sounddevice_private.restart(fake)
    with pytest.raises(PortAudioError):
        fake.query_devices()
    sounddevice_private.initialize(fake)
    assert fake.query_devices()


@needs_portaudio
@pytest.mark.parametrize(("allowed", "runs"), [(True, 0), (False, 1)])
def test_at_the_end_of_the_program_portaudio_is_ended_only_where_nothing_hangs_in_it(allowed: bool, runs: int) -> None:
    program = f"""
import atexit, sounddevice
from app.call.audio.driver import sounddevice_private
atexit.register(lambda: print(sounddevice._initialized))  # runs after what is registered later
sounddevice_private.end_at_exit_only_if(sounddevice, lambda: {allowed})
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == f"{runs}\n"
