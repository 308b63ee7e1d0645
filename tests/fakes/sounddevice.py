"""The module `sounddevice` over machines that cannot be had here: what PortAudio documents, and what it does.

The list of devices is the one of the last `_initialize`; opening what has gone since fails; a stream whose device goes
just stops calling back. `tests/call/test_sounddevice_private.py` holds the private names against the real module.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from typing import Any

from app.call.audio.driver.hardware import AudioHardware

NOT_INITIALIZED, DEVICE_UNAVAILABLE, INVALID_DEVICE = -10000, -9985, -9996
TIMES = SimpleNamespace(currentTime=0.0, inputBufferAdcTime=0.0, outputBufferDacTime=0.0)


class PortAudioError(Exception):
    """As the real one: a text, the PaErrorCode, and what the host API says."""


@dataclass
class Machine:
    """What is plugged in: (name, inputs, outputs). `hangs` names the devices whose driver does not come back before
    `let_go`; `start_fails` is how often starting PortAudio fails next.
    """

    devices: list[tuple[str, int, int]] = field(
        default_factory=lambda: [("Built-in microphone", 1, 0), ("Built-in speakers", 0, 2)]
    )
    default_input: str = "Built-in microphone"
    default_output: str = "Built-in speakers"
    hangs: set[str] = field(default_factory=set)
    let_go: threading.Event = field(default_factory=threading.Event)
    start_fails: int = 0
    starts: int = 0
    tries: int = 0  # to open a stream
    open_streams: "list[Stream]" = field(default_factory=list)
    can_be_asked: bool = True

    def hardware(self) -> AudioHardware | None:
        """What the system says of itself, without PortAudio."""
        if not self.can_be_asked:
            return None
        return AudioHardware(tuple(name for name, _, _ in self.devices), self.default_input, self.default_output)

    def plug(self, name: str, inputs: int, outputs: int, default: bool = False) -> None:
        self.devices.insert(0, (name, inputs, outputs))
        if default and inputs:
            self.default_input = name
        if default and outputs:
            self.default_output = name

    def unplug(self, name: str) -> None:
        """The system makes the first that is left its default."""
        self.devices = [each for each in self.devices if each[0] != name]
        if self.default_input == name:
            self.default_input = next((each for each, inputs, _ in self.devices if inputs), "")
        if self.default_output == name:
            self.default_output = next((each for each, _, outputs in self.devices if outputs), "")

    def is_there(self, name: str) -> bool:
        return any(each == name for each, _, _ in self.devices)

    def playing(self, kind: str) -> list[str]:
        """The devices of the streams that are called back."""
        return [stream.name for stream in self.open_streams if stream.kind == kind and stream.runs]


class Stream:
    """RawInputStream or RawOutputStream: calls back every 5 ms from a thread of its own while its device is there."""

    kind = ""

    def __init__(self, machine: Machine, name: str, block: int, callback: Callable[..., None]) -> None:
        self.name = name
        self.latency = 0.01
        self.runs = False
        self._machine, self._block, self._callback = machine, block, callback

    def start(self) -> None:
        self._machine.tries += 1
        self._pass("open")
        if not self._machine.is_there(self.name):
            raise PortAudioError("Error starting stream", DEVICE_UNAVAILABLE)
        self.runs = True
        self._machine.open_streams.append(self)
        threading.Thread(target=self._call_back, daemon=True).start()

    def _pass(self, step: str) -> None:
        if f"{step} {self.name}" in self._machine.hangs:
            self._machine.let_go.wait(30)

    def _call_back(self) -> None:
        while self.runs and self._machine.is_there(self.name):
            self._callback(bytearray(2 * self._block), self._block, TIMES, 0)
            time.sleep(0.005)

    def abort(self, ignore_errors: bool = True) -> None:
        self._pass("close")
        self.runs = False

    def close(self, ignore_errors: bool = True) -> None:
        self.runs = False
        if self in self._machine.open_streams:
            self._machine.open_streams.remove(self)


class FakeSounddevice(ModuleType):
    """Put into `sys.modules["sounddevice"]`."""

    def __init__(self, machine: Machine) -> None:
        super().__init__("sounddevice")
        self.machine = machine
        self.PortAudioError = PortAudioError
        self._initialized = 0
        self._libname = "libc.so.6"
        self._devices: list[tuple[str, int, int]] = []
        self._defaults = ("", "")
        self.RawInputStream = self._stream_class("input")
        self.RawOutputStream = self._stream_class("output")

    def _stream_class(self, side: str) -> Callable[..., Stream]:
        class SideStream(Stream):
            kind = side

        def make(rate: int, block: int, index: int, *, callback: Callable[..., None], **_: Any) -> Stream:
            self._must_run()
            return SideStream(self.machine, self._devices[index][0], block, callback)

        return make

    def _initialize(self) -> None:
        if "start" in self.machine.hangs:
            self.machine.let_go.wait(30)
        if self.machine.start_fails:
            self.machine.start_fails -= 1
            raise PortAudioError("Error initializing PortAudio", DEVICE_UNAVAILABLE)
        self._devices = list(self.machine.devices)
        self._defaults = (self.machine.default_input, self.machine.default_output)
        self._initialized += 1
        self.machine.starts += 1

    def _exit_handler(self) -> None:
        """What the real one has ended at the end of the program."""

    def _terminate(self) -> None:
        self._must_run()
        assert not self.machine.open_streams, "Pa_Terminate would free a stream that is in use"
        self._initialized -= 1

    def _must_run(self) -> None:
        if not self._initialized:
            raise PortAudioError("PortAudio not initialized", NOT_INITIALIZED)

    def query_hostapis(self, index: int | None = None) -> Any:
        self._must_run()
        at = {name: place for place, (name, _, _) in enumerate(self._devices)}
        api = {
            "name": "Core Audio",
            "default_input_device": at.get(self._defaults[0], -1),
            "default_output_device": at.get(self._defaults[1], -1),
        }
        return api if index is not None else (api,)

    def query_devices(self, index: int | None = None) -> Any:
        self._must_run()
        found = [
            {"name": name, "hostapi": 0, "max_input_channels": inputs, "max_output_channels": outputs}
            for name, inputs, outputs in self._devices
        ]
        return found if index is None else found[index]
