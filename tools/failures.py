"""Which tests of a suite failed, from pytest's own report, so that the end of a long log says it."""

from pathlib import Path
from xml.etree import ElementTree

LONGEST = 300


def failures(report: Path) -> list[str]:
    """A line for each failed test: where it is, and the start of what it said. Empty without a readable report.

    `report` is JUnit's XML as pytest writes it (https://docs.pytest.org/en/stable/how-to/output.html).
    """
    try:
        cases = ElementTree.parse(report).iter("testcase")  # noqa: S314  # written by our own pytest a moment ago
        return [_line(case, part) for case in cases for part in (*case.findall("failure"), *case.findall("error"))]
    except (OSError, ElementTree.ParseError):
        return []


def _line(case: ElementTree.Element, part: ElementTree.Element) -> str:
    said = " ".join(part.get("message", "").split())[:LONGEST]
    return f"{case.get('classname', '')}::{case.get('name', '')}: {said}"
