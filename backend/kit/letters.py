"""Letters and their scripts: what of a text can be read, and what reads as something else. Pure.

Scripts and look-alikes are those of Unicode Technical Standard 39, as `confusable-homoglyphs` carries them.
"""

import unicodedata
from functools import cache

from confusable_homoglyphs import categories, confusables  # type: ignore[import-untyped]  # it ships no types

JOINERS = "\u200c\u200d"
BLANKS = "\U0001d159\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
"""Fillers and the empty Braille pattern: letters and signs by their category that show nothing."""

_DIRECTIONS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_ISOLATES = {"\u2066": 1, "\u2067": 1, "\u2068": 1, "\u2069": -1}
_OVERRIDES = "\u202a\u202b\u202c\u202d\u202e"
_FLAG_TAGS = range(0xE0020, 0xE0080)
_BLACK_FLAG = "\U0001f3f4"
_VARIATION = "\ufe0e\ufe0f"

_JOINED_SCRIPTS_TEXT = """
    ARABIC SYRIAC MANDAIC MONGOLIAN NKO PHAGS_PA ADLAM DEVANAGARI BENGALI GURMUKHI GUJARATI ORIYA TAMIL TELUGU
    KANNADA MALAYALAM SINHALA TIBETAN KHMER MYANMAR BALINESE JAVANESE SUNDANESE TAI_THAM CHAKMA TIRHUTA NEWA
"""
_JOINED_SCRIPTS = frozenset(_JOINED_SCRIPTS_TEXT.split())
"""In which a joiner or its opposite changes what is read (RFC 5892, appendix A, and the emoji sequences beside it)."""

_UNSPACED_SCRIPTS = """
    HAN HIRAGANA KATAKANA BOPOMOFO THAI LAO KHMER MYANMAR TAI_LE TAI_THAM TIBETAN
"""
UNSPACED_SCRIPTS = frozenset(_UNSPACED_SCRIPTS.split())
"""In which words are not set apart."""

_MIXES = [
    {"LATIN", "HAN", "HIRAGANA", "KATAKANA"},
    {"LATIN", "HAN", "BOPOMOFO"},
    {"LATIN", "HAN", "HANGUL"},
]
"""Scripts that one word may be written in together (UTS 39, "Highly Restrictive")."""

_MIXABLE_TEXT = """
    LATIN CYRILLIC GREEK ARMENIAN CHEROKEE COPTIC GEORGIAN LISU TIFINAGH
"""
_MIXABLE = frozenset(_MIXABLE_TEXT.split())
"""Scripts whose letters pass for one another."""

_AS_USUAL_TEXT = """
    wide narrow font circle initial medial final isolated
"""
_AS_USUAL = frozenset(_AS_USUAL_TEXT.split())
"""Compatibility letters (Unicode Standard Annex 44, table 14) that read as the usual ones."""

_MOST_MARKS = 4
"""So many accents stand on a letter in no orthography."""


@cache
def script_of(letter: str) -> str:
    """`LATIN`, `HAN`, ...; `COMMON` and `INHERITED` for what every script uses."""
    return str(categories.alias(letter))


def without_idle_marks(text: str) -> str:
    """A line without marks that show nothing and that no script needs: a joiner between two Latin letters, an override.

    Directional isolates stay where each is closed again.
    """
    balanced = _isolates_balanced(text)
    kept: list[str] = []
    for at, letter in enumerate(text):
        before = kept[-1] if kept else ""
        if letter in _OVERRIDES or (letter in _ISOLATES and not balanced) or letter in "\u200b\u2060\ufeff":
            continue
        if letter in JOINERS and not _joins(before, text[at + 1 : at + 2]):
            continue
        kept.append(letter)
    return "".join(kept)


def _isolates_balanced(text: str) -> bool:
    depth = 0
    for letter in text:
        depth += _ISOLATES.get(letter, 0)
        if depth < 0:
            return False
    return depth == 0


def _joins(before: str, after: str) -> bool:
    if not before:
        return False
    if script_of(before) in _JOINED_SCRIPTS:
        return True
    emoji = unicodedata.category(before) in ("So", "Sk") or before in _VARIATION
    return emoji and bool(after) and unicodedata.category(after) in ("So", "Sm")


def refuse_directions(text: str) -> str:
    """The text; ValueError (its text is for people) for marks that turn a name around, and all that stands after it."""
    if any(letter in _DIRECTIONS for letter in text):
        raise ValueError("Please write the name without marks that turn the direction of text.")
    return text


def plain_name(line: str) -> str:
    """A name as it is stored; ValueError (its text is for people) if it cannot be read, or reads as something else.

    Marks that show nothing go, and letters of a typographic kind become the usual ones: `Ｎｏｒａ` and `𝐍𝐨𝐫𝐚` are Nora.
    """
    shown = "".join(_usual(letter) for letter in line)
    name = unicodedata.normalize("NFC", " ".join("".join(_shown_only(shown)).split()))
    if not any(_is_readable(letter) for letter in name):
        raise ValueError("Please enter a name.")
    if any(unicodedata.category(letter) in ("Cn", "Co") for letter in name):
        raise ValueError("Please use letters that others can see too.")
    if unicodedata.category(name[0]).startswith("M") or _has_heaps_of_marks(name):
        raise ValueError("Please write the name with fewer accents.")
    if _mixes_scripts(name):
        raise ValueError("Please write the name in the letters of one alphabet.")
    return name


def _usual(letter: str) -> str:
    if letter in BLANKS:
        return " "
    kind = unicodedata.decomposition(letter).partition(">")[0].removeprefix("<")
    return unicodedata.normalize("NFKC", letter) if kind in _AS_USUAL else letter


def _shown_only(text: str) -> list[str]:
    """Without default-ignorable marks, except joiners (which were checked), and those of emoji after an emoji."""
    kept: list[str] = []
    for letter in text:
        before = kept[-1] if kept else ""
        tags = ord(letter) in _FLAG_TAGS and (before == _BLACK_FLAG or (before and ord(before) in _FLAG_TAGS))
        variation = letter in _VARIATION and unicodedata.category(before or " ") in ("So", "Sm", "Po", "Nd")
        if letter in JOINERS or tags or variation or not _is_ignorable(letter):
            kept.append(letter)
    return kept


def _is_ignorable(letter: str) -> bool:
    code = ord(letter)
    selectors = 0xFE00 <= code <= 0xFE0F or 0x180B <= code <= 0x180F or code == 0x034F
    return unicodedata.category(letter) == "Cf" or selectors or 0xE0000 <= code <= 0xE0FFF


def _is_readable(letter: str) -> bool:
    return unicodedata.category(letter) in ("Lu", "Ll", "Lt", "Lo", "Lm", "Nd", "Nl", "No", "So")


def _has_heaps_of_marks(name: str) -> bool:
    marks = 0
    for letter in unicodedata.normalize("NFD", name):
        accent = unicodedata.category(letter) in ("Mn", "Me") and letter not in _VARIATION
        marks = marks + 1 if accent else 0
        if marks > _MOST_MARKS:
            return True
    return False


def _mixes_scripts(name: str) -> bool:
    words = [{script_of(letter) for letter in word} & _MIXABLE for word in _words(name)]
    if any(len(scripts) > 1 for scripts in words):
        return True
    every = set().union(*words)
    if len(every) < 2:
        return any(not _may_stand_together(word) for word in _words(name))
    # Two alphabets, a word each: fine (Nora Линдквист) unless a word passes for one of the other alphabet.
    return any(
        word.isalpha() and "LATIN" not in scripts and latin_look(word).isascii()
        for word, scripts in zip(_words(name), words, strict=True)
        if scripts
    )


def _may_stand_together(word: str) -> bool:
    scripts = {script_of(letter) for letter in word} - {"COMMON", "INHERITED"}
    if len(scripts) < 2 or any(scripts <= mix for mix in _MIXES):
        return True
    return not scripts & (_MIXABLE - {"LATIN"})


def _words(name: str) -> list[str]:
    return "".join(letter if unicodedata.category(letter)[0] in "LMN" else " " for letter in name).split()


def latin_look(text: str) -> str:
    """The text with each letter that looks like an ASCII one written as that: what a hurried reader reads."""
    return "".join(_latin_twin(letter) for letter in text)


@cache
def _latin_twin(letter: str) -> str:
    if letter.isascii() or not letter.isalpha():
        return letter
    found = confusables.confusables_data.get(letter, [])
    return next((each["c"] for each in found if each["c"].isascii() and each["c"].isalpha()), letter)
