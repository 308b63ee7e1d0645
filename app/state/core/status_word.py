"""A status in one word, and how it is to be shown: with which tone and which icon."""

from dataclasses import dataclass


@dataclass(frozen=True)
class StatusWord:
    """`tone` names a pair of the theme's status colours: good | note | wait | bad | quiet; `icon` names the icon."""

    word: str
    tone: str
    icon: str
