"""How a call ran: the words for it, and the report that is kept after it for both people."""

import asyncio
from collections.abc import Callable

from app.api.client import ApiClient
from app.api.models import QualityReport, SessionQuality
from app.call.contract import stats as quality_report
from app.call.contract.engine import CallEngine
from app.call.contract.stats import QualitySample, Rating
from app.errors import AppError, Offline

AGAIN_AFTER_S = (5.0, 20.0, 60.0, 180.0)
"""The network that ended a call may be back soon; later the report is let go."""
OTHERS_AFTER_S = (5.0, 10.0, 20.0, 40.0)
"""The other's report comes when their call ends, which is often a moment later."""

RATING_WORDS = {Rating.GOOD: "Good", Rating.FAIR: "Fair", Rating.POOR: "Poor"}
REDUCED_WORDS = "Your picture was reduced so that the sound stays clear"


class Reporting:
    """Sends how the call ran once it has ended; of a call that was joined again, all of it.

    `on_answer` is given what is kept of both sides, whenever more of it is known.
    """

    def __init__(self, api: ApiClient, session_id: str, on_answer: Callable[[SessionQuality], None]) -> None:
        self._api = api
        self._session_id = session_id
        self._on_answer = on_answer
        self._parts: list[quality_report.QualityReport] = []

    def take(self, engine: CallEngine) -> QualityReport | None:
        """The whole report up to the end of this engine; None when it has measured nothing."""
        part = engine.quality_report()
        if part is not None:
            self._parts.append(part)
        whole = quality_report.merge_reports(self._parts) if part is not None else None
        return wire_report(whole) if whole is not None else None

    async def send(self, report: QualityReport) -> None:
        """Tries again while there is no network; a refusal (the session was cancelled) ends it."""
        for wait_s in (*AGAIN_AFTER_S, None):
            try:
                self._on_answer(await self._api.report_quality(self._session_id, report))
                return
            except Offline:
                if wait_s is not None:
                    await asyncio.sleep(wait_s)
            except AppError:
                return

    async def follow(self) -> None:
        """Looks for the other's report for a while."""
        for wait_s in OTHERS_AFTER_S:
            await asyncio.sleep(wait_s)
            try:
                kept = await self._api.session_quality(self._session_id)
            except AppError:  # the next look is the remedy
                continue
            self._on_answer(kept)
            if kept.professional is not None and kept.user is not None:
                return


def wire_report(report: quality_report.QualityReport) -> QualityReport | None:
    """The report as it is kept; None when it is too short to say anything."""
    own, other = report.own.rating, report.peer.rating
    measured_s = int(report.measured_s)
    if own is None or measured_s < 1:
        return None
    return QualityReport(
        measured_s=measured_s,
        own_rating=own.value,
        other_rating=other.value if other else None,
        round_trip_ms=_whole(report.round_trip_ms, 60_000),
        loss_in_permille=_permille(report.loss_in),
        loss_out_permille=_permille(report.loss_out),
        concealed_permille=_permille(report.concealed),
        frozen_s=min(round(report.frozen_s), measured_s),
        reduced_s=min(round(report.reduced_s), measured_s),
        interruptions=min(report.interruptions, 1000),
        received_height=report.received_height or None,
        received_rate_hz=_whole(report.received_rate_hz, 120),
    )


def _whole(value: float | None, most: int) -> int | None:
    return None if value is None else max(0, min(round(value), most))


def _permille(share: float | None) -> int | None:
    return _whole(None if share is None else share * 1000, 1000)


def verdict_words(report: QualityReport) -> str:
    """One sentence on one person's side of a call."""
    match report.own_rating:
        case Rating.GOOD:
            return "The connection was good throughout."
        case Rating.FAIR:
            return "The connection was weak for part of the call."
        case _:
            return "The connection was poor for part of the call."


def trouble_words(report: QualityReport) -> list[str]:
    """What a person may have noticed, the worst first; empty when there was nothing."""
    words = []
    if report.interruptions:
        times = "once" if report.interruptions == 1 else f"{report.interruptions} times"
        words.append(f"The connection broke off {times}.")
    if (report.concealed_permille or 0) >= 10:
        words.append(f"{_percent(report.concealed_permille)} of the sound was lost and filled in.")
    if report.frozen_s:
        words.append(f"The picture stood still for {_seconds(report.frozen_s)}.")
    if report.reduced_s:
        words.append(f"Your picture was reduced for {_seconds(report.reduced_s)} so that the sound stayed clear.")
    return words


def figure_words(report: QualityReport) -> list[tuple[str, str]]:
    """The figures for those who look: what, and how much; what was not measured is left out."""
    figures: list[tuple[str, str]] = []
    if report.round_trip_ms is not None:
        figures.append(("Round trip", f"{report.round_trip_ms} ms"))
    if report.loss_in_permille is not None:
        figures.append(("Lost on the way here", _percent(report.loss_in_permille)))
    if report.loss_out_permille is not None:
        figures.append(("Lost on the way there", _percent(report.loss_out_permille)))
    if report.received_height is not None:
        rate = "" if report.received_rate_hz is None else f", {report.received_rate_hz} a second"
        figures.append(("Picture received", f"{report.received_height}p{rate}"))
    return figures


def _percent(permille: int | None) -> str:
    value = (permille or 0) / 10
    return f"{value:.0f} %" if value == int(value) else f"{value:.1f} %"


def _seconds(seconds: int) -> str:
    if seconds < 60:
        return "1 second" if seconds == 1 else f"{seconds} seconds"
    return "1 minute" if seconds < 120 else f"{seconds // 60} minutes"


def sample_words(sample: QualitySample | None) -> list[tuple[str, str]]:
    """What the panel says of this moment."""
    if sample is None:
        return []
    received, sent = sample.received, sample.sent
    return [
        ("Round trip", "–" if sample.round_trip_ms is None else f"{sample.round_trip_ms:.0f} ms"),
        ("Lost on the way here", _share(sample.loss_in)),
        ("Lost on the way there", _share(sample.loss_out)),
        ("Sound filled in", _share(sample.concealed)),
        ("Sound waiting to play", "–" if sample.jitter_buffer_ms is None else f"{sample.jitter_buffer_ms:.0f} ms"),
        ("Picture received", "–" if received is None else f"{received.height}p, {received.rate_hz:.0f} a second"),
        ("Picture sent", "–" if sent is None else f"{sent.height}p, {sent.rate_hz:.0f} a second"),
    ]


def _share(share: float | None) -> str:
    return "–" if share is None else _percent(round(share * 1000))
