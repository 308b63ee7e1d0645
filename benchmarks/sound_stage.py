"""Two people with virtual sound cards on one LiveKit server, and what is measured between their mouths and ears."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any, Protocol

import numpy as np

from benchmarks.client_process import ClientProcess
from tests.stage.hearing import heard_gaps, louder_db, wait_for_pause
from tests.stage.livekit_server import LivekitServer
from tests.stage.sound_cards import Listener, SoundCards, bursts, speech_in_turns, speech_like
from tests.stage.tokens import credentials

PERIOD_S = 2.0
"""Between bursts: delays up to this are told apart."""


class SoundClient(Protocol):
    """One side of a sound-only call. Its answers: one when it is in the room, and one with its `cpu`, in cores between
    the two lines that it was told.
    """

    def tell(self) -> None: ...

    def answer(self) -> dict[str, Any]: ...

    def close(self) -> None: ...


MakeClient = Callable[[LivekitServer, SoundCards, str, str, str], SoundClient]
"""Of server, cards, room, name and card."""


def client_of(
    server: LivekitServer,
    cards: SoundCards,
    room: str,
    name: str,
    card: str,
    microphone: str | None = None,
    **told: Any,
) -> ClientProcess:
    """One process of `benchmarks.sound_client`, on its way into the room."""
    client = ClientProcess("sound_client", cards.environment(card, microphone))
    client.tell({"credentials": asdict(credentials(server, room, name)), **told})
    return client


@contextlib.contextmanager
def listening(cards: SoundCards, *sinks: str) -> Iterator[list[Listener]]:
    ears = [cards.listen(sink) for sink in sinks]
    try:
        yield ears
    finally:
        for ear in ears:
            ear.close()


def pairs_ms(said: list[float], heard: list[float]) -> list[float]:
    """The delay of each burst that was heard, by one clock."""
    return [
        round(1000 * min(h - s for h in heard if h > s), 1)
        for s in said
        if any(s < h < s + PERIOD_S - 0.1 for h in heard)
    ]


def statistics(delays: list[float]) -> dict[str, float]:
    """In ms, in the order in which they were said; the first and the last fifth tell whether the delay creeps."""
    if not delays:
        return {"bursts": 0}
    fifth = max(1, len(delays) // 5)
    return {
        "median_first_fifth": round(float(np.median(delays[:fifth])), 1),
        "median_last_fifth": round(float(np.median(delays[-fifth:])), 1),
        "median": round(float(np.median(delays)), 1),
        "p95": round(float(np.percentile(delays, 95)), 1),
        "least": min(delays),
        "most": max(delays),
        "bursts": len(delays),
    }


def stages_ms(said: list[float], heard: list[float], anna: dict[str, Any], ben: dict[str, Any]) -> dict[str, float]:
    """The median way of a burst through our stages; said at Anna's microphone, heard at Ben's speaker."""
    marks = [said, anna["stages"]["captured"], anna["stages"]["processed"], ben["stages"]["received"]]
    marks += [ben["stages"]["mixed"], heard]
    names = ("capture", "processing", "network_and_jitter_buffer", "ring", "output")
    found: dict[str, list[float]] = {name: [] for name in names}
    for at in said:
        passed = [at]
        for mark in marks[1:]:
            later = [each for each in mark if at - 0.01 < each < at + PERIOD_S - 0.1]
            if not later:
                break
            passed.append(later[0])
        if len(passed) == len(marks):
            for name, before, after in zip(names, passed, passed[1:], strict=False):
                found[name].append(1000 * (after - before))
    return {name: round(float(np.median(delays)), 1) for name, delays in found.items() if delays}


ECHO_DELAY_MS = 20
CONVERGED_AFTER_S = 18.0
"""WebRTC's canceller needs 8 to 16 s of speech to learn the way from the speaker to the microphone."""


@contextlib.contextmanager
def _echoing(cards: SoundCards, drifting: bool) -> Iterator[str]:
    """Ben's speaker beside his microphone; the sink that he records."""
    if not drifting:
        yield "spk_b"
        return
    with cards.connected("spk_b", "mic_b", ECHO_DELAY_MS):
        yield "mic_b"


def measure_echo_db(
    server: LivekitServer,
    cards: SoundCards,
    room: str,
    path: str,
    seconds: int = 10,
    drifting: bool = False,
    **told: Any,
) -> dict[str, float]:
    """How far down Anna's own voice is when it comes back from Ben's speaker through his microphone, measured
    against what leaves his speaker: over all, and of single seconds, for a canceller that has to learn the way
    again, after samples were lost, lets a second through that outweighs all others.

    Ben's two are one device with one clock, as in a laptop or a headset. `drifting`: PulseAudio's loopback lies
    between, which resamples; its way was seen to grow by 0.5 ms a second, ten times what two cheap cards differ.
    """
    with _echoing(cards, drifting) as heard_by_ben:
        anna = client_of(server, cards, room, "anna", "a", path=path, **told)
        clients = [anna, client_of(server, cards, room, "ben", "b", microphone=heard_by_ben, path=path, **told)]
        try:
            for client in clients:
                client.answer()
            with listening(cards, "spk_a", "spk_b") as (back, there):
                speaker = cards.say("a", speech_like(CONVERGED_AFTER_S + seconds + 10))
                time.sleep(CONVERGED_AFTER_S)
                by_second = []
                for _ in range(seconds):
                    time.sleep(1)
                    by_second.append(louder_db(there, back, 1.0))
                over_all = louder_db(there, back, seconds)
                speaker.terminate()
            for client in clients:
                client.tell()
                client.tell()
                client.answer()
        finally:
            for client in clients:
                client.close()
    found = {"over_all": over_all, "median_second": float(np.median(by_second)), "worst_second": min(by_second)}
    return {name: round(down_db, 1) for name, down_db in found.items()}


def _both(server: LivekitServer, cards: SoundCards, room: str, path: str, told: dict[str, Any]) -> list[ClientProcess]:
    return [
        client_of(server, cards, room, name, card, path=path, **told) for name, card in (("anna", "a"), ("ben", "b"))
    ]


def measure_call(
    server: LivekitServer,
    cards: SoundCards,
    room: str,
    path: str,
    seconds: float,
    settle_s: float = 3 * PERIOD_S,
    make: MakeClient | None = None,
    at_once: bool = False,
    **told: Any,
) -> dict[str, Any]:
    """One call of two clients of one kind. Anna says bursts, Ben speaks: the delay is measured one way, interruptions
    the other. They take turns, as people do; `at_once`, Ben speaks without a pause, and an echo canceller holds back
    the first 20 to 80 ms of what Anna says meanwhile. `make` brings clients of another kind than `path`'s.
    """
    people = (("anna", "a"), ("ben", "b"))
    clients: list[Any] = (
        [make(server, cards, room, name, card) for name, card in people]
        if make
        else list(_both(server, cards, room, path, told))
    )
    try:
        for client in clients:
            client.answer()
        with listening(cards, "mic_a", "spk_b", "spk_a", "mic_b") as (mouth, ear, other_ear, other_mouth):
            speak = speech_like if at_once else speech_in_turns
            speaker = cards.say("b", speak(seconds + settle_s + 3 * PERIOD_S + 5))
            time.sleep(settle_s)
            for client in clients:
                client.tell()
            since = time.perf_counter()
            if not at_once:
                wait_for_pause(other_mouth, PERIOD_S)
            cards.say("a", bursts(800, int(seconds / PERIOD_S), PERIOD_S)).wait(seconds + 30)
            time.sleep(1.5)
            took_s = time.perf_counter() - since
            speaker.terminate()
            for client in clients:
                client.tell()
            anna, ben = (client.answer() for client in clients)
            said, heard = mouth.onsets(), ear.onsets()
            gaps = heard_gaps(other_ear, since)
    finally:
        for client in clients:
            client.close()
    result: dict[str, Any] = {
        "mouth_to_ear_ms": statistics(pairs_ms(said, heard)),
        "heard_gaps_per_minute": round(gaps * 60 / took_s, 2),
        "cpu_of_a_core": [round(each["cpu"], 3) for each in (anna, ben)],
        "load_average": round(os.getloadavg()[0], 2),
    }
    if path == "ours":
        result["underruns_per_minute"] = [round(each["underruns"] * 60 / took_s, 2) for each in (anna, ben)]
        result["stages_ms"] = stages_ms(said, heard, anna, ben)
        result["rings"] = [{key: each[key] for key in ("target_ms", "trimmed_ms", "devices")} for each in (anna, ben)]
    return result
