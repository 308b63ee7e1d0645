"""Links within a text that somebody wrote. Pure."""

import re
from dataclasses import dataclass

_LINK = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_END = ".,;:!?)]}'"


@dataclass(frozen=True)
class Part:
    """A piece of a text; with `url`, a link. Nothing else of a text means anything."""

    text: str
    url: str = ""


def parts_of(text: str) -> tuple[Part, ...]:
    """The text in its order, with all that begins with http:// or https:// as links, without the full stop behind."""
    parts: list[Part] = []
    at = 0
    for found in _LINK.finditer(text):
        url = found[0].rstrip(_END)
        if url.lower() in ("http://", "https://"):
            continue
        if found.start() > at:
            parts.append(Part(text[at : found.start()]))
        parts.append(Part(url, url))
        at = found.start() + len(url)
    return (*parts, Part(text[at:])) if at < len(text) else tuple(parts)
