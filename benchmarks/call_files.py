"""The picture that every client of a measured call sends, and how late each of its frames was seen."""

from pathlib import Path

from tests.stage import browser_files

WIDTH, HEIGHT = 1280, 720
DISTINCT = 240
"""Pictures in the file, which is read again and again: a number comes back after 8 s."""
GRAIN = 3.0


def write_picture_file(path: Path) -> Path:
    """Numbered 720p pictures with the grain of a webcam."""
    return browser_files.write_picture_file(path, range(1, DISTINCT + 1), WIDTH, HEIGHT, GRAIN)


def delays_ms(sent: list[list[float]], seen: list[list[float]]) -> list[float]:
    """Of each (number, ms) seen, since the last time before it that this number was sent."""
    by_number: dict[float, list[float]] = {}
    for number, at in sent:
        by_number.setdefault(number, []).append(at)
    found = []
    for number, at in seen:
        before = [sent_at for sent_at in by_number.get(number, []) if sent_at <= at]
        if before:
            found.append(at - max(before))
    return found
