"""What is known of who was in a booking's room. Pure.

Webhooks and polls of the participants prove that somebody was there. Nobody can see who was there while our servers or
the media server were down, so each person's presence is known as a least and a most.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.auth.rules import Role
from backend.calls.rules.intervals import Interval, gaps_within, merged_within


@dataclass(frozen=True)
class PresenceInterval:
    """One connection of one person: there from `joined_at` to `last_seen_at` for certain; `left_at` if it is known."""

    role: Role
    joined_at: datetime
    last_seen_at: datetime
    left_at: datetime | None


@dataclass(frozen=True)
class Evidence:
    """All that is known of a booking: who was seen, and when participants were polled."""

    presence_intervals: Sequence[PresenceInterval]
    observed: Sequence[Interval]

    def unobserved(self, booked: Interval) -> list[Interval]:
        """The parts of the booked time that no poll covers."""
        return gaps_within(self.observed, booked)

    def least(self, role: Role, booked: Interval) -> list[Interval]:
        """When the person was certainly there."""
        own = [each for each in self.presence_intervals if each.role is role]
        return merged_within([(each.joined_at, each.left_at or each.last_seen_at) for each in own], booked)

    def most(self, role: Role, booked: Interval, gap: timedelta) -> list[Interval]:
        """When the person may have been there: also whenever nobody could see.

        Whose leaving is not known was gone by the next poll at the latest, and that came within `gap`.
        """
        last_seen = [each.last_seen_at for each in self.presence_intervals if each.role is role and not each.left_at]
        unknown_ends = [(at, at + gap) for at in last_seen]
        return merged_within([*self.least(role, booked), *unknown_ends, *self.unobserved(booked)], booked)
