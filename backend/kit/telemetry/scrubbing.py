"""Takes out of a text what must not stand in a log: mail addresses, tokens, keys, passwords, values of rows.

For messages of exceptions, which quote what they choked on. Pure.
"""

import re

LONGEST = 500
_PUT_IN = (
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "[address]"),
    (re.compile(r"eyJ[\w-]{5,}(?:\.[\w-]+){0,2}"), "[token]"),  # JSON Web Tokens (RFC 7519): LiveKit's, and call links
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]+"), r"\1 [token]"),
    (re.compile(r"\b(?:sk|rk|pk|whsec|rcn|acct_secret)_[\w-]+"), "[key]"),
    (re.compile(r"(?<=://)[^\s/@:]*:[^\s/@]+@"), "[password]@"),
    (re.compile(r"\)=\(.*?\)(?=[\s.,]|$)"), ")=([value])"),  # PostgreSQL's DETAIL: Key (email)=(...) already exists
    (re.compile(r"\[parameters: .*", re.DOTALL), "[parameters]"),  # SQLAlchemy's
    (re.compile(r"\b[\w-]{40,}\b"), "[token]"),  # our own sign-in tokens, and anything as long and as opaque
)


def scrubbed(text: str) -> str:
    """The text in one line and at most `LONGEST` characters, without what must not be logged."""
    text = text[: 4 * LONGEST]  # what is cut off anyway need not be searched
    for pattern, instead in _PUT_IN:
        text = pattern.sub(instead, text)
    return " ".join(text.split())[:LONGEST]


def words_of(error: BaseException) -> str:
    """Type and scrubbed message: `ValueError: no such zone`."""
    said = scrubbed(str(error))
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
