"""The report on how a call ran: sent once it has ended, kept for both people."""

import asyncio
from collections.abc import Callable

from app.api.client import ApiClient
from app.api.models import QualityReport, SessionQuality
from app.call.contract import stats as quality_report
from app.call.contract.engine import CallEngine
from app.errors import AppError, Offline

AGAIN_AFTER_S = (5.0, 20.0, 60.0, 180.0)
"""The network that ended a call may be back soon; later the report is let go."""

OTHERS_AFTER_S = (5.0, 10.0, 20.0, 40.0)
"""The other's report comes when their call ends, which is often a moment later."""


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
            except AppError:  # the next poll is the remedy
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
