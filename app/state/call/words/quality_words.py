"""How a call ran, in words. Pure."""

from app.api.models import QualityReport
from app.call.contract.stats import QualitySample, Rating

RATING_WORDS = {Rating.GOOD: "Good", Rating.FAIR: "Fair", Rating.POOR: "Poor"}
REDUCED_WORDS = "Your video was reduced to keep the sound clear"


def verdict_words(report: QualityReport) -> str:
    """One sentence on one person's side of a call."""
    match report.own_rating:
        case Rating.GOOD:
            return "The connection was good throughout."
        case Rating.FAIR:
            return "The connection was weak for part of the call."
        case _:
            return "The connection was poor for part of the call."


def symptom_words(report: QualityReport) -> list[str]:
    """What a person may have noticed, the worst first; empty when there was nothing."""
    words = []
    if report.interruptions:
        times = "once" if report.interruptions == 1 else f"{report.interruptions} times"
        words.append(f"The connection dropped {times}.")
    if (report.concealed_permille or 0) >= 10:
        words.append(f"{_percent(report.concealed_permille)} of the audio was lost and concealed.")
    if report.frozen_s:
        words.append(f"The picture froze for {_seconds(report.frozen_s)}.")
    if report.reduced_s:
        words.append(f"Your video was reduced for {_seconds(report.reduced_s)} to keep the sound clear.")
    return words


def figure_words(report: QualityReport) -> list[tuple[str, str]]:
    """The figures for those who look: what, and how much; what was not measured is left out."""
    figures: list[tuple[str, str]] = []
    if report.round_trip_ms is not None:
        figures.append(("Round trip", f"{report.round_trip_ms} ms"))
    if report.loss_in_permille is not None:
        figures.append(("Packet loss (incoming)", _percent(report.loss_in_permille)))
    if report.loss_out_permille is not None:
        figures.append(("Packet loss (outgoing)", _percent(report.loss_out_permille)))
    if report.received_height is not None:
        rate = "" if report.received_rate_hz is None else f", {report.received_rate_hz} fps"
        figures.append(("Video received", f"{report.received_height}p{rate}"))
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
        ("Round trip", _milliseconds(sample.round_trip_ms)),
        ("Packet loss (incoming)", _share(sample.loss_in)),
        ("Packet loss (outgoing)", _share(sample.loss_out)),
        ("Audio concealed", _share(sample.concealed)),
        (
            "Audio in the playout buffer",
            _milliseconds(sample.jitter_buffer_ms),
        ),
        ("Video received", "–" if received is None else f"{received.height}p, {received.rate_hz:.0f} fps"),
        ("Video sent", "–" if sent is None else f"{sent.height}p, {sent.rate_hz:.0f} fps"),
        ("Video encoder", sample.encoder or "–"),
    ]


def _milliseconds(length_ms: float | None) -> str:
    return "–" if length_ms is None else f"{length_ms:.0f} ms"


def _share(share: float | None) -> str:
    return "–" if share is None else _percent(round(share * 1000))
