"""What a file that somebody sends is called: a name that any system can save, and how an answer carries it. Pure.

The app cleans names in the same way before it sends them (app/call/contract/files.py); this is for whoever does not.
"""

import re
import unicodedata
from urllib.parse import quote, unquote

LONGEST_NAME, LONGEST_NAME_BYTES, LONGEST_ENDING = 120, 200, 16
"""Characters; bytes of UTF-8, of which file systems allow 255; characters of an ending, with its dot."""
NAMELESS = "file"
_JOINERS = "\u200c\u200d"
"""Invisible, and part of how words in Persian or Hindi and many emoji are written."""
_INVISIBLE = ("Cc", "Cf", "Cs", "Zl", "Zp")
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
"""Names that Windows keeps for itself, with any ending ("Naming Files, Paths, and Namespaces")."""


def clean_file_name(name: str) -> str:
    """No folder, nothing invisible, nothing that a system forbids, not too long; never empty."""
    last = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1][: 4 * LONGEST_NAME])
    seen = "".join(each for each in last if each in _JOINERS or unicodedata.category(each) not in _INVISIBLE)
    kept = _shortened(_FORBIDDEN.sub("_", seen).strip(" .\u00a0" + _JOINERS))
    if not kept:
        return NAMELESS
    return f"_{kept}" if _DEVICES.fullmatch(kept) else kept


def _shortened(name: str) -> str:
    """The beginning and the ending."""
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending) >= LONGEST_ENDING:
        stem, dot, ending = name, "", ""
    ending = dot + ending
    stem = stem[: LONGEST_NAME - len(ending)]
    while len((stem + ending).encode()) > LONGEST_NAME_BYTES:
        stem = stem[:-1]
    return stem.rstrip(" .") + ending if stem else name[:1]


def name_in_header(value: str) -> str:
    """The clean name in a header that carries it in UTF-8 and percent-encoded (RFC 3986, 2.1); bytes that are no UTF-8
    become the sign for that.
    """
    return clean_file_name(unquote(value, errors="replace"))


def as_attachment(name: str) -> str:
    """`Content-Disposition` of a file that is to be saved and never shown (RFC 6266, 4): a clean name in full (RFC
    8187), and in plain letters for whoever reads no more than that.
    """
    plain = re.sub(r"[^A-Za-z0-9 ._-]", "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
