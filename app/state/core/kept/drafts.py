"""What somebody has typed and not yet saved, by field: it outlives the process that serves their page."""

import asyncio
import json
from collections.abc import Callable

PAUSE_S = 0.5
"""Between two writings: a key is no reason for one of its own."""
LARGEST = 16_000  # characters in all; what is longer is kept in this process alone
LARGEST_UNSAVED = 200_000  # of what is to be saved at the backend, which is worth more


class Drafts:
    """`keep` writes all of it down as one text, which `kept` brings back at the next start. Without it nothing is."""

    def __init__(self, kept: str = "", keep: Callable[[str], None] | None = None, largest: int = LARGEST) -> None:
        """`largest`: in characters, as they are written down."""
        self._largest = largest
        self._texts = _read(kept)
        self._keep = keep
        self._writing: asyncio.TimerHandle | None = None

    def text(self, field: str) -> str:
        """What was typed into that field; empty when nothing was, or it was saved or left."""
        return self._texts.get(field, "")

    def note(self, field: str, text: str) -> None:
        """The field holds that now; an empty text is no draft."""
        if self._texts.get(field, "") == text:
            return
        if text:
            self._texts[field] = text
        else:
            self._texts.pop(field, None)
        self._write_soon()

    def clear(self) -> None:
        """For the end of a sign-in."""
        self._texts.clear()
        self._write()

    def _write_soon(self) -> None:
        if self._keep is not None and self._writing is None:
            self._writing = asyncio.get_running_loop().call_later(PAUSE_S, self._write)

    def _write(self) -> None:
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None
        text = json.dumps(self._texts) if self._texts else ""
        if self._keep is not None and len(text) <= self._largest:
            self._keep(text)


def _read(kept: str) -> dict[str, str]:
    try:
        texts = json.loads(kept or "{}")
    except ValueError:
        return {}
    return {str(field): str(text) for field, text in texts.items()} if isinstance(texts, dict) else {}
