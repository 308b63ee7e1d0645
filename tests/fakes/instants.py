"""Instants as the backend writes them."""

import datetime as dt


def wire_time(instant: dt.datetime) -> str:
    """Aware in, UTC with a Z out."""
    return instant.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
