"""Virtual sound cards: a PulseAudio of the stage's own, whose null sinks stand in for microphones and speakers.

Card `a` is the pair of sinks mic_a and spk_a. What is played into mic_a is what a client on card a hears as its
microphone; what leaves spk_a.monitor is what it plays. Nothing is written outside the given folder.
Clients on ALSA (PortAudio) need `environment(card)`; its configuration also lists every card as a device by its name.
"""

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 48_000
Samples = NDArray[np.int16]

_ALSA = """</usr/share/alsa/alsa.conf>
pcm.!default {{ type pulse }}
ctl.!default {{ type pulse }}
{cards}
"""
_ALSA_CARD = """pcm.card_{card} {{
  type asym
  playback.pcm {{ type pulse device spk_{card} server "unix:{folder}/native" }}
  capture.pcm {{ type pulse device mic_{card}.monitor server "unix:{folder}/native" }}
}}
"""


class SoundCards:
    """`start` before use, `stop` after; `cards` are names such as "a" and "b".

    `beside`: cards of a PulseAudio of their own, listed to clients with these. One that is unplugged from the last card
    ends its streams; otherwise PulseAudio moves them to another of its cards by itself.
    """

    def __init__(self, folder: Path, cards: tuple[str, ...] = ("a", "b"), beside: "SoundCards | None" = None) -> None:
        self._folder = folder
        self._cards = cards
        self._process: subprocess.Popen[bytes] | None = None
        self._alsa = folder / "alsa.conf"
        self._alsa.write_text(_ALSA.format(cards=self._listed() + (beside._listed() if beside else "")))

    def _listed(self) -> str:
        return "".join(_ALSA_CARD.format(card=card, folder=self._folder) for card in self._cards)

    def start(self) -> "SoundCards":
        sinks = [
            f"--load=module-null-sink sink_name={kind}_{card} rate={RATE_HZ}"
            for card in self._cards
            for kind in ("spk", "mic")
        ]
        socket = f"--load=module-native-protocol-unix auth-anonymous=1 socket={self._folder}/native"
        command = [
            "pulseaudio",
            "-n",
            "--daemonize=no",
            "--exit-idle-time=-1",
            "--high-priority=yes",
            "--realtime=yes",
            "--disable-shm=1",
            socket,
            *sinks,
        ]
        with (self._folder / "pulseaudio.log").open("wb") as log:
            self._process = subprocess.Popen(command, env=self._base(), stdout=log, stderr=log)
        until = time.monotonic() + 15
        while self.control("info").returncode:
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(
                    f"PulseAudio did not start:\n{(self._folder / 'pulseaudio.log').read_text()[-2000:]}"
                )
            time.sleep(0.05)
        return self

    def _base(self) -> dict[str, str]:
        folder = str(self._folder)
        own = {"HOME": folder, "XDG_RUNTIME_DIR": folder, "PULSE_RUNTIME_PATH": folder, "XDG_CONFIG_HOME": folder}
        return os.environ | own

    def environment(self, card: str | None = None, microphone: str | None = None) -> dict[str, str]:
        """What a client needs in its environment to use this card as its default; None: the server's default.
        `microphone` names the sink whose sound it records, if not its own microphone's.
        """
        recorded = microphone or f"mic_{card}"
        chosen = {"PULSE_SOURCE": f"{recorded}.monitor", "PULSE_SINK": f"spk_{card}"} if card else {}
        return {"PULSE_SERVER": f"unix:{self._folder}/native", "ALSA_CONFIG_PATH": str(self._alsa), **chosen}

    def control(self, *words: str) -> "subprocess.CompletedProcess[bytes]":
        """pactl, for example `control("suspend-sink", "mic_a", "1")`."""
        return subprocess.run(["pactl", *words], env=self._client(), capture_output=True, timeout=10)

    def unplug(self, card: str) -> None:
        """Takes the card away, whoever uses it."""
        modules = self.control("list", "short", "modules").stdout.decode().splitlines()
        for line in modules:
            if any(f"sink_name={kind}_{card} " in f"{line} " for kind in ("spk", "mic")):
                self.control("unload-module", line.split()[0])

    def plug(self, card: str) -> None:
        """Puts a card (back) there."""
        for kind in ("spk", "mic"):
            self.control("load-module", "module-null-sink", f"sink_name={kind}_{card}", f"rate={RATE_HZ}")

    @contextlib.contextmanager
    def connected(self, source: str, sink: str, delay_ms: int) -> Iterator[None]:
        """What leaves one sink comes into another: a speaker beside a microphone."""
        words = (f"source={source}.monitor", f"sink={sink}", f"latency_msec={delay_ms}")
        module = self.control("load-module", "module-loopback", *words).stdout.decode().strip()
        try:
            yield
        finally:
            self.control("unload-module", module)

    def _client(self) -> dict[str, str]:
        return self._base() | self.environment()

    def say(self, card: str, samples: Samples, times: int = 1) -> "subprocess.Popen[bytes]":
        """Plays into a card's microphone, in the background, so many times on end; returns the player, to be waited for
        or ended.
        """
        command = [
            "pacat",
            "-d",
            f"mic_{card}",
            "--latency-msec=10",
            "--format=s16le",
            f"--rate={RATE_HZ}",
            "--channels=1",
            "--raw",
        ]
        player, said = subprocess.Popen(command, env=self._client(), stdin=subprocess.PIPE), samples.tobytes()

        def feed() -> None:
            assert player.stdin is not None
            try:
                for _ in range(times):
                    player.stdin.write(said)
                player.stdin.close()
            except BrokenPipeError:  # ended early, on purpose
                return

        threading.Thread(target=feed, daemon=True).start()
        return player

    def listen(self, sink: str, latency_ms: int = 2) -> "Listener":
        return Listener(sink, self._client(), latency_ms)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(5)
            self._process = None


class Listener:
    """Records what leaves a sink, with the time (perf_counter) of each chunk: one clock for all the stage's sinks. The
    chunks are as long as `latency_ms`; short ones tell times more exactly, and cost more of the machine.
    """

    def __init__(self, sink: str, environment: dict[str, str], latency_ms: int = 2) -> None:
        command = [
            "parec",
            "-d",
            f"{sink}.monitor",
            f"--latency-msec={latency_ms}",
            "--format=s16le",
            f"--rate={RATE_HZ}",
            "--channels=1",
            "--raw",
        ]
        self._recorder = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
        self._lock = threading.Lock()
        self._chunks: list[tuple[float, Samples]] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._recorder.stdout is not None
        left = b""
        while chunk := os.read(self._recorder.stdout.fileno(), 4096):
            now = time.perf_counter()
            whole = left + chunk
            left = whole[len(whole) // 2 * 2 :]
            with self._lock:
                self._chunks.append((now, np.frombuffer(whole[: len(whole) // 2 * 2], np.int16)))

    def since(self, at_s: float) -> Iterator[tuple[float, Samples]]:
        """(time of its last sample, samples) of each chunk that ended after `at_s`."""
        with self._lock:
            chunks = list(self._chunks)
        return ((ended, samples) for ended, samples in chunks if ended >= at_s)

    def loudness(self, last_s: float) -> float:
        """Root mean square of the last seconds."""
        heard = [samples for _, samples in self.since(time.perf_counter() - last_s)]
        every = np.concatenate(heard) if heard else np.zeros(1, np.int16)
        return float(np.sqrt(np.mean(np.square(every.astype(np.float64)))))

    def last_loud_at(self, threshold: int = 500) -> float | None:
        """When the last sample above the threshold was heard."""
        last = None
        for ended, samples in self.since(0):
            loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > threshold)
            if len(loud):
                last = ended - (len(samples) - int(loud[-1])) / RATE_HZ
        return last

    def onsets(self, threshold: int = 2000, apart_s: float = 1.0) -> list[float]:
        """When bursts that are at least `apart_s` apart began."""
        found: list[float] = []
        for ended, samples in self.since(0):
            loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > threshold)
            if len(loud):
                at = ended - (len(samples) - int(loud[0])) / RATE_HZ
                if not found or at - found[-1] > apart_s:
                    found.append(at)
        return found

    def dominant_hz(self, last_s: float) -> float:
        """The strongest frequency of the last seconds."""
        heard = [samples for _, samples in self.since(time.perf_counter() - last_s)]
        every = np.concatenate(heard).astype(np.float64) if heard else np.zeros(RATE_HZ)
        spectrum = np.abs(np.fft.rfft(every * np.hanning(len(every))))
        return float(np.argmax(spectrum) * RATE_HZ / len(every))

    def close(self) -> None:
        self._recorder.terminate()
        self._recorder.wait(5)


def tone(hz: float, seconds: float, amplitude: int = 12_000, swells_hz: float = 4.0) -> Samples:
    """A tone that swells and fades several times a second like syllables: a steady one is taken for noise."""
    at = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    swell = 0.5 - 0.5 * np.cos(2 * np.pi * swells_hz * at)
    return (np.sin(2 * np.pi * hz * at) * swell * amplitude).astype(np.int16)


def bursts(hz: float, count: int, period_s: float = 2.0, length_s: float = 0.12, amplitude: int = 20_000) -> Samples:
    """Silence with a short tone at the end of each period, for measuring delays up to one period."""
    at = np.arange(int(length_s * RATE_HZ)) / RATE_HZ
    burst = (np.sin(2 * np.pi * hz * at) * amplitude).astype(np.int16)
    silence = np.zeros(int((period_s - length_s) * RATE_HZ), np.int16)
    return np.concatenate([silence, burst] * count)


def speech_like(seconds: float, syllable_s: float = 0.16, gap_s: float = 0.06, amplitude: int = 14_000) -> Samples:
    """Syllables of gliding pitch and short gaps. Noise suppression, which takes a tone away in seconds, lets them."""
    draw = np.random.default_rng(7)
    at = np.arange(int(syllable_s * RATE_HZ)) / RATE_HZ
    swell = np.sin(np.pi * at / syllable_s) ** 0.5
    gap = np.zeros(int(gap_s * RATE_HZ), np.int16)
    parts: list[Samples] = []
    for _ in range(int(seconds / (syllable_s + gap_s))):
        begin_hz, end_hz = draw.uniform(110, 260, 2)
        phase = 2 * np.pi * (begin_hz * at + (end_hz - begin_hz) * at**2 / (2 * syllable_s))
        voice = sum(np.sin(harmonic * phase) * draw.uniform(0.2, 1) / harmonic for harmonic in range(1, 12))
        parts += [(voice / np.abs(voice).max() * swell * amplitude).astype(np.int16), gap]
    return np.concatenate(parts)


TURN_FROM_S = 0.3
"""In each period of `speech_in_turns`."""


def speech_in_turns(seconds: float, period_s: float = 2.0, speaks_s: float = 1.0) -> Samples:
    """`speech_like` in the middle of each period, with pauses for the other person."""
    words, before = speech_like(speaks_s), int(TURN_FROM_S * RATE_HZ)
    turn = np.pad(words, (before, int(period_s * RATE_HZ) - before - len(words)))
    return np.tile(turn, int(seconds / period_s) + 1)
