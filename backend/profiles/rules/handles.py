"""The name in the address of a professional's public page (`/p/nora-berg`): what it may be, what is suggested. Pure."""

import re
from collections.abc import Iterator
from uuid import UUID

from backend.kit.errors import BusinessError, InvalidPayload
from backend.kit.text import folded, nfkc

SHORTEST, LONGEST = 3, 30
MOST_HANDLES = 10
"""So many one professional may ever have: each stays theirs, and nobody is to collect names that others would want."""

PATTERN = "^[a-z0-9]+(-[a-z0-9]+)*$"
_FORM = re.compile(PATTERN, re.ASCII)

_RESERVED_TEXT = """
    about account admin administrator api app assets auth availability billing blog book booking bookings call calls
    checkout contact demo docs download edit email faq favicon find handle health help home info invoice jobs legal
    login logout mail manage me moderator my-sessions new news null official owner page pages pay payment payments
    payout payouts press pricing privacy pro professional professionals profile public refund refunds root sandbox
    search security service session sessions settings sign-in sign-out sign-up signin signout signup staff static
    status stripe support system team terms test undefined upcoming user users webhook webhooks www
"""
RESERVED = frozenset(_RESERVED_TEXT.split())
"""What would read as a page of Rendezvous itself, not as a person's."""


class HandleTaken(BusinessError):
    """Somebody has it, or had it and their old links still lead to them."""

    status = 409
    detail = "This link name is taken. Choose another one."

    def __init__(self) -> None:
        super().__init__(extra={"fields": {"handle": self.detail}})


class TooManyHandles(InvalidPayload):
    """Each former one still leads to this professional, so none of them can be given back."""

    def __init__(self) -> None:
        super().__init__({"handle": f"You have had {MOST_HANDLES} link names. Choose one of those again."})


def normal_handle(text: str) -> str:
    """The handle in its one form, lower case; ValueError (its text is for people) for what is none."""
    handle = nfkc(text).strip().lower()
    if not SHORTEST <= len(handle) <= LONGEST:
        raise ValueError(f"Use {SHORTEST} to {LONGEST} characters.")
    if not _FORM.fullmatch(handle):
        raise ValueError("Use the letters a to z, digits, and single hyphens between them.")
    if handle in RESERVED or "rendezvous" in handle:
        raise ValueError("This link name is reserved. Choose another one.")
    return handle


def possible_handle(text: str) -> str | None:
    """The handle that an address means, or None where it can mean none."""
    handle = text.lower()
    return handle if SHORTEST <= len(handle) <= LONGEST and _FORM.fullmatch(handle) else None


def suggestions(name: str, category: str | None, professional_id: UUID) -> Iterator[str]:
    """Handles for a professional of that name, the best first. The last ones nobody else is likely to have.

    A name without Latin letters gives none: what the person does stands in its place.
    """
    base = _shortened("-".join(re.findall("[a-z0-9]+", folded(name))), LONGEST - 9)
    if not _is_free_of_rules(base):
        base = category or "sessions"
    else:
        yield base
        yield from (f"{base}-{number}" for number in range(2, 6))
    yield f"{base}-{professional_id.hex[:4]}"
    yield f"{base}-{professional_id.hex[:8]}"


def _shortened(words: str, most: int) -> str:
    if len(words) <= most:
        return words
    return words[:most].rpartition("-")[0] or words[:most]


def _is_free_of_rules(handle: str) -> bool:
    try:
        return normal_handle(handle) == handle
    except ValueError:
        return False
