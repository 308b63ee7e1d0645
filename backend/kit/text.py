"""What requests carry: text that people type, made safe to store and to compare, and numbers; strict about all else.

Unicode writes one text in several ways. Stored and shown is NFC (Unicode Standard Annex 15); digits, addresses,
passwords and what is searched take NFKC, in which full-width and narrow letters are the usual ones.
"""

import unicodedata
from functools import cache
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from backend.kit.letters import UNSPACED_SCRIPTS, script_of, without_idle_marks

_SEPARATORS = str.maketrans({"٫": ".", "٬": ",", "،": ",", "∶": ":", "꞉": ":", "։": ":", "。": ".", "﹕": ":"})
"""Decimal and time separators of keyboards, beside the full-width ones that NFKC knows."""

_PLAIN = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t", "ŋ": "n"}
    | {letter: None for letter in "\u00ad\u0640\u200b\u200c\u200d\u200e\u200f\u2060\ufe0e\ufe0f\ufeff"}
)
"""Letters that have no decomposition, and marks that nobody looks for."""

_ACCENTS = ((0x0300, 0x036F), (0x0591, 0x05C7), (0x064B, 0x065F), (0x0670, 0x0670), (0x20D0, 0x20FF))
"""Accents of European letters, points of Hebrew, vowels of Arabic: what is often left out in typing.

Marks of other scripts are not: they are vowels of Indian ones and voice the Japanese.
"""

_NO_ACCENTS: dict[int, None] = {code: None for first, last in _ACCENTS for code in range(first, last + 1)}


def nfc(text: str) -> str:
    """The form in which text is stored and shown."""
    return unicodedata.normalize("NFC", text)


def nfkc(text: str) -> str:
    """The form in which addresses, passwords and numbers are compared."""
    return unicodedata.normalize("NFKC", text)


def plain_digits(text: str) -> str:
    """Numbers, times and dates of any keyboard as ASCII writes them: `１４：３０` and `١٤:٣٠` are `14:30`."""
    digits = (str(unicodedata.decimal(letter, letter)) for letter in text.translate(_SEPARATORS))
    return nfkc("".join(digits))


def folded(text: str) -> str:
    """What search and order compare: without case and accents, in either Unicode form; `Weiß` is `weiss`.

    Folding twice changes nothing.
    """
    bare = _without_accents(_without_accents(text).casefold().translate(_PLAIN))
    return " ".join(unicodedata.normalize("NFKC", bare).split())


def _without_accents(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFKD", text).translate(_NO_ACCENTS)


def searchable(text: str) -> str:
    """A text as search keeps it: folded, two spaces before each word, so that also the start of one has three letters.

    Scripts that put no spaces between words have one before each letter, as signs have.
    """
    return "".join(f"  {word}" for word in _search_words(text))


def search_part(word: str) -> str:
    """What of `searchable` text is to be found for a typed word: three letters or more anywhere, fewer at a start."""
    parts = _search_words(word)
    if len(parts) == 1 and len(parts[0]) >= SHORTEST_INSIDE:
        return parts[0]
    return "".join(f"  {part}" for part in parts)


def _search_words(text: str) -> list[str]:
    words: list[str] = []
    before = "space"
    for letter in folded(text):
        kind = _kind_of(letter)
        if before != "space" and kind == "mark":
            words[-1] += letter
            continue  # the letter under it says whether the next one goes on with this word
        if before == kind == "letter":
            words[-1] += letter
        elif kind != "space":
            words.append(_in_runes(letter) if kind == "sign" else letter)
        before = kind
    return words


def _in_runes(sign: str) -> str:
    """A sign as letters that nobody types: PostgreSQL's trigrams are of letters and digits only."""
    return "".join(chr(_FIRST_RUNE + int(digit, 16)) for digit in f"{ord(sign):04x}")


_FIRST_RUNE = 0x16A0


@cache
def _kind_of(letter: str) -> str:
    """`mark` goes with the letter before it; `alone` and `sign` are words of their own."""
    if letter == " ":
        return "space"
    if unicodedata.category(letter).startswith("M"):
        return "mark"
    if not letter.isalnum():
        return "sign"
    return "alone" if script_of(letter) in UNSPACED_SCRIPTS else "letter"


SHORTEST_INSIDE = 3
"""Indexes by trigrams find nothing shorter."""


def clean_line(text: str) -> str:
    """One line in NFC, runs of white space made one space; ValueError for control characters."""
    line = " ".join(nfc(without_idle_marks(nfc(text))).split())
    _refuse_control_characters(line, allowed="")
    return line


def clean_paragraphs(text: str) -> str:
    """Several lines in NFC, ends trimmed, line breaks made `\\n`; ValueError for other control characters."""
    lines = nfc(text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    paragraphs = "\n".join(nfc(without_idle_marks(line)).rstrip() for line in lines).strip()
    _refuse_control_characters(paragraphs, allowed="\n\t")
    return paragraphs


def as_typed(text: str) -> str:
    """What somebody is still typing, in NFC with line breaks made `\\n` and nothing trimmed; ValueError as above."""
    typed = nfc(text).replace("\r\n", "\n").replace("\r", "\n")
    _refuse_control_characters(typed, allowed="\n\t")
    return typed


def _refuse_control_characters(text: str, allowed: str) -> None:
    if any(unicodedata.category(letter) in {"Cc", "Cs"} and letter not in allowed for letter in text):
        raise ValueError("Please use plain text.")


SingleLineStr = Annotated[str, AfterValidator(clean_line)]
MultiLineStr = Annotated[str, AfterValidator(clean_paragraphs)]
AsTypedStr = Annotated[str, AfterValidator(as_typed)]


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


JsonInt = Annotated[int, BeforeValidator(_whole), Field(strict=True)]
"""A whole number, which JSON may also write as 5.0 (JSON Schema 2020-12, 6.1.1); never text or true."""


class Payload(BaseModel):
    """What a request's body is made of: strict about names, so that a misspelt field is not silently ignored."""

    model_config = ConfigDict(extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _storable(cls, value: object) -> object:
        if isinstance(value, str) and "\0" in value:
            raise ValueError("Please use plain text.")  # PostgreSQL refuses it even in what is only compared
        return value
