"""What a file is called where it is saved: nothing in a name reaches further than the name."""

import pytest

from app.call.contract.files import LONGEST_NAME, LONGEST_NAME_BYTES, clean_file_name

CLEANED = {
    "plan.pdf": "plan.pdf",
    "../../etc/passwd": "passwd",
    "C:\\Windows\\evil.exe": "evil.exe",
    "/": "file",
    "": "file",
    "...": "file",
    " .bashrc ": "bashrc",
    "a\u0000b\nc\u007f.txt": "abc.txt",
    "invoice\u202efdp.exe": "invoicefdp.exe",
    "\u2066a\u2069\u200e\u200f\u061c\ufeff.txt": "a.txt",
    "a\u2028b\u2029.txt": "ab.txt",
    'a<b>:"|?*.txt': "a_b______.txt",
    "con": "_con",
    "LPT1.txt": "_LPT1.txt",
    "console.txt": "console.txt",
    "trailing. . ": "trailing",
    "Trainingsplan für Zoë.pdf": "Trainingsplan für Zoë.pdf",
    "Zoe\u0308.pdf": "Zoë.pdf",
    "训练计划.pdf": "训练计划.pdf",
    "خطة التدريب.pdf": "خطة التدريب.pdf",
    "می\u200cخواهم.txt": "می\u200cخواهم.txt",
    "👩\u200d🏫 notes.md": "👩\u200d🏫 notes.md",
    "<img src=x onerror=alert(1)>.png": "_img src=x onerror=alert(1)_.png",
    "\u200d\u200c": "file",
}
"""The page has to do the same (tests/callpage)."""


@pytest.mark.parametrize("name", CLEANED)
def test_a_name_is_cleaned(name: str) -> None:
    assert clean_file_name(name) == CLEANED[name]


@pytest.mark.parametrize("name", CLEANED)
def test_a_clean_name_stays_as_it_is(name: str) -> None:
    assert clean_file_name(CLEANED[name]) == CLEANED[name]


@pytest.mark.parametrize("letter", ["x", "ß", "训", "👩"])
def test_a_long_name_keeps_its_beginning_and_its_ending(letter: str) -> None:
    found = clean_file_name(letter * 1000 + ".pdf") if letter != "x" else clean_file_name("x" * 400 + ".pdf")
    assert len(found) <= LONGEST_NAME
    assert len(found.encode()) <= LONGEST_NAME_BYTES
    assert found.startswith(letter)
    assert clean_file_name("x" * 400 + ".pdf").endswith("x.pdf")


def test_an_ending_that_is_none_is_cut() -> None:
    assert len(clean_file_name("a." + "b" * 300)) <= LONGEST_NAME
