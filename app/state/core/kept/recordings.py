"""Which calls were recorded on this device, by account: it outlives a crash and the sign-in."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime

from app.state.core.kept.drafts import Drafts

MOST_KEPT = 200
"""The oldest make room; their files stay."""


@dataclass(frozen=True)
class KeptRecording:
    """One recording, from the moment at which it began. `file` is a path; times are ISO 8601, aware."""

    session_id: str
    ask_id: str
    file: str = field(repr=False)
    began_at: str


class KeptRecordings:
    """Of one account, the oldest first."""

    def __init__(self, store: Drafts, account_id: str) -> None:
        self._store = store
        self._key = f"recordings:{account_id}"

    def all(self) -> tuple[KeptRecording, ...]:
        return tuple(_read(self._store.text(self._key)))

    def note(self, recording: KeptRecording) -> None:
        """A new one; or what its file is by now."""
        others = [each for each in self.all() if each.ask_id != recording.ask_id]
        known = next((each for each in self.all() if each.ask_id == recording.ask_id), None)
        new = recording if known is None else replace(recording, began_at=known.began_at)
        self._write([*others, new])

    def forget(self, ask_id: str) -> None:
        """The entry; the file stays where it is."""
        self._write([each for each in self.all() if each.ask_id != ask_id])

    def _write(self, kept: Sequence[KeptRecording]) -> None:
        newest = sorted(kept, key=lambda each: each.began_at)[-MOST_KEPT:]
        self._store.note(self._key, json.dumps([asdict(each) for each in newest]) if newest else "")


def _read(kept: str) -> list[KeptRecording]:
    """What is ours of it; anything may stand in a file of the device."""
    names = {each.name for each in fields(KeptRecording)}
    try:
        found = json.loads(kept or "[]")
    except ValueError:
        return []
    entries = found if isinstance(found, list) else []
    return [
        KeptRecording(**each)
        for each in entries
        if isinstance(each, dict)
        and each.keys() == names
        and all(isinstance(text, str) for text in each.values())
        and _is_time(each["began_at"])
    ]


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
