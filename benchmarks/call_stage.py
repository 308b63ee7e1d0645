"""Two people of one kind in a call with video and audio, and what is measured of it."""

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from backend.demo.people import NORA, PASSWORD, SAM
from benchmarks.bench_callpage import wire_bytes
from benchmarks.call_files import delays_ms
from benchmarks.client_process import ClientProcess
from benchmarks.page_client import PageClient
from benchmarks.process_cost import cpu_s, memory_mb
from benchmarks.sound_stage import PERIOD_S, listening, pairs_ms, statistics
from tests.callpage.people import member
from tests.stage.chromium_call import CallPages, ChromiumClient
from tests.stage.demo_backend import DemoBackend
from tests.stage.livekit_server import LivekitServer
from tests.stage.sound_cards import Samples, SoundCards, bursts
from tests.stage.tokens import create_room, credentials

CARDS = ("a", "b")
SETTLE_S = 5.0
"""The estimate of the bandwidth, and with it the video, has risen by then."""


class CallClient(Protocol):
    """A client of either kind: `tell` an order, then take its `answer`. `pid` heads all its processes."""

    pid: int

    def tell(self, order: dict[str, Any]) -> None: ...

    def answer(self) -> dict[str, Any]: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Stage:
    """What all calls of a run have in common. `picture` and `sound` are what every client sends."""

    server: LivekitServer
    cards: SoundCards
    picture: Path
    sound: Path
    speech: Samples
    seconds: float
    joins: int

    def room(self, name: str) -> str:
        asyncio.run(create_room(self.server, f"session_{name}"))
        return f"session_{name}"

    @contextmanager
    def speaking(self, *cards: str) -> Iterator[None]:
        """The audio file into these microphones; a browser that takes the file itself needs it not."""
        players = [self.cards.say(card, self.speech) for card in cards]
        try:
            yield
        finally:
            for player in players:
                player.terminate()
                player.wait(5)


class Pair:
    """Anna, who joins, and Ben, who is in the room already."""

    def __init__(self, stage: Stage, room: str, anna: CallClient, ben: CallClient) -> None:
        self._stage, self._room = stage, room
        self.both = (self.anna, self.ben) = (anna, ben)

    def ask(self, client: CallClient, do: str, **order: Any) -> dict[str, Any]:
        client.tell({"do": do, **order})
        return client.answer()

    def ask_both(self, do: str, **order: Any) -> list[dict[str, Any]]:
        for client in self.both:
            client.tell({"do": do, **order})
        return [client.answer() for client in self.both]

    def first_frames_ms(self, prepare: dict[str, Any], join: Callable[[str], dict[str, Any]]) -> list[float]:
        """Anna joins again and again, from Join pressed to Ben's first frame; the last time she stays."""
        self.ask(self.ben, "prepare", **prepare)
        self.ask(self.ben, "join", see=False, **join("ben"))
        waits = []
        for number in range(self._stage.joins):
            self.ask(self.anna, "prepare", **prepare)
            time.sleep(1)  # as one who looks at the preview
            answer = self.ask(self.anna, "join", see=True, **join(f"anna-{number}"))
            waits.append(round(answer["first_frame_ms"], 1))
            if number < self._stage.joins - 1:
                self.ask(self.anna, "leave")
        return waits

    def cost(self) -> dict[str, Any]:
        """Cores and MB of each client over the stage's seconds, and its frames a second meanwhile: a client that
        leaves some out is cheap.
        """
        counted = self.ask_both("counts")
        before, began = [cpu_s(client.pid) for client in self.both], time.monotonic()
        time.sleep(self._stage.seconds)
        took_s = time.monotonic() - began
        used = [round((cpu_s(client.pid) - at) / took_s, 3) for client, at in zip(self.both, before, strict=True)]
        return {
            "cpu_of_a_core": used,
            "memory_mb": [round(memory_mb(client.pid)) for client in self.both],
            "rates_meanwhile": rates(counted, self.ask_both("counts"), took_s),
        }

    def delay(self) -> dict[str, Any]:
        """From Anna's camera to Ben's tile and the other way; in the browser not while `cost` is taken."""
        anna, ben = self.ask_both("watch", seconds=self._stage.seconds)
        ways = ((anna, ben), (ben, anna))
        delays = [ms for here, there in ways for ms in delays_ms(here["sent"], there["seen"])]
        found: dict[str, Any] = {"frame_delay_ms": percentiles(delays)}
        found["pictures_a_second"] = [round(len(each["seen"]) / self._stage.seconds, 1) for each in (ben, anna)]
        found["size"] = ben["size"]
        if "arrived" in anna:
            arrivals = [ms for here, there in ways for ms in delays_ms(here["sent"], there["arrived"])]
            found["arrived_ms"] = percentiles(arrivals)
            kept = ("underruns", "ring_ms", "speaker_buffer_ms")
            found["sound"] = [{name: each[name] for name in kept} for each in (anna, ben)]
        return found

    def close(self) -> None:
        for client in self.both:
            client.close()


def rates(before: list[dict[str, int]], after: list[dict[str, int]], took_s: float) -> dict[str, float]:
    """Frames a second of both clients in the mean: encoded, decoded, shown."""
    return {
        what: round(sum(late[what] - early[what] for early, late in zip(before, after, strict=True)) / 2 / took_s, 1)
        for what in before[0]
    }


def percentiles(delays: list[float]) -> dict[str, Any]:
    if not delays:
        return {"pairs": 0}
    p50, p95 = (round(float(np.percentile(delays, share)), 1) for share in (50, 95))
    return {"p50": p50, "p95": p95, "pairs": len(delays)}


def measure_native(stage: Stage, *, encrypted: bool = True) -> dict[str, Any]:
    """Our engine, up to RGBA at tile size; then with the browser view's JPEG; then bursts from mouth to ear. Without
    encryption only the first: it is there to be compared.
    """
    room = stage.room("native" if encrypted else "native_open")
    pair = Pair(stage, room, *(ClientProcess("call_client", stage.cards.environment(card)) for card in CARDS))

    def join(name: str) -> dict[str, Any]:
        return {"credentials": asdict(credentials(stage.server, room, name)), "encrypted": encrypted}

    try:
        with stage.speaking(*CARDS):
            result: dict[str, Any] = {"first_frame_ms": pair.first_frames_ms({"camera": str(stage.picture)}, join)}
            time.sleep(SETTLE_S)
            result["rgba"] = pair.cost() | pair.delay()
            if encrypted:
                pair.ask_both("draw", form="JPEG")
                result["jpeg"] = pair.cost() | pair.delay()
                pair.ask_both("draw", form="RGBA")
        if encrypted:
            result["mouth_to_ear_ms"] = _mouth_to_ear_ms(stage)
        pair.ask_both("leave")
    finally:
        pair.close()
    return result


def _mouth_to_ear_ms(stage: Stage) -> dict[str, float]:
    """From Anna's microphone to Ben's speaker, beside the video."""
    with listening(stage.cards, "mic_a", "spk_b") as (mouth, ear):
        count = max(3, int(stage.seconds / PERIOD_S))
        stage.cards.say("a", bursts(800, count)).wait(count * PERIOD_S + 30)
        time.sleep(1.5)
        return statistics(pairs_ms(mouth.onsets(), ear.onsets()))


def measure_chromium(stage: Stage, pages: CallPages, *, encrypted: bool = True) -> dict[str, Any]:
    """livekit-client: decoded only, then drawn, then (reading every frame back costs) the delay."""
    room = stage.room("chromium" if encrypted else "chromium_open")
    clients = (ChromiumClient(pages, stage.cards, card, stage.picture, stage.sound) for card in CARDS)
    pair = Pair(stage, room, *clients)
    try:
        join = _joining(stage, room, encrypted=encrypted)
        result: dict[str, Any] = {"first_frame_ms": pair.first_frames_ms({"video": True}, join)}
        time.sleep(SETTLE_S)
        result["drawn"] = pair.cost()
        pair.ask_both("draw", shown=False)
        result["decoded"] = pair.cost()
        pair.ask_both("draw", shown=True)
        result["drawn"] |= pair.delay()
        pair.ask_both("leave")
    finally:
        pair.close()
    return result


def measure_page(stage: Stage) -> dict[str, Any]:
    """Our call page, as it is shown: from Start and from Join to the first frame, delay and cost."""
    with tempfile.TemporaryDirectory(prefix="bench-page-") as name:
        backend = DemoBackend(Path(name), stage.server, RATE_LIMITS="off").start()
        try:
            people = [member(backend.url, each.role.value, each.name, each.email, PASSWORD) for each in (SAM, NORA)]
            pages = (
                PageClient(who, stage.picture, stage.sound, stage.cards.environment(card))
                for who, card in zip(people, CARDS, strict=True)
            )
            return _measured_pages(stage, Pair(stage, "", *pages))
        finally:
            backend.kill()


def _measured_pages(stage: Stage, pair: Pair) -> dict[str, Any]:
    try:
        result: dict[str, Any] = {"first_frame_ms": pair.first_frames_ms({}, lambda name: {})}
        time.sleep(SETTLE_S)
        result["drawn"] = pair.cost()
        result["drawn"] |= pair.delay()
        result |= pair.ask(pair.anna, "starts")
        result["kilobytes"] = {how: round(size / 1000) for how, size in wire_bytes().items()}
        pair.ask_both("leave")
    finally:
        pair.close()
    return result


def _joining(stage: Stage, room: str, *, encrypted: bool) -> Callable[[str], dict[str, Any]]:
    def join(name: str) -> dict[str, Any]:
        given = credentials(stage.server, room, name)
        key = given.encryption_key if encrypted else ""
        return {"url": given.livekit_url, "token": given.access_token, "key": key}

    return join


class SoundPage:
    """`benchmarks.sound_stage.SoundClient` in Chromium, with a real microphone and speaker and no video."""

    def __init__(
        self, pages: CallPages, server: LivekitServer, cards: SoundCards, room: str, name: str, card: str
    ) -> None:
        self._client = ChromiumClient(pages, cards, card)
        given = credentials(server, room, name)
        self._marks: list[tuple[float, float]] = []
        self._ready = False
        self._client.tell({"do": "prepare", "video": False})
        self._client.tell(
            {
                "do": "join",
                "see": False,
                "url": given.livekit_url,
                "token": given.access_token,
                "key": given.encryption_key,
            }
        )

    def tell(self) -> None:
        self._marks.append((cpu_s(self._client.pid), time.monotonic()))

    def answer(self) -> dict[str, Any]:
        if not self._ready:
            self._ready = True
            return self._client.answer() | self._client.answer()
        (cpu, began), (cpu_then, ended) = self._marks
        return {"cpu": (cpu_then - cpu) / (ended - began)}

    def close(self) -> None:
        self._client.close()
