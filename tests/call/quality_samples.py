"""Samples of a connection's quality, named by what is unusual in them."""

from app.call.contract.stats import QualitySample, VideoSize

SENT = VideoSize(1280, 720, 30.0)


def sample(**figures: object) -> QualitySample:
    return QualitySample(**{"at_s": 1.0, "span_s": 1.0, "sent": SENT, **figures})  # type: ignore[arg-type]  # named by the callers
