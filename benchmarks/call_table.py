"""The table of bench_call: a row a figure, a column a way to have the call; a cell without a number says why."""

from collections.abc import Callable
from typing import Any

COLUMNS = {
    "native": "this app",
    "page": "its call page",
    "chromium": "livekit-client",
    "platform": "PlatformAudio",
    "media_devices": "MediaDevices",
}
SOUND_ONLY, NO_VIEW, WITH_PICTURE = "sound only", "not ours", "with picture"
DRAWN, NO_PAGE = "always drawn", "-"
FIRST_FRAME_AIM_MS = 500.0
FLUENT_A_SECOND = 27
AS_SEEN = "make bench_first_frame"
NO_DRAWING = "There is no display here that a texture could be drawn to."
NO_MICROPHONE = (
    "Chromium takes a file as the camera only together with a file as the microphone, whose moments are unknown."
)
_NAME, _CELL = 44, 16

Result = dict[str, Any]
Row = tuple[str, list[str]]
Show = Callable[[Result], str]


class Notes:
    """Reasons too long for a cell, by number."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def number(self, text: str) -> str:
        if text not in self.texts:
            self.texts.append(text)
        return f"({self.texts.index(text) + 1})"


def table(result: Result) -> list[str]:
    notes = Notes()
    lines = [f"{'':{_NAME}}" + "".join(f"{name:>{_CELL}}" for name in COLUMNS.values())]
    for name, cells in _rows(result, notes):
        lines.append(f"{name:{_NAME}}" + "".join(f"{cell:>{_CELL}}" for cell in cells))
    lines += [f"({number}) {text}" for number, text in enumerate(notes.texts, 1)]
    return lines + verdict(result)


def _rows(result: Result, notes: Notes) -> list[Row]:
    calls, sounds = result["calls"], result["sound_only"]

    def of_call(kind: str, show: Callable[[Result], str]) -> str:
        return _cell(calls[kind], show, notes)

    def of_sounds(show: Callable[[Result], str]) -> list[str]:
        return [_cell(sounds[kind], show, notes) if kind in sounds else WITH_PICTURE for kind in COLUMNS]

    def of_all(name: str, native: Show, browser: Show) -> Row:
        cells = [of_call("native", native), of_call("page", browser), of_call("chromium", browser)]
        return name, [*cells, SOUND_ONLY, SOUND_ONLY]

    def of_both(name: str, native: Show, chromium: Show) -> Row:
        return name, [of_call("native", native), DRAWN, of_call("chromium", chromium), SOUND_ONLY, SOUND_ONLY]

    def of_one(name: str, show: Show, other: str) -> Row:
        return name, [of_call("native", show), other, other, SOUND_ONLY, SOUND_ONLY]

    def of_page(name: str, show: Show) -> Row:
        return name, [NO_PAGE, of_call("page", show), NO_PAGE, SOUND_ONLY, SOUND_ONLY]

    def without(name: str, native: Callable[[Result], str], chromium: Callable[[Result], str]) -> Row:
        """Both rows are of one run; all others are encrypted."""
        ours, theirs = (
            _cell(calls[f"{kind}_open"], show, notes) for kind, show in (("native", native), ("chromium", chromium))
        )
        cells = [ours, NO_PAGE, theirs]
        return name, [*cells, SOUND_ONLY, SOUND_ONLY]

    return [
        of_page("Start pressed to the preview: median, ms", lambda one: f"{median(one['start_ms']):.0f}"),
        of_page("  the page's size by gzip, kB", lambda one: f"{one['kilobytes']['gzip']}"),
        of_all("Join pressed to first frame: median, ms", _first_frame, _first_frame),
        of_all("  the longest, ms", _longest, _longest),
        of_all("frame delay: p50 / p95, ms", lambda one: _delay(one["rgba"]), lambda one: _delay(one["drawn"])),
        of_one("  to the browser view's JPEG", lambda one: _delay(one["jpeg"]), NO_VIEW),
        of_all("  pictures a second", lambda one: _rate(one["rgba"]), lambda one: _rate(one["drawn"])),
        of_all("  of the size", lambda one: _size(one["rgba"]), lambda one: _size(one["drawn"])),
        ("mouth to ear, sound only: p50 / p95, ms", of_sounds(_ear)),
        of_one("  beside the picture", lambda one: _ear(one), notes.number(NO_MICROPHONE)),
        of_both(
            "CPU of a client, before drawing, cores", lambda one: _cpu(one["rgba"]), lambda one: _cpu(one["decoded"])
        ),
        of_both(
            "  pictures a second then: sent / decoded",
            lambda one: _rates(one["rgba"], "decoded"),
            lambda one: _rates(one["decoded"], "decoded"),
        ),
        of_all("  drawn", lambda _: notes.number(NO_DRAWING), lambda one: _cpu(one["drawn"])),
        of_all(
            "  pictures a second then: sent / shown",
            lambda one: _rates(one["rgba"], "shown"),
            lambda one: _rates(one["drawn"], "shown"),
        ),
        of_one("  with the browser view's JPEG", lambda one: _cpu(one["jpeg"]), NO_VIEW),
        ("CPU of a client, sound only, cores", of_sounds(_cpu)),
        of_all("memory of a client, MB", lambda one: _memory(one["rgba"]), lambda one: _memory(one["drawn"])),
        without("not encrypted: to the first frame, median", _first_frame, _first_frame),
        without("  frame delay: p50 / p95, ms", lambda one: _delay(one["rgba"]), lambda one: _delay(one["drawn"])),
        without("  CPU, before drawing, cores", lambda one: _cpu(one["rgba"]), lambda one: _cpu(one["decoded"])),
    ]


def _cell(part: Result, show: Callable[[Result], str], notes: Notes) -> str:
    return notes.number(part["failed"]) if "failed" in part else show(part)


def mean(figures: list[float]) -> float:
    return sum(figures) / len(figures)


def median(figures: list[float]) -> float:
    ordered = sorted(figures)
    return mean(ordered[(len(ordered) - 1) // 2 : len(ordered) // 2 + 1])


def _first_frame(part: Result) -> str:
    return f"{median(part['first_frame_ms']):.0f}"


def _longest(part: Result) -> str:
    return f"{max(part['first_frame_ms']):.0f}"


def _delay(part: Result) -> str:
    delay = part["frame_delay_ms"]
    return f"{delay['p50']:.0f} / {delay['p95']:.0f}" if delay["pairs"] else "no picture seen"


def _rate(part: Result) -> str:
    return f"{mean(part['pictures_a_second']):.1f}"


def _size(part: Result) -> str:
    return " x ".join(str(length) for length in part["size"])


def _ear(part: Result) -> str:
    delay = part["mouth_to_ear_ms"]
    return f"{delay['median']:.0f} / {delay['p95']:.0f}" if delay["bursts"] else "nothing heard"


def _cpu(part: Result) -> str:
    return f"{mean(part['cpu_of_a_core']):.2f}"


def _rates(part: Result, taken: str) -> str:
    rates = part["rates_meanwhile"]
    return f"{rates['encoded']:.0f} / {rates[taken]:.0f}"


def _memory(part: Result) -> str:
    return f"{mean(part['memory_mb']):.0f}"


def verdict(result: Result) -> list[str]:
    """Where this app is ahead of livekit-client and where not, of what is measured up to the same point in both."""
    ours, theirs = result["calls"]["native"], result["calls"]["chromium"]
    if "failed" in ours or "failed" in theirs:
        return []
    first_frame_ms = median(ours["first_frame_ms"])
    pairs = {
        "CPU before drawing": (mean(ours["rgba"]["cpu_of_a_core"]), mean(theirs["decoded"]["cpu_of_a_core"])),
    }
    ear, other_ear = (result["sound_only"][kind].get("mouth_to_ear_ms", {}) for kind in ("native", "chromium"))
    pairs |= _shares("mouth to ear", ear, other_ear, "median")
    ahead = [name for name, (own, other) in pairs.items() if own < other]
    behind = [name for name in pairs if name not in ahead]
    doubt = []
    parts = (ours["rgba"], theirs["decoded"], theirs["drawn"])
    if min(part["rates_meanwhile"][what] for part in parts for what in ("encoded", "decoded")) < FLUENT_A_SECOND:
        doubt = ["The machine was too busy for 30 pictures a second: CPU and delays of the two do not compare."]
    reached = "reached" if first_frame_ms <= FIRST_FRAME_AIM_MS else "not reached"
    return [
        f"ahead of livekit-client: {', '.join(ahead) or 'nothing'}; not ahead: {', '.join(behind) or 'nothing'}",
        "not compared: first frame, frame delay (ours ends in memory, theirs is drawn), memory (ours has no window)",
        f"first frame in memory within {FIRST_FRAME_AIM_MS:.0f} ms of Join: {reached}; as a person sees it: {AS_SEEN}",
        *doubt,
    ]


def _shares(name: str, ours: Result, theirs: Result, middle: str) -> dict[str, tuple[float, float]]:
    """What was measured of both, of a delay's middle and its p95."""
    return {
        f"{name} {share}": (ours[share], theirs[share])
        for share in (middle, "p95")
        if share in ours and share in theirs
    }
