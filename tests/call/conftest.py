"""Machines that cannot be had here."""

import sys
from collections.abc import Iterator

import pytest

from app.call.audio import audio_device, device_streams
from app.call.audio.driver import portaudio
from app.call.audio.driver.driver_lock import DriverLock
from tests.fakes.sounddevice import FakeSounddevice, Machine


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """A Mac, as far as the sound is concerned."""
    machine = Machine()
    monkeypatch.setitem(sys.modules, "sounddevice", FakeSounddevice(machine))
    monkeypatch.setattr(portaudio, "_lock", DriverLock())
    monkeypatch.setattr(portaudio, "_streams", set())
    monkeypatch.setattr(portaudio, "_scanned", None)
    monkeypatch.setattr(portaudio, "_scanned_at", float("-inf"))
    monkeypatch.setattr(portaudio, "_start", None)
    monkeypatch.setattr(portaudio, "read_hardware", machine.hardware)
    monkeypatch.setattr(device_streams, "read_hardware", machine.hardware)
    monkeypatch.setattr(portaudio, "MAY_MISS_CHANGES", True)
    monkeypatch.setattr(portaudio, "RESCAN_EVERY_S", 0.0)
    monkeypatch.setattr(portaudio, "UNSURE_RESCAN_EVERY_S", 0.0)
    monkeypatch.setattr(portaudio, "_set_periods", lambda module, count: None)
    monkeypatch.setattr(audio_device, "TRY_AGAIN_AFTER_S", (0.1,))
    monkeypatch.setattr(audio_device, "HARDWARE_POLL_INTERVAL_S", 0.05)
    monkeypatch.setattr(audio_device, "CHOSEN_POLL_INTERVAL_S", 0.1)
    monkeypatch.setattr(audio_device, "STARTING_LIMIT_S", 0.5)
    yield machine
    machine.let_go.set()
