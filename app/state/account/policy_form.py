"""A cancellation policy as a professional chooses or types it. Pure; `cancellation_words` has what users read of it.

Deadlines are whole minutes before the start, as on the wire: everything comes back until the first, half until the
second, nothing after. They are chosen by name, or typed in hours.
"""

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from app.api.models import CancellationPolicy
from app.state.bookings.words.cancellation_words import offer_words

LONGEST_MIN = 14 * 24 * 60
OWN = "own"
HOURS_HINT = "Enter hours such as 12 or 0.5."
TOO_LONG = "At most 336 hours, which is two weeks."
HALF_TOO_EARLY = "This cannot be more than the hours for a full refund."

_HOURS = re.compile(r"([0-9]{1,4})(?:[.,]([0-9]{1,2}))?\s*h?", re.IGNORECASE)


def sentence(full_until_minutes: int, half_until_minutes: int) -> str:
    """What users read of such a policy."""
    policy = CancellationPolicy(full_until_minutes=full_until_minutes, half_until_minutes=half_until_minutes)
    return offer_words(policy)


@dataclass(frozen=True)
class Preset:
    """A policy with a name."""

    key: str
    name: str
    full_until_minutes: int
    half_until_minutes: int

    @property
    def words(self) -> str:
        return sentence(self.full_until_minutes, self.half_until_minutes)


PRESETS = (
    Preset("flexible", "Flexible", 2 * 60, 0),
    Preset("standard", "Standard", 12 * 60, 2 * 60),
    Preset("strict", "Strict", 48 * 60, 24 * 60),
)


def parse_hours(text: str) -> int | None:
    """Minutes for `12`, `1.5`, `0,5`, `12 h`; None when it is no number of hours that makes whole minutes."""
    found = _HOURS.fullmatch(text.strip())
    if not found:
        return None
    minutes = Decimal(f"{found[1]}.{found[2] or 0}") * 60
    return int(minutes) if minutes == int(minutes) else None


def hours_words(minutes: int) -> str:
    """`90` -> `1.5`, the form that the fields show; odd minutes are rounded to hundredths."""
    return f"{round(minutes / 60, 2):g}"


@dataclass(frozen=True)
class PolicyDraft:
    """What is chosen: a preset's key, or OWN with hours as typed. `exact` are the minutes that the hours stand for,
    because a saved policy may be one that hours cannot say."""

    choice: str
    full_hours: str
    half_hours: str
    exact: tuple[int, int] | None = None

    @classmethod
    def of(cls, policy: CancellationPolicy) -> "PolicyDraft":
        minutes = (policy.full_until_minutes, policy.half_until_minutes)
        key = next((each.key for each in PRESETS if (each.full_until_minutes, each.half_until_minutes) == minutes), OWN)
        return cls(key, hours_words(minutes[0]), hours_words(minutes[1]), minutes)

    def choosing(self, key: str) -> "PolicyDraft":
        """Another choice. The hours follow it, so that one's own begin from what was there."""
        preset = next((each for each in PRESETS if each.key == key), None)
        if preset is None:
            return replace(self, choice=OWN)
        full, half = preset.full_until_minutes, preset.half_until_minutes
        return PolicyDraft(key, hours_words(full), hours_words(half), (full, half))

    def typing(self, full_hours: str | None = None, half_hours: str | None = None) -> "PolicyDraft":
        """Own hours as typed."""
        return PolicyDraft(
            OWN,
            self.full_hours if full_hours is None else full_hours,
            self.half_hours if half_hours is None else half_hours,
        )

    @property
    def minutes(self) -> tuple[int, int] | None:
        """Full and half, as they would be sent; None while something is wrong."""
        if self.exact is not None:
            return self.exact
        full, half = parse_hours(self.full_hours), parse_hours(self.half_hours)
        return None if full is None or half is None or self.field_errors else (full, half)

    @property
    def field_errors(self) -> dict[str, str]:
        """Field (full_hours, half_hours) -> what is wrong with it."""
        if self.exact is not None:
            return {}
        full, half = parse_hours(self.full_hours), parse_hours(self.half_hours)
        found = {}
        for name, minutes in (("full_hours", full), ("half_hours", half)):
            if minutes is None:
                found[name] = HOURS_HINT
            elif minutes > LONGEST_MIN:
                found[name] = TOO_LONG
        if not found and full is not None and half is not None and half > full:
            found["half_hours"] = HALF_TOO_EARLY
        return found

    @property
    def words(self) -> str:
        """The sentence that users will read; empty while something is wrong."""
        return sentence(*self.minutes) if self.minutes else ""
